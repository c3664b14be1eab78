"""Sealed values open with the right secret, for the right purpose, unaltered, or not at all."""

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bee_customers.security.sealing import Sealer

OLD, NEW = "an old secret of thirty-two or more", "a new secret of thirty-two or more"
SEALER = Sealer([NEW], "cursor")


@given(st.binary(max_size=200))
@settings(max_examples=25, deadline=None)
def test_what_was_sealed_opens_as_it_was(value):
    sealed = SEALER.seal(value)
    assert SEALER.open(sealed) == value
    assert set(sealed) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


def test_a_sealed_value_cannot_be_read():
    assert b"ana@example.com" not in base64.urlsafe_b64decode(SEALER.seal(b"ana@example.com") + "==")


@given(st.data(), st.integers(1, 255))
@settings(max_examples=50, deadline=None)
def test_any_altered_byte_keeps_it_shut(data, difference):
    raw = bytearray(base64.urlsafe_b64decode(SEALER.seal(b"position") + "=="))
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= difference
    with pytest.raises(ValueError, match="not sealed here"):
        SEALER.open(base64.urlsafe_b64encode(raw).decode().rstrip("="))


@given(st.integers(0, 47))
@settings(max_examples=25, deadline=None)
def test_a_cut_off_value_stays_shut(length):
    with pytest.raises(ValueError, match="not sealed here"):
        SEALER.open(SEALER.seal(b"position")[:length])


@given(st.text(max_size=300))
@settings(max_examples=50, deadline=None)
def test_no_text_of_somebody_else_opens(text):
    with pytest.raises(ValueError, match="not sealed here"):
        SEALER.open(text)


def test_another_purpose_does_not_open_it():
    with pytest.raises(ValueError, match="not sealed here"):
        Sealer([NEW], "link").open(SEALER.seal(b"position"))


def test_another_secret_does_not_open_it():
    with pytest.raises(ValueError, match="not sealed here"):
        Sealer([OLD], "cursor").open(SEALER.seal(b"position"))


def test_a_secret_can_be_replaced_without_a_break():
    before, during = Sealer([OLD], "cursor"), Sealer([NEW, OLD], "cursor")
    assert during.open(before.seal(b"position")) == b"position"
    assert SEALER.open(during.seal(b"position")) == b"position"
    with pytest.raises(ValueError, match="not sealed here"):
        before.open(during.seal(b"position"))
