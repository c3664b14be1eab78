"""Subjects: their customers, and the hashes they are known again by."""

import uuid

import pytest

from bee_customers.errors import SubjectHasUser
from bee_customers.services.privacy import subjects
from bee_customers.services.privacy.subjects import Subject, SubjectHashes
from bee_customers.settings import load
from tests.factories import BUSINESS, OTHER_BUSINESS, new_customer

USER = uuid.UUID("7c1d5a2e-93f4-4b7a-8a61-2f3e4d5c6b7a")


def test_a_user_is_all_its_customers_by_ascending_id(internal, database):
    made = [new_customer(internal, user_id=str(USER), business_id=name) for name in (OTHER_BUSINESS, BUSINESS)]
    new_customer(internal)
    found = subjects.customers_of(database.transaction(), Subject(user_id=USER))
    assert [str(customer.id) for customer in found] == sorted(one["id"] for one in made)
    assert {customer.email for customer in found} == {one["email"] for one in made}


def test_a_customer_without_a_user_is_a_subject_of_its_own(internal, database):
    made = new_customer(internal, user_id=None)
    found = subjects.customers_of(database.transaction(), Subject(customer_id=uuid.UUID(made["id"])))
    assert [str(customer.id) for customer in found] == [made["id"]]


def test_a_customer_of_a_user_is_not(customer, database):
    with pytest.raises(SubjectHasUser):
        subjects.customers_of(database.transaction(), Subject(customer_id=uuid.UUID(customer["id"])))


def test_a_subject_that_nobody_is_has_no_customers(database):
    assert subjects.customers_of(database.transaction(), Subject(user_id=USER)) == []


@pytest.mark.parametrize("fields", [{}, {"user_id": USER, "customer_id": USER}])
def test_a_subject_is_either_a_user_or_a_customer(fields):
    with pytest.raises(ValueError, match="either"):
        Subject(**fields)


def test_all_that_a_subject_can_be_known_again_by(internal, database):
    made = new_customer(internal, user_id=str(USER), email="Ștefan@Example.com")
    subject = Subject(user_id=USER)
    found = subjects.customers_of(database.transaction(), subject)
    assert subjects.identities(subject, found) == [
        f"user:{USER}",
        f"customer:{made['id']}",
        f"email:{BUSINESS}:ștefan@example.com",
    ]


def test_two_writings_of_one_address_are_one_identity():
    writings = ("S\u0326tefan@Example.com", "\u0218TEFAN@example.COM")
    assert len({subjects.email_identity(BUSINESS, email) for email in writings}) == 1


def test_hashes_tell_identities_and_secrets_apart_and_name_nobody():
    hashes = [
        SubjectHashes(secret).of(identity) for secret in ("one", "two") for identity in (f"user:{USER}", "user:x")
    ]
    assert len(set(hashes)) == 4
    assert {len(one) for one in hashes} == {64}
    assert SubjectHashes("one").of(f"user:{USER}") == hashes[0]


def test_rotating_the_secrets_in_front_keeps_the_hashes():
    before, after = (load({}, {"SECRET_KEY": keys}) for keys in ("old", "new,old"))
    assert before.subject_secret == after.subject_secret == "old"
    assert load({}, {"SECRET_KEY": "new", "SUBJECT_KEY": "old"}).subject_secret == "old"
