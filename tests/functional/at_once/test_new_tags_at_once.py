"""Tags that are new to the catalogue, given to many customers at the same moment."""

from functools import partial
from typing import Any

import pytest

from bee_customers.db import unit_of_work
from bee_customers.db.unit_of_work import UnitOfWork
from bee_customers.services.customers import CustomerService
from tests.client import Client
from tests.factories import new_body, new_customer
from tests.functional.between import Elsewhere, before_first
from tests.functional.crowd import all_at_once, another
from tests.functional.edits import op

THREADS, TURNS = 8, 4
pytestmark = pytest.mark.usefixtures("no_deadlock")


@pytest.fixture
def attempts(monkeypatch: pytest.MonkeyPatch) -> list[UnitOfWork]:
    """All transactions from now on: one more than there were requests is one that was tried again."""
    begun: list[UnitOfWork] = []

    class Counted(UnitOfWork):
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments)
            begun.append(self)

    monkeypatch.setattr(unit_of_work, "UnitOfWork", Counted)
    return begun


def test_patches_of_eight_customers_stand_in_nobodys_way(
    admin: Client, internal: Client, attempts: list[UnitOfWork]
) -> None:
    """Each waits for the first one that writes the same tag, and none for another in a circle."""
    customers = [new_customer(internal, tags=None) for _ in range(THREADS)]
    attempts.clear()
    for turn in range(TURNS):
        # each has one more that is its own, and they come in opposite order
        shared = [f"{turn} tag {number}" for number in range(5)]
        tasks = [
            partial(another(admin).patch, f"/{one['id']}", [op("add", "/tags/-", tag) for tag in tags])
            for number, one in enumerate(customers)
            for tags in [[*shared, f"{turn} own {number}"][:: (-1) ** number]]
        ]
        assert {reply.status_int for reply in all_at_once(*tasks)} == {200}
    assert len(attempts) == THREADS * TURNS


def test_who_is_created_again_and_patched_at_once_stand_in_nobodys_way(
    admin: Client,
    internal: Client,
    elsewhere: Elsewhere,
    monkeypatch: pytest.MonkeyPatch,
    attempts: list[UnitOfWork],
) -> None:
    """The one holds a new tag and wants the user, the other holds the customer and wants the tag."""
    customer, waiting = new_customer(internal, tags=None), []
    patch = partial(another(admin).merge, f"/{customer['id']}", {"tags": ["new"]})
    before_first(
        monkeypatch, CustomerService, "_insert", lambda: waiting.append(elsewhere.do_until_it_waits(patch))
    )
    attempts.clear()
    assert internal.post(new_body(user_id=customer["user_id"], tags=["new"])).status_int == 409
    assert waiting[0].result(20).json["tags"] == ["new"]
    assert len(attempts) == 2
