"""Who was erased is known again by what imports bring, and by nothing else."""

import uuid

from bee_customers.db.engine import Database
from bee_customers.services.privacy.erased import ErasedSubjects
from bee_customers.services.privacy.subjects import SubjectHashes
from bee_customers.services.text import email_key
from bee_customers.storage.local import LocalStorage
from tests.client import Client
from tests.factories import BUSINESS, OTHER_BUSINESS, new_customer
from tests.unit.services.privacy.erasing import HASHES, SECRET, Eraser

USER, OTHER = str(uuid.uuid4()), str(uuid.uuid4())


def test_while_nobody_was_erased_there_is_nothing_to_ask(database: Database) -> None:
    erased = ErasedSubjects(HASHES)
    assert not erased.refresh(database.transaction())
    assert not erased.holds(USER, OTHER, BUSINESS, "ana@example.com")


def test_an_erased_subject_is_known_by_user_customer_and_address(
    internal: Client, database: Database, storage: LocalStorage
) -> None:
    made = new_customer(internal, user_id=USER, email="Ștefan.B@Example.com")
    Eraser(database, storage).erase(USER)
    erased = ErasedSubjects(HASHES)
    key = email_key("Ștefan.B@Example.com")
    assert erased.refresh(database.transaction())
    assert erased.holds(USER, None, OTHER_BUSINESS, None)
    assert erased.holds(None, made["id"], BUSINESS, None)
    assert erased.holds(None, None, BUSINESS, key)
    assert erased.holds(OTHER, OTHER, BUSINESS, key)
    for user_id, customer_id, business_id, email in (
        (OTHER, OTHER, BUSINESS, "other@example.com"),
        (None, None, OTHER_BUSINESS, key),
        (made["id"], USER, BUSINESS, None),
        (None, None, BUSINESS, None),
    ):
        assert not erased.holds(user_id, customer_id, business_id, email)


def test_under_another_key_nobody_is_known(internal: Client, database: Database, storage: LocalStorage) -> None:
    new_customer(internal, user_id=USER)
    Eraser(database, storage).erase(USER)
    erased = ErasedSubjects(SubjectHashes(SECRET + "x"))
    assert erased.refresh(database.transaction())
    assert not erased.holds(USER, None, BUSINESS, None)


def test_who_is_erased_later_is_learnt_of(internal: Client, database: Database, storage: LocalStorage) -> None:
    erased = ErasedSubjects(HASHES)
    assert not erased.refresh(database.transaction())
    new_customer(internal, user_id=USER)
    Eraser(database, storage).erase(USER)
    assert not erased.holds(USER, None, BUSINESS, None)
    assert erased.refresh(database.transaction())
    assert erased.holds(USER, None, BUSINESS, None)
