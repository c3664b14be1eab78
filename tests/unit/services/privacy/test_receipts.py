"""Receipts: one altered byte and they do not hold."""

import datetime
import json
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bee_customers import __version__
from bee_customers.errors import InvalidReceipt
from bee_customers.security.signatures import Signatures
from bee_customers.services.privacy import receipts
from bee_customers.services.privacy.receipts import Receipt

OURS = Signatures("a secret of the tests", receipts.PURPOSE)
NOW = datetime.datetime(2026, 3, 1, 8, 15, 30, 123456, tzinfo=datetime.UTC)
RECEIPT = Receipt(
    request_id=uuid.UUID("01936f0e-1b2c-7000-8000-5e6f708192a3"),
    subject="ab" * 32,
    requested_at=NOW,
    started_at=NOW,
    completed_at=NOW,
    erased={"customer_note": 2, "customer": 1, "avatar files": 1},
    found_empty=("customer", "avatar files"),
)
TEXT = receipts.write(RECEIPT, OURS).encode()


def test_a_receipt_says_what_was_done_and_holds():
    told = receipts.check(TEXT, OURS)
    assert json.loads(TEXT) == told | {"signature": json.loads(TEXT)["signature"]}
    assert told["request_id"] == str(RECEIPT.request_id)
    assert told["erased"] == RECEIPT.erased
    assert told["completed_at"] == "2026-03-01T08:15:30.123456Z"
    assert told["version"] == __version__


def test_it_is_written_to_be_read():
    lines = TEXT.decode().splitlines()
    assert '  "subject": "' + "ab" * 32 + '",' in lines
    assert list(json.loads(TEXT)["erased"]) == ["avatar files", "customer", "customer_note"]


@pytest.mark.parametrize("at", range(len(TEXT)))
def test_no_byte_of_it_can_be_altered(at):
    for bit in (1, 32, 128):
        altered = TEXT[:at] + bytes([TEXT[at] ^ bit]) + TEXT[at + 1 :]
        with pytest.raises(InvalidReceipt):
            receipts.check(altered, OURS)


@given(st.integers(0, len(TEXT)), st.binary(min_size=1, max_size=3), st.integers(0, 3))
def test_nothing_can_be_put_in_or_taken_out(at, put_in, taken_out):
    altered = TEXT[:at] + put_in + TEXT[at + taken_out :]
    if altered != TEXT:
        with pytest.raises(InvalidReceipt):
            receipts.check(altered, OURS)


@pytest.mark.parametrize(
    "text", [b"", b"[]", b"{}", b"1", b"\xff", b'{"receipt": 1}', b'{"receipt": 1, "signature": 7}']
)
def test_what_is_no_receipt_is_told_so(text):
    with pytest.raises(InvalidReceipt):
        receipts.check(text, OURS)


def test_another_writing_of_the_same_does_not_hold():
    with pytest.raises(InvalidReceipt, match="altered"):
        receipts.check(json.dumps(json.loads(TEXT)).encode(), OURS)


def test_a_receipt_of_another_service_is_told_so():
    with pytest.raises(InvalidReceipt, match="another SUBJECT_KEY"):
        receipts.check(TEXT, Signatures("another secret", receipts.PURPOSE))
