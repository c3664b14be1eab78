"""What holds for every table there is, and for every one to come."""

import decimal

import pytest
from sqlalchemy import Numeric, insert, text
from sqlalchemy.exc import IntegrityError

from bee_customers.db.engine import Database
from bee_customers.models import Base, base
from tests.unit.fresh_database import fresh_database

TABLES = Base.metadata.tables.values()
COLUMNS = {str(column): column for table in TABLES for column in table.columns}
MARKS = [base.EXPORT, base.ERASE, base.EXPORT_AND_ERASE, base.KEEP]
MONEY = {name: column for name, column in COLUMNS.items() if isinstance(column.type, Numeric)}
# What a customer owns. A stored reply belongs to who asked for it, and only tells whom it is about.
OWNED = {
    table.name: table
    for table in TABLES
    if "customer_id" in table.columns and not table.columns["customer_id"].nullable
}


@pytest.mark.parametrize("name", COLUMNS)
def test_every_column_says_what_privacy_does_with_it(name):
    assert COLUMNS[name].info in MARKS


@pytest.mark.parametrize("name", OWNED)
def test_what_a_customer_owns_has_a_key_that_begins_with_the_customer(name):
    assert next(iter(OWNED[name].primary_key.columns)).name == "customer_id"


def test_the_rules_above_look_at_something():
    assert {"customer_history", "customer_tag", "event"} <= set(OWNED)
    assert "customer.lifetime_value" in MONEY


@pytest.mark.parametrize("name", [name for name in COLUMNS if name.endswith("_at")])
def test_every_time_has_a_zone(name):
    assert COLUMNS[name].type.timezone


def example(table):
    """A row of any table, by the types of its columns; its parents are not looked for."""
    examples = {"UUID": "0190d3a4-6f5b-7c1e-9a53-2f8f4a1b7c9d", "TEXT": "x", "DATETIME": "2026-01-31T12:00:00Z"}
    row = {"kind": "order", "status": "placed"} if table.name == "customer_order" else {}
    for column in table.columns:
        if (
            column.name not in row
            and not column.nullable
            and column.server_default is None
            and column.identity is None
        ):
            kind = column.type.__visit_name__.upper()
            row[column.name] = examples.get(kind, 1)
    return row | ({"kind": "order", "status": "placed"} if table.name == "customer_order" else {})


@pytest.fixture
def without_parents(database):
    with database.session() as session:
        session.connection().exec_driver_sql("SET LOCAL session_replication_role = replica")
        yield session


@pytest.mark.parametrize("name", MONEY)
@pytest.mark.parametrize("amount", ["NaN", "-0.01"])
def test_money_is_a_number_and_not_below_zero(without_parents, name, amount):
    table, column = MONEY[name].table, MONEY[name].name
    row = example(table)
    with without_parents.begin_nested():
        without_parents.execute(insert(table).values(row | {column: decimal.Decimal("0.01")}))
    for primary in table.primary_key.columns:
        row[primary.name] = "0190d3a4-6f5b-7c1e-9a53-2f8f4a1b7c9e"
    with pytest.raises(IntegrityError, match="check constraint"):
        without_parents.execute(insert(table).values(row | {column: decimal.Decimal(amount)}))


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("customer", {"full_name": ""}),
        ("customer", {"full_name": "x" * 201}),
        ("customer", {"gender": "unknown"}),
        ("customer", {"total_orders": -1}),
        ("tag", {"name": ""}),
        ("tag", {"name": "x" * 51}),
        ("customer_note", {"content": ""}),
        ("customer_note", {"content": "x" * 10_001}),
        ("customer_order", {"kind": "gift"}),
        ("customer_order", {"status": "lost"}),
    ],
)
def test_the_database_keeps_the_rules_too(without_parents, table, change):
    row = example(Base.metadata.tables[table])
    with pytest.raises(IntegrityError, match="check constraint"):
        without_parents.execute(insert(Base.metadata.tables[table]).values(row | change))


CHECKS = text(
    "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint "
    "WHERE contype = 'c' AND connamespace = 'public'::regnamespace ORDER BY conname"
)


def test_migrations_make_the_same_checks_as_the_models(postgres, database):
    """alembic's comparison leaves CHECK constraints out."""
    with fresh_database(postgres) as url:
        of_models = Database(url)
        Base.metadata.create_all(of_models.writer)
        assert of_models.read(CHECKS) == database.read(CHECKS) != []
        of_models.close()
