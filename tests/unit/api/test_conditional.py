"""If-Match and If-None-Match as RFC 9110 has them."""

import pytest
from pyramid.request import Request

from bee_customers.api import conditional


def request(**headers):
    return Request.blank("/", headers={name.replace("_", "-"): value for name, value in headers.items()})


def test_the_etag_is_the_version_and_strong():
    assert conditional.etag(7) == '"7"'


@pytest.mark.parametrize("headers", [{}, {"If_Match": "*"}, {"If_Match": " * "}])
def test_without_a_condition_any_version_will_do(headers):
    assert conditional.accepted_versions(request(**headers)) is None


@pytest.mark.parametrize(
    ("header", "versions"),
    [
        ('"7"', {7}),
        (' "7" ', {7}),
        ('"7", "8"', {7, 8}),
        ('"7","8" ,"9"', {7, 8, 9}),
        ('W/"7"', set()),
        ('W/"7", "8"', {8}),
        ('"x", "8"', {8}),
        ('"a,b", "8"', {8}),
        ("7", set()),
        ('"7', set()),
        ('"7" "8"', set()),
        ('"7",', set()),
        ('*, "7"', set()),
        ('"*"', set()),
        ("", set()),
        ('""', set()),
        ('"-7"', set()),
        ('"07"', set()),
        ('"0"', set()),
        ('"٧"', set()),
        ('"' + "9" * 5000 + '"', set()),
    ],
)
def test_if_match_accepts_the_strong_versions_it_names(header, versions):
    made = request()
    made.environ["HTTP_IF_MATCH"] = header
    assert conditional.accepted_versions(made) == versions


@pytest.mark.parametrize(
    ("header", "is_known"),
    [
        ('"7"', True),
        ('W/"7"', True),
        ('"6", W/"7"', True),
        ("*", True),
        ('"6"', False),
        ('"70"', False),
        ('"07"', False),
        ("7", False),
        ("", False),
        ('"7', False),
    ],
)
def test_if_none_match_compares_weakly(header, is_known):
    assert conditional.is_known_to_caller(request(If_None_Match=header), 7) is is_known


def test_without_if_none_match_nothing_is_known():
    assert conditional.is_known_to_caller(request(), 7) is False
