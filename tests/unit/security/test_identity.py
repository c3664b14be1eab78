"""What a verified token's claims give."""

import uuid

import pytest

from bee_customers.errors import InvalidToken
from bee_customers.security.identity import from_claims
from bee_customers.security.permissions import GRANTS, Permission, Role

SUBJECT = str(uuid.UUID(int=1))
BUSINESSES = [uuid.UUID(int=2), uuid.UUID(int=3)]


def identity(**claims):
    return from_claims({"sub": SUBJECT, "exp": 4_000_000_000, **claims})


@pytest.mark.parametrize(
    ("claims", "roles"),
    [
        ({"role": "admin"}, {Role.ADMIN}),
        ({"roles": "admin"}, {Role.ADMIN}),
        ({"role": ["admin", "customer"]}, {Role.ADMIN, Role.CUSTOMER}),
        ({"roles": ["internal_service"]}, {Role.INTERNAL_SERVICE}),
        ({"role": "customer", "roles": ["admin"]}, {Role.ADMIN, Role.CUSTOMER}),
        ({"roles": ["ADMIN", "root", "", "admin "]}, set()),
        ({"roles": []}, set()),
        ({}, set()),
    ],
)
def test_roles_come_as_a_string_or_a_list_and_unknown_ones_give_nothing(claims, roles):
    assert identity(**claims).roles == roles


@pytest.mark.parametrize("written", [SUBJECT, SUBJECT.upper(), f"urn:uuid:{SUBJECT}", f"{{{SUBJECT}}}"])
def test_a_user_has_one_writing_however_its_token_has_it(written):
    known = identity(sub=written, role="customer")
    assert (known.subject, known.own_user_id(Permission.CUSTOMERS_READ)) == (SUBJECT, uuid.UUID(SUBJECT))


@pytest.mark.parametrize("subject", ["crm", f"{SUBJECT} ", f"user {SUBJECT}", SUBJECT[:-1]])
def test_any_other_subject_stays_as_it_is(subject):
    assert identity(sub=subject, role="customer").subject == subject


@pytest.mark.parametrize("name", ["role", "roles", "business_id"])
@pytest.mark.parametrize("value", [7, None, True, {"admin": True}, ["admin", 7], [["admin"]]], ids=repr)
def test_a_claim_of_the_wrong_kind_is_refused(name, value):
    with pytest.raises(InvalidToken):
        identity(**{name: value})


@pytest.mark.parametrize("role", Role)
def test_a_role_gives_what_is_granted_to_it(role):
    assert identity(role=role.value).permissions == GRANTS[role]


def test_several_roles_give_what_each_of_them_gives():
    assert identity(roles=[role.value for role in Role]).permissions == set(Permission)


@pytest.mark.parametrize(
    ("claims", "businesses"),
    [
        ({}, None),
        ({"business_id": str(BUSINESSES[0])}, {BUSINESSES[0]}),
        ({"business_id": str(BUSINESSES[0]).upper()}, {BUSINESSES[0]}),
        ({"business_id": [str(business) for business in BUSINESSES]}, set(BUSINESSES)),
        ({"business_id": []}, set()),
    ],
)
def test_staff_reaches_the_businesses_its_token_names(claims, businesses):
    assert identity(role="admin", **claims).staff_businesses(Permission.CUSTOMERS_READ) == businesses


@pytest.mark.parametrize("value", ["", "north", "*", str(BUSINESSES[0])[:-1], [str(BUSINESSES[0]), "*"]])
def test_a_business_that_is_no_uuid_is_refused(value):
    with pytest.raises(InvalidToken):
        identity(role="admin", business_id=value)


@pytest.mark.parametrize("claims", [{}, {"business_id": str(BUSINESSES[0])}])
def test_a_customer_works_for_no_business(claims):
    assert identity(role="customer", **claims).staff_businesses(Permission.CUSTOMERS_READ) == set()


def test_only_a_customer_has_rows_of_its_own():
    assert identity(role="customer").own_user_id(Permission.CUSTOMERS_READ) == uuid.UUID(SUBJECT)
    assert identity(role="admin").own_user_id(Permission.CUSTOMERS_READ) is None


def test_a_customer_whose_subject_is_no_uuid_has_no_rows_of_its_own():
    assert from_claims({"sub": "ana", "exp": 1, "role": "customer"}).own_user_id(Permission.CUSTOMERS_READ) is None
