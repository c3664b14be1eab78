"""A link holds until its second, for its target, unaltered, or not at all."""

import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bee_customers.errors import LinkExpired
from bee_customers.security.sealing import unwritten, written
from bee_customers.security.signing import LinkSigner

OLD, NEW = "an old secret of thirty-two or more", "a new secret of thirty-two or more"
SIGNER = LinkSigner([NEW], "export")
END = datetime.datetime(2026, 3, 1, 8, 15, tzinfo=datetime.UTC)
SECOND = datetime.timedelta(seconds=1)
SIGNATURE = SIGNER.sign(b"target", END)


def test_a_signature_holds_until_its_end():
    SIGNER.check(b"target", SIGNATURE, END - SECOND)
    for late in (END, END + datetime.timedelta(days=9000)):
        with pytest.raises(LinkExpired):
            SIGNER.check(b"target", SIGNATURE, late)


def test_the_same_link_has_the_same_signature():
    assert SIGNER.sign(b"target", END) == SIGNATURE
    assert len({SIGNATURE, SIGNER.sign(b"other", END), SIGNER.sign(b"target", END + SECOND)}) == 3


@given(st.data(), st.integers(1, 255))
@settings(max_examples=100, deadline=None)
def test_any_altered_byte_is_a_forgery_also_of_the_expiry(data, difference):
    raw = bytearray(unwritten(SIGNATURE))
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= difference
    for now in (END - SECOND, END + SECOND):
        with pytest.raises(ValueError, match="not s"):
            SIGNER.check(b"target", written(bytes(raw)), now)


@pytest.mark.parametrize("signature", ["", "A", "=", SIGNATURE[:-1], SIGNATURE + "A", SIGNATURE + "=", "é", " "])
def test_no_other_text_is_a_signature(signature):
    with pytest.raises(ValueError, match="not s"):
        SIGNER.check(b"target", signature, END - SECOND)


@given(st.text(max_size=100))
@settings(max_examples=50, deadline=None)
def test_no_text_of_somebody_else_is_one(text):
    with pytest.raises(ValueError, match="not s"):
        SIGNER.check(b"target", text, END - SECOND)


@pytest.mark.parametrize("other", [LinkSigner([NEW], "another"), LinkSigner([OLD], "export")])
def test_another_purpose_or_secret_does_not_check_it(other):
    with pytest.raises(ValueError, match="not signed"):
        other.check(b"target", SIGNATURE, END - SECOND)


def test_another_target_is_not_reached_by_it():
    with pytest.raises(ValueError, match="not signed"):
        SIGNER.check(b"targe", SIGNATURE, END - SECOND)


def test_a_secret_can_be_replaced_without_a_break():
    rotated = LinkSigner([NEW, OLD], "export")
    rotated.check(b"target", LinkSigner([OLD], "export").sign(b"target", END), END - SECOND)
    assert rotated.sign(b"target", END) == SIGNATURE
