"""An erasure in trouble: who comes back in the midst, stores that are away, and one of many that fails."""

import json
import uuid
from typing import Any

import pytest

from bee_customers.db.engine import Database
from bee_customers.errors import EventsUnderWay, FallbackUnavailable, RequestNotFound
from bee_customers.services.customer_changes import utc_now
from bee_customers.services.privacy import erasure_ledger
from bee_customers.services.privacy.erasure_steps import ErasureSteps
from bee_customers.storage.local import LocalStorage
from tests.client import Client
from tests.factories import new_customer
from tests.functional import rows
from tests.unit.services.privacy.erasing import HASHES, Eraser
from tests.unit.services.privacy.lives import USER, lived_in

NOW = utc_now()


def test_who_comes_back_in_the_midst_is_erased_as_well(
    admin: Client, internal: Client, database: Database, eraser: Eraser, subject: list[dict[str, Any]]
) -> None:
    returned: list[dict[str, Any]] = []

    class Comes(ErasureSteps):
        def wait_for_relay(self) -> None:
            if not returned:
                returned.append(new_customer(internal, user_id=USER))
            super().wait_for_relay()

    eraser.steps_class = Comes
    outcome = eraser.erase(USER)
    assert outcome.status == "done"
    assert admin.get(f"/{returned[0]['id']}").status_int == 404
    assert json.loads(erasure_ledger.receipt_of(database, outcome.request_id))["erased"]["customer"] == 3
    assert rows.count(database, "erased_identity", digest=HASHES.of(f"customer:{returned[0]['id']}")) == 1


def test_who_comes_back_again_and_again_is_left_for_the_next_run(internal: Client, eraser: Eraser) -> None:
    class ComesAlways(ErasureSteps):
        def wait_for_relay(self) -> None:
            new_customer(internal, user_id=USER)

    eraser.steps_class = ComesAlways
    outcome = eraser.erase(USER)
    assert (outcome.status, "came back" in outcome.reason) == ("failed", True)
    assert eraser.request(outcome.request_id).status == "failed"
    eraser.steps_class = ErasureSteps
    assert [one.status for one in eraser.run()] == ["done"]


def test_who_comes_back_afterwards_is_welcome(
    admin: Client, internal: Client, eraser: Eraser, subject: list[dict[str, Any]]
) -> None:
    eraser.erase(USER)
    again = new_customer(internal, user_id=USER)
    assert eraser.run() == []
    assert admin.get(f"/{again['id']}").json == again


class AwayStore:
    """A store that cannot be asked."""

    name = "honey"
    covers = frozenset[str]()

    def scan(self, footprints: Any) -> list[int]:
        raise FallbackUnavailable("honey cannot be reached")


def test_a_store_that_is_away_leaves_the_erasure_to_the_next_run(
    database: Database, storage: LocalStorage, eraser: Eraser, subject: list[dict[str, Any]]
) -> None:
    eraser.stores.append(AwayStore())  # type: ignore[arg-type]
    outcome = eraser.erase(USER)
    assert (outcome.status, outcome.reason) == ("failed", "honey cannot be reached")
    assert eraser.request(outcome.request_id).details["error"] == "honey cannot be reached"
    assert rows.count(database, "customer") == 0
    eraser.stores.pop()
    assert [one.status for one in eraser.run()] == ["done"]
    told = json.loads(erasure_ledger.receipt_of(database, outcome.request_id))["erased"]
    assert (told["customer"], told["avatar files"], told["event"]) == (2, 2, 6)


def test_what_fails_for_everybody_is_not_tried_for_each(eraser: Eraser, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[int] = []

    class Slow(ErasureSteps):
        def wait_for_relay(self) -> None:
            tried.append(1)
            raise EventsUnderWay("the relay is slow")

    eraser.steps_class = Slow
    for _ in range(5):
        eraser.ask(uuid.uuid4())
    assert [(one.status, one.reason) for one in eraser.run()] == [("failed", "the relay is slow")] * 5
    assert len(tried) == 1
    eraser.steps_class = ErasureSteps
    assert [one.status for one in eraser.run()] == ["done"] * 5


def test_a_store_that_keeps_what_it_should_destroy_gets_no_receipt(
    database: Database,
    storage: LocalStorage,
    eraser: Eraser,
    subject: list[dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(storage, "delete", lambda key: None)
    outcome = eraser.erase(USER)
    assert (outcome.status, "still there" in outcome.reason) == ("failed", True)
    with pytest.raises(RequestNotFound):
        erasure_ledger.receipt_of(database, outcome.request_id)


def test_of_many_at_once_one_that_fails_fails_alone(
    staff: Client, customer: dict[str, Any], database: Database, eraser: Eraser
) -> None:
    people = [lived_in(eraser, staff, user_id=str(uuid.uuid4())) for _ in range(3)]
    asked = [eraser.ask(one["user_id"]) for one in people]
    wrong = eraser.ask(customer_id=customer["id"])
    outcomes = {outcome.request_id: outcome.status for outcome in eraser.run()}
    assert outcomes == {**{request.id: "done" for request in asked}, wrong.id: "failed"}
    for request in asked:
        told = json.loads(erasure_ledger.receipt_of(database, request.id))
        assert told["erased"]["customer"] == 1
        assert told["erased"]["event"] == 3


def test_counts_of_many_at_once_are_each_ones_own(
    admin: Client, staff: Client, database: Database, eraser: Eraser
) -> None:
    people = [lived_in(eraser, staff, user_id=str(uuid.uuid4())) for _ in range(3)]
    for number, one in enumerate(people):
        for _ in range(number):
            admin.post({"content": "x"}, f"/{one['id']}/notes")
    asked = [eraser.ask(one["user_id"]) for one in people]
    eraser.run()
    notes = [json.loads(erasure_ledger.receipt_of(database, one.id))["erased"]["customer_note"] for one in asked]
    assert notes == [1, 2, 3]


def test_what_breaks_is_logged_without_what_it_was_about(
    eraser: Eraser, subject: list[dict[str, Any]], caplog: pytest.LogCaptureFixture
) -> None:
    class Breaks(ErasureSteps):
        def forget_names(self, subjects: Any) -> Any:
            raise ValueError(f"a value that holds {USER}")

    eraser.steps_class = Breaks
    outcome = eraser.erase(USER)
    assert (outcome.status, outcome.reason) == ("failed", "unexpected ValueError, see the log")
    assert "forget_names" in caplog.text
    assert USER not in caplog.text
