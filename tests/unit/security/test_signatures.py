"""Signatures: one key for a secret and a purpose, one writing for a signature."""

import pytest

from bee_customers.security.signatures import Signatures

OURS = Signatures("a secret of the tests", "honey")


def test_what_was_signed_here_holds_and_is_signed_the_same_again():
    signature = OURS.sign(b"a jar")
    assert OURS.holds(signature, b"a jar")
    assert Signatures("a secret of the tests", "honey").sign(b"a jar") == signature
    assert (len(signature), len(OURS.public_key)) == (128, 64)


@pytest.mark.parametrize(
    "others", [Signatures("another secret", "honey"), Signatures("a secret of the tests", "wax")]
)
def test_another_secret_or_purpose_is_another_key(others):
    assert not others.holds(OURS.sign(b"a jar"), b"a jar")
    assert others.public_key != OURS.public_key


@pytest.mark.parametrize(
    "spoil", [str.upper, lambda text: text + " ", lambda text: text[:-2], lambda _: "", lambda _: "é"]
)
def test_another_writing_does_not_hold(spoil):
    assert not OURS.holds(spoil(OURS.sign(b"a jar")), b"a jar")


def test_another_message_does_not_hold():
    assert not OURS.holds(OURS.sign(b"a jar"), b"a jug")
