"""The form in which an event leaves."""

import json
import uuid

import pytest

from bee_customers.errors import EventNotSerialisable
from bee_customers.events.envelope import compose, composer
from tests.outgoing import BUSINESS, OCCURRED_AT, event_row

TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"
TRACEPARENT = f"00-{TRACE_ID}-00f067aa0ba902b7-01"
CHANGES = {"phone": None, "full_name": "Ionuț", "tags": ["VIP"]}


def body_of(row, **options):
    return json.loads(compose(row, **options).body)


def with_payload(**details):
    return event_row(payload={"business_id": str(BUSINESS), **details})


def test_the_body_tells_everything_in_this_order():
    row = with_payload(changes=CHANGES)
    body = body_of(row)
    assert list(body) == [
        "event",
        "event_id",
        "version",
        "occurred_at",
        "trace_id",
        "customer_id",
        "business_id",
        "customer_version",
        "changes",
    ]
    assert body == {
        "event": "CustomerUpdatedEvent",
        "event_id": str(row.id),
        "version": 1,
        "occurred_at": "2026-01-31T12:30:00.250000Z",
        "trace_id": TRACE_ID,
        "customer_id": str(row.customer_id),
        "business_id": str(BUSINESS),
        "customer_version": row.customer_version,
        "changes": CHANGES,
    }


def test_text_is_utf8_and_not_escaped():
    assert "Ionuț".encode() in compose(with_payload(changes=CHANGES)).body


def test_other_details_come_last():
    assert list(body_of(with_payload(reason="deleted")).items())[-1] == ("reason", "deleted")


@pytest.mark.parametrize(
    ("microsecond", "expected"), [(0, "2026-01-31T12:30:00Z"), (1, "2026-01-31T12:30:00.000001Z")]
)
def test_times_are_utc_with_z(microsecond, expected):
    time = OCCURRED_AT.replace(microsecond=microsecond)
    assert body_of(event_row(occurred_at=time))["occurred_at"] == expected


def test_the_setting_chooses_values_or_the_names_of_fields():
    row = with_payload(changes=CHANGES)
    assert json.loads(composer("values")(row).body)["changes"] == CHANGES
    assert json.loads(composer("fields")(row).body)["changes"] == ["full_name", "phone", "tags"]
    assert b"Ionu" not in composer("fields")(row).body


def test_without_changes_there_are_no_names_either():
    assert "changes" not in body_of(with_payload(reason="deleted"), has_values=False)


def test_the_properties_are_those_of_a_message_that_is_kept():
    row = event_row()
    message = compose(row)
    assert message.properties == {
        "message_id": str(row.id),
        "type": "CustomerUpdatedEvent",
        "delivery_mode": 2,
        "timestamp": int(OCCURRED_AT.timestamp()),
    }
    assert (message.event_id, message.type, message.routing_key) == (row.id, row.type, row.routing_key)


def test_the_headers_are_those_of_cloudevents():
    row = event_row(traceparent=TRACEPARENT)
    assert compose(row).headers == {
        "cloudEvents:id": str(row.id),
        "cloudEvents:type": "CustomerUpdatedEvent",
        "cloudEvents:source": "bee-customers",
        "cloudEvents:specversion": "1.0",
        "traceparent": TRACEPARENT,
    }


def test_a_request_without_a_traceparent_goes_on_under_its_trace_id():
    row = event_row(trace_id=TRACE_ID, id=uuid.UUID("01900000-0000-7000-8000-0123456789ab"))
    assert compose(row).headers["traceparent"] == f"00-{TRACE_ID}-80000123456789ab-00"


@pytest.mark.parametrize("trace_id", ["a-request-id", "0" * 32, TRACE_ID.upper(), TRACE_ID[:-1], ""])
def test_a_trace_id_of_another_form_makes_no_traceparent(trace_id):
    row = event_row(trace_id=trace_id)
    assert "traceparent" not in compose(row).headers
    assert body_of(row)["trace_id"] == trace_id


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        ("no JSON", "not JSON"),
        ("", "not JSON"),
        ("[]", "names no business"),
        ("null", "names no business"),
        ('"business_id"', "names no business"),
        ("{}", "names no business"),
        ('{"business_id": "b", "changes": null}', "changes"),
        ('{"business_id": "b", "changes": "hunter2"}', "changes"),
        ('{"business_id": "b", "deep": ' + '{"a":' * 300 + "1" + "}" * 301, "cannot be written as JSON"),
        ("[" * 100_000, "not JSON"),
    ],
)
@pytest.mark.parametrize("has_values", [True, False])
def test_a_row_that_cannot_leave_says_why_without_its_values(payload, reason, has_values):
    with pytest.raises(EventNotSerialisable, match=reason) as refused:
        compose(event_row(payload=payload), has_values=has_values)
    assert "hunter2" not in str(refused.value)
