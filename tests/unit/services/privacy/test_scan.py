"""The last look: whatever is left of a subject, in whichever table, is found."""

import uuid

import pytest

from bee_customers.db.engine import Database
from bee_customers.models import Base
from bee_customers.services.privacy import scan
from bee_customers.services.privacy.footprints import Footprint
from bee_customers.services.privacy.personal_data import HOLDS_NO_SUBJECT
from tests import marks
from tests.functional import rows

USER, CUSTOMER = uuid.uuid4(), uuid.uuid4()
ME = Footprint(subject_hash="a" * 64, user_id=USER, customer_ids=(CUSTOMER,), avatars={})
OTHER = Footprint(subject_hash="b" * 64, user_id=uuid.uuid4(), customer_ids=(uuid.uuid4(),), avatars={})
NAMED = {"event": "actor", "customer_note": "author", "privacy_request": "cancelled_by"}


@pytest.fixture
def filled(database: Database) -> dict[str, marks.Row]:
    """A row of the subject in every table, which names it as staff too."""
    with database.session() as session:
        made = marks.fill(session, USER, CUSTOMER)
    for table, column in NAMED.items():
        rows.run(database, f"UPDATE {table} SET {column} = :user", user=str(USER))
    return made


def count(database: Database, *footprints: Footprint, own: tuple[uuid.UUID, ...] = ()) -> dict[str, int]:
    transaction = database.transaction()
    found = scan.count(transaction, footprints, own)
    transaction.commit()
    return dict(found)


def test_what_is_left_is_found_in_every_table_there_is(database: Database, filled: dict[str, marks.Row]) -> None:
    found = count(database, ME)
    tables = Base.metadata.tables.keys() - HOLDS_NO_SUBJECT
    names = {"customer.user_id", *(f"{table}.{column}" for table, column in NAMED.items())}
    assert found == dict.fromkeys(tables | names, 1)
    assert set(found) == set(scan.PLACES)


def test_of_others_nothing_is_found(database: Database, filled: dict[str, marks.Row]) -> None:
    assert count(database, OTHER) == {}
    assert count(database, OTHER, ME) == count(database, ME)


@pytest.mark.parametrize("known", ["user", "customer"])
def test_a_customer_is_found_by_its_user_as_well_as_by_itself(
    database: Database, filled: dict[str, marks.Row], known: str
) -> None:
    nobody = Footprint(subject_hash="c" * 64, user_id=None, customer_ids=(), avatars={})
    by_user = Footprint(subject_hash="c" * 64, user_id=USER, customer_ids=(), avatars={})
    by_itself = Footprint(subject_hash="c" * 64, user_id=None, customer_ids=(CUSTOMER,), avatars={})
    assert count(database, nobody) == {}
    found = count(database, {"user": by_user, "customer": by_itself}[known])
    assert found.keys() & {"customer", "customer.user_id"} == {
        {"user": "customer.user_id", "customer": "customer"}[known]
    }


def test_an_event_without_values_and_the_request_itself_may_stay(
    database: Database, filled: dict[str, marks.Row]
) -> None:
    rows.run(database, "UPDATE event SET payload = payload - 'changes', actor = 'erased'")
    found = count(database, ME, own=(filled["privacy_request"]["id"],))
    assert found.keys() & {"event", "event.actor", "privacy_request"} == set()
    assert "privacy_request" in count(database, ME, own=(uuid.uuid4(),))
