"""No exported column of any table is forgotten, and nothing else is given away."""

import csv
import datetime
import decimal
import io
import json
import uuid
import zipfile

import pytest
from sqlalchemy import insert

from bee_customers.models import Base, Customer, CustomerNote, CustomerOrder
from bee_customers.services.privacy import exports, footprints, personal_data
from bee_customers.services.privacy.personal_data import TABLES
from bee_customers.services.privacy.subjects import Subject, SubjectHashes
from tests import marks
from tests.factories import new_customer

NOW = datetime.datetime(2026, 3, 1, 8, 15, tzinfo=datetime.UTC)
USER, CUSTOMER = uuid.uuid4(), uuid.uuid4()


def archive(database, subject):
    """The files of a subject's export."""
    footprint = footprints.gather(database.transaction(), subject, SubjectHashes("k"))
    written = io.BytesIO()
    exports.write_archive(database, [], footprint, written, NOW)
    with zipfile.ZipFile(written) as opened:
        assert opened.testzip() is None
        return {name: opened.read(name) for name in opened.namelist()}


def plain(value):
    """As JSON writes it."""
    if isinstance(value, datetime.datetime):
        return value.isoformat().replace("+00:00", "Z")
    return str(value) if isinstance(value, uuid.UUID | decimal.Decimal | datetime.date) else value


@pytest.fixture
def filled(database):
    with database.session() as session:
        return marks.fill(session, USER, CUSTOMER)


def test_every_exported_column_of_every_table_is_in_the_archive(database, filled):
    files = archive(database, Subject(user_id=USER))
    for table in TABLES.values():
        wanted = {column.name: plain(filled[table.name][column.name]) for column in table.exported}
        if wanted:
            (found,) = json.loads(files[f"data/{table.name}.json"])
            assert found == wanted
    assert {name for name in files if name.startswith("data/")} == {
        f"data/{table.name}.json" for table in TABLES.values() if table.exported
    }


def test_nothing_of_other_columns_is_given_away(database, filled):
    everything = b"".join(archive(database, Subject(user_id=USER)).values())
    hidden = {
        f"{name}.{column}": str(value)
        for name, row in filled.items()
        for column, value in row.items()
        if "export" not in personal_data.marks_of(Base.metadata.tables[name].columns[column])
        and isinstance(value, str)
        and value.startswith("mark")
    }
    assert {"customer_note.author", "event.actor", "customer.search_text"} <= set(hidden)
    assert [place for place, mark in hidden.items() if mark.encode() in everything] == []


def test_what_is_of_others_is_not_in_the_archive(database, filled):
    with database.session() as session:
        others = marks.fill(session, uuid.uuid4(), uuid.uuid4())
    everything = b"".join(archive(database, Subject(user_id=USER)).values())
    for name, row in others.items():
        for column, value in row.items():
            if isinstance(value, str) and value.startswith("mark"):
                assert value.encode() not in everything, f"{name}.{column}"
    assert str(others["customer"]["id"]).encode() not in everything


def test_an_empty_table_is_an_empty_array(database, internal):
    made = new_customer(internal, user_id=str(USER), tags=[])
    files = archive(database, Subject(user_id=USER))
    assert json.loads(files["data/customer_note.json"]) == json.loads(files["data/tag.json"]) == []
    assert [row["id"] for row in json.loads(files["data/customer.json"])] == [made["id"]]


def rows_of(content):
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


FORMULAS = ["=1+1", "+40722123456", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =cmd|' /C calc'!A0", "\uff1dcmd()"]


def test_sheets_hold_all_orders_and_notes_and_no_formula(database, internal):
    customer = uuid.UUID(new_customer(internal, user_id=str(USER))["id"])
    with database.session() as session:
        for number, content in enumerate([*FORMULAS, 'a "quoted"; note,\nof two lines']):
            note = {"customer_id": customer, "id": uuid.UUID(int=number), "content": content, "author": "x"}
            session.execute(insert(CustomerNote).values(**note, created_at=NOW))
        for order_id in ("=HYPERLINK(1)", "A-1"):
            order = {"customer_id": customer, "order_id": order_id, "kind": "order", "status": "placed"}
            times = {"ordered_at": NOW, "updated_at": NOW}
            session.execute(insert(CustomerOrder).values(**order, **times, amount=decimal.Decimal("149.90")))
        session.commit()
        business = session.get(Customer, customer).business_id
    files = archive(database, Subject(user_id=USER))
    notes, orders = rows_of(files["notes.csv"]), rows_of(files["orders.csv"])
    assert [note["content"] for note in notes][:-1] == [f"'{content}" for content in FORMULAS]
    assert notes[-1]["content"] == 'a "quoted"; note,\nof two lines'
    assert sorted(order["order_id"] for order in orders) == ["'=HYPERLINK(1)", "A-1"]
    assert orders[1] | {"order_id": ""} == {
        "business_id": str(business),
        "customer_id": str(customer),
        "order_id": "",
        "kind": "order",
        "status": "placed",
        "amount": "149.90",
        "ordered_at": "2026-03-01T08:15:00Z",
        "updated_at": "2026-03-01T08:15:00Z",
    }
    assert [note["content"] for note in json.loads(files["data/customer_note.json"])][:1] == FORMULAS[:1]
