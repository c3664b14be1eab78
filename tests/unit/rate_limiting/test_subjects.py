"""Subjects are counted by keyed hashes."""

import pytest

from bee_customers.rate_limiting.subjects import SubjectNames

names = SubjectNames(b"a key")


def test_a_name_tells_nothing_and_is_the_same_in_every_process():
    assert names.name("maya@honey.example") == SubjectNames(b"a key").name("maya@honey.example")
    assert "maya" not in names.name("maya@honey.example")
    assert len(names.name("x" * 10_000)) == 32


def test_who_has_not_the_key_cannot_try_addresses_out():
    assert names.of_address("192.0.2.1") != SubjectNames(b"another").of_address("192.0.2.1")


def test_parts_are_kept_apart():
    assert names.name("maya", "bee") != names.name("mayab", "ee")
    assert names.name("maya", "bee") != names.name("maya")


@pytest.mark.parametrize(
    ("one", "other"),
    [("192.0.2.1", "::ffff:192.0.2.1"), ("2001:db8::1", "2001:db8::ffff"), ("2001:DB8::1", "2001:db8:0:0:1::")],
)
def test_addresses_that_belong_together_are_one(one, other):
    assert names.of_address(one) == names.of_address(other)


@pytest.mark.parametrize(
    ("one", "other"), [("192.0.2.1", "192.0.2.2"), ("2001:db8::1", "2001:db8:0:1::1"), ("", "192.0.2.1")]
)
def test_others_are_not(one, other):
    assert names.of_address(one) != names.of_address(other)
