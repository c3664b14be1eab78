"""The map reaches every table, and every column has a mark."""

import uuid

import pytest
from sqlalchemy import Column, MetaData, Table, Text, Uuid, func, insert

from bee_customers.db.statements import compiled
from bee_customers.models import Base, Customer
from bee_customers.models.base import EXPORT_AND_ERASE, KEEP
from bee_customers.services.privacy import personal_data
from bee_customers.services.privacy.personal_data import HOLDS_NO_SUBJECT, TABLES

NOBODY = personal_data.parameters(None, [])


@pytest.mark.parametrize("name", Base.metadata.tables)
def test_every_table_is_on_the_map_or_said_to_hold_nobody(name):
    assert (name in TABLES) != (name in HOLDS_NO_SUBJECT)


@pytest.mark.parametrize("name", Base.metadata.tables)
def test_every_column_has_a_mark_that_the_map_understands(name):
    for column in Base.metadata.tables[name].columns:
        assert personal_data.marks_of(column) in ({"export"}, {"erase"}, {"export", "erase"}, {"keep"})


@pytest.mark.parametrize("name", HOLDS_NO_SUBJECT)
def test_a_table_that_holds_nobody_has_nothing_to_export_or_erase(name):
    table = Base.metadata.tables.get(name)
    assert table is None or {mark for column in table.columns for mark in personal_data.marks_of(column)} == {
        "keep"
    }


@pytest.mark.parametrize("odd", [uuid.UUID(int=0), uuid.UUID(int=2**128 - 1)])
def test_nobody_is_not_mistaken_for_somebody_with_an_odd_id(database, odd):
    row = {"id": odd, "user_id": odd, "business_id": odd, "full_name": "x", "name_key": "x", "search_text": "x"}
    with database.session() as session:
        session.execute(insert(Customer).values(**row, created_at=func.now(), updated_at=func.now()))
        session.commit()
    table = TABLES["customer"]
    for nobody in (NOBODY, personal_data.parameters(uuid.uuid4(), [uuid.uuid4()])):
        assert database.read(table.select(table.exported), nobody) == []


@pytest.mark.parametrize("name", TABLES)
def test_the_rows_of_nobody_are_asked_for_and_there_are_none(database, name):
    table = TABLES[name]
    statement = table.select(table.exported or table.table.primary_key.columns)
    assert database.read(statement, NOBODY) == []
    assert database.read(statement, personal_data.parameters(uuid.uuid4(), [uuid.uuid4(), uuid.uuid4()])) == []


def made(name, *columns):
    return Table(name, MetaData(), *columns)


def test_a_table_that_no_way_leads_to_is_refused():
    with pytest.raises(LookupError, match="the table wax"):
        personal_data.way_to(made("wax", Column("id", Uuid(), primary_key=True, info=KEEP)))


def test_a_new_table_of_customers_is_reached_by_itself():
    table = made(
        "honey", Column("customer_id", Uuid(), primary_key=True, info=KEEP), Column("x", Text(), info=KEEP)
    )
    assert "honey.customer_id = ANY" in str(personal_data.way_to(table))


def test_a_column_without_a_mark_is_an_error():
    table = made(
        "honey", Column("customer_id", Uuid(), primary_key=True), Column("x", Text(), info=EXPORT_AND_ERASE)
    )
    with pytest.raises(KeyError):
        personal_data.tables_of([table])["honey"].exported  # noqa: B018


def test_the_marks_decide_what_is_exported_and_erased():
    note = TABLES["customer_note"]
    assert [column.name for column in note.exported] == ["customer_id", "id", "content", "created_at"]
    assert [column.name for column in note.erased] == ["content", "author"]
    assert compiled(note.select(note.exported)).sql
