"""Customers as CSV and JSON lines."""

import csv
import datetime
import io
import json
import re
import uuid

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bee_customers.services import customer_exports
from bee_customers.services.csv_cells import guard, join_tags, split_tags, unguard
from bee_customers.services.customer_exports import FIELDS, export
from bee_customers.services.customer_lists import Filters
from tests.factories import BUSINESS, OTHER_BUSINESS
from tests.functional import rows
from tests.operations.people import add, shown

modest = settings(
    max_examples=8,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
# what the rules leave in, and what could stand in older rows
tricky = st.text(st.sampled_from("'=+-@\t\r\n;[]\"\\ a,ș%:{}"), max_size=6) | st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20
)
texts = tricky.filter(bool)
names = texts.map(str.strip).filter(lambda name: name and "\n" not in name)


class Lines:
    def __init__(self):
        self.blocks = []

    def write(self, lines):
        self.blocks.append(lines)

    @property
    def text(self):
        return b"".join(self.blocks).decode()


def exported(database, form="csv", is_raw=False, **filters):
    lines = Lines()
    count = export(database, Filters(**filters), lines, form, is_raw=is_raw)
    assert count == (len(read(lines.text)) if form == "csv" else lines.text.count("\n"))
    return lines.text


def read(text):
    return list(csv.DictReader(io.StringIO(text, newline="")))


def as_document(row):
    """What a reader makes of a line of CSV."""
    row = {name: unguard(cell) or None for name, cell in row.items()}
    numbers = {name: int(row[name]) for name in ("total_orders", "version")}
    return with_times({**row, **numbers, "tags": split_tags(row["tags"] or "")})


def with_times(document):
    """Times are told with Z, and to the microsecond where there are any."""
    for name in ("created_at", "updated_at"):
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z", document[name])
    return document | {
        name: datetime.datetime.fromisoformat(document[name]) for name in ("created_at", "updated_at")
    }


@pytest.fixture
def database(committing_database):
    return committing_database


@pytest.fixture
def people(database):
    """One who has all, one who has nothing, one of another business."""
    everything = {"email": "ana@example.com", "phone": "+40722123456", "gender": "female", "user_id": uuid.uuid4()}
    made = [add(database, full_name="Ana", tags=["VIP", "b2b"], **everything), add(database, full_name="Ben")]
    others = {
        "avatar_url": "/media/a.webp",
        "created_at": "2026-01-01T00:00:00Z",
        "updated_at": "2026-01-01T00:00:00.000500Z",
    }
    rows.set_customer(database, made[0]["id"], lifetime_value="10.50", total_orders=3, **others)
    made.append(add(database, full_name='Éva "Z", S.R.L.', business_id=uuid.UUID(OTHER_BUSINESS), tags=["VIP"]))
    return [shown(database, customer) for customer in made]


@pytest.fixture(params=[0, 20_000], ids=["tags of all", "own tags"])
def both_ways(request, monkeypatch):
    """Few customers look for their own tags, many are joined with those of all."""
    monkeypatch.setattr(customer_exports, "_MANY", request.param - 1)


@pytest.mark.usefixtures("both_ways")
class TestWhatIsWritten:
    def test_csv_reads_back_to_the_documents(self, database, people):
        text = exported(database)
        assert text.splitlines()[0] == ",".join(FIELDS)
        assert [as_document(row) for row in read(text)] == people

    def test_json_lines_are_the_documents(self, database, people):
        lines = exported(database, "jsonl").splitlines()
        assert [with_times(json.loads(line)) for line in lines] == people
        assert list(json.loads(lines[0])) == list(FIELDS)

    def test_every_filter_of_the_list_is_there(self, database, people):
        ana, ben, eva = (person["id"] for person in people)
        for filters, expected in (
            ({"business_id": uuid.UUID(BUSINESS)}, [ana, ben]),
            ({"tags": ("vip",)}, [ana, eva]),
            ({"search": "eva z"}, [eva]),
            ({"search": "100%_\\"}, []),
            ({"min_orders": 1, "gender": "female"}, [ana]),
        ):
            assert [row["id"] for row in read(exported(database, **filters))] == expected
            lines = exported(database, "jsonl", **filters).splitlines()
            assert [json.loads(line)["id"] for line in lines] == expected

    @given(
        people=st.lists(st.tuples(texts, tricky, st.lists(names, max_size=3, unique_by=str.casefold)), max_size=25)
    )
    @modest
    def test_sql_writes_the_very_cells_that_python_would(self, database, people):
        business = uuid.uuid4()
        made = []
        for name, url, tags in people:
            customer = add(database, business_id=business, tags=tags)
            rows.set_customer(database, customer["id"], full_name=name[:200], avatar_url=url)
            made.append((name[:200], url, shown(database, customer)["tags"]))
        cells = read(exported(database, business_id=business))
        for row, (name, url, tags) in zip(cells, made, strict=True):
            assert (row["full_name"], row["avatar_url"]) == (guard(name), guard(url))
            joined = join_tags(tags)
            if joined.startswith("["):
                assert json.loads(row["tags"]) == tags
            else:
                assert row["tags"] == guard(joined)
            assert split_tags(unguard(row["tags"])) == tags
        plain = read(exported(database, is_raw=True, business_id=business))
        assert [(row["full_name"], row["avatar_url"]) for row in plain] == [(name, url) for name, url, _ in made]
        lines = exported(database, "jsonl", business_id=business).split("\n")
        documents = [json.loads(line) for line in lines[:-1]]
        assert [(each["full_name"], each["avatar_url"], each["tags"]) for each in documents] == made


def test_a_phone_shows_as_text_unless_raw(database, people):
    assert read(exported(database))[0]["phone"] == "'+40722123456"
    assert read(exported(database, is_raw=True))[0]["phone"] == "+40722123456"


def test_what_is_empty_is_an_empty_cell_and_null(database, people):
    line = exported(database).splitlines()[2]
    assert '""' not in line
    empty = ("user_id", "email", "phone", "gender", "tags", "avatar_url")
    assert [name for name, cell in read(exported(database))[1].items() if not cell] == list(empty)
    document = json.loads(exported(database, "jsonl").splitlines()[1])
    assert [document[name] for name in empty] == [None, None, None, None, [], None]


def test_all_of_it_is_of_one_moment(database, people):
    """Who changes while it is written is written as it was."""

    class Changing(Lines):
        def write(self, lines):
            if not self.blocks:
                rows.set_customer(database, people[-1]["id"], full_name="changed")
            super().write(lines)

    for person in people:
        rows.set_customer(database, person["id"], avatar_url="x" * 10_000)
    lines = Changing()
    export(database, Filters(), lines)
    assert [row["full_name"] for row in read(lines.text)] == [person["full_name"] for person in people]


def test_what_a_sink_raises_reaches_the_caller_and_the_database_is_well(database, people):
    class Full:
        def write(self, lines):
            raise OSError(28, "full")

    with pytest.raises(OSError, match="full"):
        export(database, Filters(), Full())
    assert len(read(exported(database))) == 3


def test_nobody_is_a_heading_alone(database):
    assert exported(database) == ",".join(FIELDS) + "\n"
    assert exported(database, "jsonl") == ""
