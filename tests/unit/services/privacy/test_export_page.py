"""The page of an export: readable, whole, and nothing in it that acts or leads elsewhere."""

import base64
import datetime
import hashlib
import re
import uuid
from html.parser import HTMLParser

import pytest
from sqlalchemy import insert

from bee_customers.models import CustomerNote, CustomerOrder
from bee_customers.services.privacy import export_page, export_reading, footprints
from bee_customers.services.privacy.stores import avatar_entry
from bee_customers.services.privacy.subjects import Subject, SubjectHashes
from tests.factories import BUSINESS, OTHER_BUSINESS, new_customer
from tests.unit.services.privacy.test_requests import add

NOW = datetime.datetime(2026, 3, 1, 8, 15, tzinfo=datetime.UTC)
USER = uuid.uuid4()
ME = Subject(user_id=USER)
HASHES = SubjectHashes("a secret of the tests")
HOSTILE = "<script>alert('x')</script>\"><img src=x onerror=alert(1)>"


class Read(HTMLParser):
    """Elements with their attributes, the texts that a person sees, and the cells of each table."""

    def __init__(self, page):
        super().__init__()
        self.elements, self.texts, self.tables = [], [], []
        self._open = []
        self.feed(page)
        assert self._open == []

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag not in ("meta", "img"):
            self._open.append(tag)
        if tag == "table":
            self.tables.append([])
        if tag == "tr":
            self.tables[-1].append([])
        if tag in ("td", "th"):
            self.tables[-1][-1].append("")

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, text):
        if self._open and self._open[-1] != "style":
            self.texts.append(text)
        if {"td", "th"} & set(self._open):
            self.tables[-1][-1][-1] += text

    def attributes(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]


def page(database, pictures=None):
    footprint = footprints.gather(database.transaction(), ME, HASHES)
    with database.snapshot() as snapshot:
        return b"".join(export_page.pieces(snapshot, footprint, pictures or {}, NOW)).decode()


def give(database, customer, notes=(), orders=()):
    with database.session() as session:
        for number, content in enumerate(notes):
            note = {"customer_id": customer, "id": uuid.UUID(int=number), "content": content, "author": "x"}
            session.execute(insert(CustomerNote).values(**note, created_at=NOW))
        for number, order_id in enumerate(orders):
            at = NOW + datetime.timedelta(days=number)
            order = {"customer_id": customer, "order_id": order_id, "kind": "order", "status": "placed"}
            session.execute(insert(CustomerOrder).values(**order, amount="149.90", ordered_at=at, updated_at=at))
        session.commit()


def made(internal, **fields):
    return new_customer(internal, user_id=str(USER), **fields)


def test_a_person_finds_name_contact_tags_orders_notes_and_what_was_done(internal, admin, database):
    one, two = made(internal, tags=["VIP", "B2B"]), made(internal, business_id=OTHER_BUSINESS, email=None)
    give(database, one["id"], notes=["Sună după ora 17.\nبعد الظهر"], orders=["A-1", "A-2"])
    admin.merge(f"/{two['id']}", {"full_name": "Ștefania Bălan", "phone": None})
    read = Read(page(database))
    wanted = {one["full_name"], one["email"], one["phone"], "VIP", "B2B", BUSINESS, OTHER_BUSINESS, "none"}
    assert wanted <= set(read.texts)
    orders, notes, done, done_by_two = read.tables[:4]
    assert orders[0] == ["Ordered", "Number", "Kind", "Status", "Amount"]
    assert orders[1:] == [
        ["2026-03-02 08:15", "A-2", "order", "placed", "149.90"],
        ["2026-03-01 08:15", "A-1", "order", "placed", "149.90"],
    ]
    assert notes[1:] == [["2026-03-01 08:15", "Sună după ora 17.\nبعد الظهر"]]
    assert [row[1] for row in done[1:]] == ["created"]
    assert [row[1:] for row in done_by_two[1:2]] == [["changed", "phone: none\nfull name: Ștefania Bălan"]]
    assert read.texts.count("There are no orders.") == 1


def test_earlier_requests_are_told(internal, database, requests):
    made(internal)
    add(requests, ME, requested_at=NOW)
    assert ["2026-03-01 08:15", "export", "done", "2026-03-01 08:15"] in Read(page(database)).tables[-2]


def test_nothing_that_came_from_outside_is_markup(internal, database):
    customer = made(internal, full_name=HOSTILE, email=None, tags=["<b>", "&amp;"])
    give(database, customer["id"], notes=[HOSTILE, "</td></table>"], orders=["<i>", '"><script>'])
    read = Read(page(database))
    assert {"script", "b", "i"} & {tag for tag, _ in read.elements} == set()
    assert read.attributes("img") == []
    assert read.texts.count(HOSTILE) == 2
    assert {"<b>", "&amp;", "<i>", '"><script>', "</td></table>"} <= set(read.texts)


def test_the_page_has_no_script_and_no_address_and_forbids_all(internal, database):
    customer = made(internal)
    written = page(database, {avatar_entry(uuid.UUID(customer["id"])): b"a picture"})
    read = Read(written)
    assert {tag for tag, _ in read.elements} & {"script", "link", "iframe", "a", "form", "object", "base"} == set()
    assert re.findall(r"(?:https?:)?//[a-z]|url\(|@import", written) == []
    ((image,), (policy, *_)) = read.attributes("img"), read.attributes("meta")[1:]
    assert image["src"] == "data:image/webp;base64," + base64.b64encode(b"a picture").decode()
    assert policy["http-equiv"] == "Content-Security-Policy"
    assert [name for _, attributes in read.elements for name in attributes if name.startswith("on")] == []
    assert [attributes for _, attributes in read.elements if "style" in attributes] == []
    style = re.search(r"<style>(.*?)</style>", written, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy["content"].split("; ") == [
        "default-src 'none'",
        "img-src data:",
        f"style-src 'sha256-{digest}'",
        "base-uri 'none'",
        "form-action 'none'",
    ]


@pytest.mark.parametrize("count", [2, 3, 5])
def test_of_a_long_list_the_newest_are_shown_and_the_rest_is_counted(internal, database, monkeypatch, count):
    monkeypatch.setattr(export_reading, "ROWS_MOST", 2)
    give(database, made(internal)["id"], orders=[f"A-{number}" for number in range(count)])
    read = Read(page(database))
    assert [row[1] for row in read.tables[0][1:]] == [f"A-{count - 1}", f"A-{count - 2}"]
    told = [text for text in read.texts if "older ones" in text]
    assert told == ([f"And {count - 2} older ones, which are in orders.csv."] if count > 2 else [])


def test_what_an_event_cannot_tell_any_more_is_left_out(internal, database):
    customer = made(internal)
    with database.session() as session:
        session.connection().exec_driver_sql("UPDATE event SET payload = payload - 'changes'")
        session.commit()
    assert customer["id"] in page(database)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (None, ""),
        ([], ""),
        ({"tags": []}, "tags: none"),
        ({"tags": ["a", "b"], "email": None}, "tags: a, b\nemail: none"),
        ({"total_orders": 1, "x": {"y": 2}}, 'total orders: 1\nx: {"y":2}'),
    ],
)
def test_changes_are_a_line_for_each_field(changes, told):
    assert export_reading._changes(changes) == told
