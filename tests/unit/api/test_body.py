"""The one reader of JSON: what is not strictly JSON is 400, whatever kind of trick it is."""

import contextlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyramid.request import Request

from bee_customers.api import body
from bee_customers.api.problems import TOO_LARGE, UNREADABLE, UNSUPPORTED, ProblemError

UNREADABLE_BODIES = {
    "empty": b"",
    "spaces": b" \n",
    "malformed": b'{"a": }',
    "cut_off": b'{"a": 1',
    "two_values": b"{} {}",
    "trailing_comma": b"[1,]",
    "single_quotes": b"{'a': 1}",
    "comment": b"{} // really",
    "bare_word": b"yes",
    "bom": b"\xef\xbb\xbf{}",
    "utf16": '{"a": 1}'.encode("utf-16"),
    "utf16_without_bom": '{"a": 1}'.encode("utf-16-le"),
    "utf32": '{"a": 1}'.encode("utf-32"),
    "bad_utf8": b'"\xff"',
    "overlong_utf8": b'"\xc0\xaf"',
    "surrogate_in_utf8": b'"\xed\xa0\x80"',
    "cut_off_utf8": b'"\xc3"',
    "duplicate_name": b'{"a": 1, "a": 1}',
    "duplicate_name_by_escape": b'{"a": 1, "\\u0061": 2}',
    "duplicate_name_inside": b'[{"b": {"a": 1, "a": 2}}]',
    "nan": b"NaN",
    "nan_inside": b'{"a": [NaN]}',
    "infinity": b"Infinity",
    "minus_infinity": b"-Infinity",
    "huge_float": b"1e400",
    "minus_huge_float": b"[-1e400]",
    "long_integer": b"9" * 5000,
    "leading_zero": b"01",
    "plus": b"+1",
    "hexadecimal": b"0x10",
    "point_without_digits": b"1.",
    "lone_high_surrogate": b'"\\ud800"',
    "lone_low_surrogate": b'"\\udc00"',
    "surrogates_in_wrong_order": b'"\\udc00\\ud800"',
    "lone_surrogate_in_a_name": b'{"\\ud800": 1}',
    "lone_surrogate_inside": b'[{"a": ["\\ud83d"]}]',
    "nul": b'"\\u0000"',
    "nul_in_a_name": b'{"a\\u0000b": 1}',
    "raw_nul": b'"\x00"',
    "raw_newline": b'"a\nb"',
    "deep_arrays": b"[" * 33 + b"]" * 33,
    "deep_objects": b'{"a":' * 33 + b"1" + b"}" * 33,
    "deep_mixture": b'[{"a":' * 17 + b"1" + b"}]" * 17,
    "very_deep": b"[" * 100_000 + b"]" * 100_000,
    "very_deep_and_open": b"[" * 1_000_000,
    "very_deep_objects": b'{"a":' * 100_000,
}


@pytest.mark.parametrize("raw", UNREADABLE_BODIES.values(), ids=UNREADABLE_BODIES)
def test_what_is_not_strict_json_is_unreadable(raw):
    with pytest.raises(ProblemError) as refused:
        body.parse(raw)
    assert refused.value.problem is UNREADABLE


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (b"null", None),
        (b" [1, 2.5, -0.0, 1E2] ", [1, 2.5, 0.0, 100.0]),
        (b'"\\ud83d\\udc1d"', "🐝"),
        ('{"name": "Ионуц"}'.encode(), {"name": "Ионуц"}),
        (b"true", True),
        (b"9" * 19, 10**19 - 1),
        (b'[{"a": 1}, {"a": 2}]', [{"a": 1}, {"a": 2}]),
        (b'{"a": {"a": 1}}', {"a": {"a": 1}}),
    ],
)
def test_json_is_read_as_it_is(raw, value):
    assert body.parse(raw) == value


def test_32_levels_are_taken():
    assert body.parse(b"[" * 32 + b"]" * 32)
    assert body.parse(b'{"a":' * 32 + b"1" + b"}" * 32)


@pytest.mark.parametrize("raw", [b'{"secret@example.com": }', b'{"a": "secret@example.com" "b"}', b"[secret]"])
def test_the_detail_repeats_nothing_of_the_body(raw):
    with pytest.raises(ProblemError) as refused:
        body.parse(raw)
    assert "secret" not in str(refused.value)


text = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=10)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4),
    max_leaves=20,
)


@given(json_values, st.booleans())
@settings(max_examples=200, deadline=None)
def test_whatever_json_is_written_is_read_back_equal(value, is_ascii):
    read = body.parse(json.dumps(value, ensure_ascii=is_ascii).encode())
    assert read == value
    assert repr(read) == repr(value)


@given(st.binary(max_size=40) | st.text('[]{}",:0123456789.eE+-\\u nulltrefasNI\0\ud800', max_size=20))
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_a_value_or_unreadable(raw):
    with contextlib.suppress(ProblemError):
        body.parse(raw if isinstance(raw, bytes) else raw.encode("utf-8", "surrogatepass"))


def request(raw=b"{}", content_type=body.JSON, method="POST"):
    made = Request.blank("/", method=method, body=raw)
    made.environ["CONTENT_TYPE"] = content_type
    return made


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "Application/JSON",
        "application/json; charset=utf-8",
        'application/json;charset="UTF-8"',
        "application/json ; charset=utf-8",
    ],
)
def test_json_in_utf8_is_taken(content_type):
    assert body.read_json(request(content_type=content_type), (body.JSON,), 10) == {}


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "text/plain",
        "application/jsonp",
        "application/json-patch+json",
        "application/x-www-form-urlencoded",
        "application/json; charset=nonsense",
        "application/json; charset=latin-1",
        "application/json, text/plain",
        "*/*",
    ],
)
def test_another_media_type_is_unsupported(content_type):
    with pytest.raises(ProblemError) as refused:
        body.read_json(request(content_type=content_type), (body.JSON,), 10)
    assert refused.value.problem is UNSUPPORTED
    assert refused.value.headers == {"Accept": "application/json"}


def test_an_unsupported_patch_says_what_is_taken():
    accepted = (body.JSON_PATCH, body.MERGE_PATCH)
    with pytest.raises(ProblemError) as refused:
        body.read_json(request(method="PATCH"), accepted, 10)
    assert refused.value.headers == {"Accept-Patch": ", ".join(accepted)}


def test_a_body_up_to_the_bound_is_read_and_one_byte_more_is_not():
    assert body.read_json(request(b'"' + b"x" * 8 + b'"'), (body.JSON,), 10) == "x" * 8
    with pytest.raises(ProblemError) as refused:
        body.read_json(request(b'"' + b"x" * 9 + b'"'), (body.JSON,), 10)
    assert refused.value.problem is TOO_LARGE
