"""Bodies that are no JSON, or more than it"""

import gzip
import json
from typing import Any

import pytest

from tests.client import Client
from tests.factories import BUSINESS, new_body
from tests.functional.problem_details import check_problem

GOOD = json.dumps({"business_id": BUSINESS, "full_name": "Ana"}).encode()
OPEN = f'{{"business_id": "{BUSINESS}", "full_name": '.encode()

UNREADABLE = {
    "empty": b"",
    "blank": b" \n",
    "cut": GOOD[:-1],
    "two values": GOOD + GOOD,
    "trailing comma": GOOD[:-1] + b",}",
    "single quotes": GOOD.replace(b'"', b"'"),
    "a comment": GOOD[:-1] + b"/* */}",
    "a BOM": b"\xef\xbb\xbf" + GOOD,
    "UTF-16": GOOD.decode().encode("utf-16"),
    "UTF-16 without BOM": GOOD.decode().encode("utf-16-le"),
    "UTF-32": GOOD.decode().encode("utf-32"),
    "latin-1": OPEN + b'"Jos\xe9"}',
    "overlong": OPEN + b'"\xc0\xaf"}',
    "surrogate in UTF-8": OPEN + b'"\xed\xa0\x80"}',
    "lone high surrogate": OPEN + rb'"\ud800"}',
    "lone low surrogate": OPEN + rb'"\udc00x"}',
    "surrogates turned round": OPEN + rb'"\ude00\ud83d"}',
    "surrogate in a name": OPEN + rb'"Ana", "\ud800": 1}',
    "NUL escaped": OPEN + rb'"a\u0000b"}',
    "NUL in a name": OPEN + rb'"Ana", "a\u0000": 1}',
    "NUL raw": OPEN + b'"a\0b"}',
    "control character raw": OPEN + b'"a\nb"}',
    "bad escape": OPEN + rb'"\x41"}',
    "half an escape": OPEN + rb'"\u12"}',
    "same name twice": OPEN + b'"Ana", "full_name": "Ana"}',
    "same name escaped": OPEN + rb'"Ana", "full\u005fname": "Ana"}',
    "same name twice inside": OPEN + b'{"a": 1, "a": 1}}',
    "NaN": OPEN + b"NaN}",
    "Infinity": OPEN + b"Infinity}",
    "-Infinity": OPEN + b"[-Infinity]}",
    "1e400": OPEN + b"1e400}",
    "-1e400": OPEN + b"-1e400}",
    "5000 digits": OPEN + b"9" * 5000 + b"}",
    "5000 digits and a fraction": OPEN + b"9" * 5000 + b".5}",
    "leading zero": OPEN + b"01}",
    "plus": OPEN + b"+1}",
    "hexadecimal": OPEN + b"0x1}",
    "33 levels": b"[" * 33 + b"]" * 33,
    "33 levels of objects": b'{"a":' * 33 + b"1" + b"}" * 33,
    "100000 levels": b"[" * 100_000 + b"]" * 100_000,
    "100000 levels unclosed": b"[" * 100_000,
    "100000 levels of objects": b'{"a":' * 100_000,
    "gzip": gzip.compress(GOOD),
    "a form": b"full_name=Ana",
    "XML": b"<?xml version='1.0'?><a/>",
}
INVALID = {
    "32 levels": b"[" * 32 + b"]" * 32,
    "2^63": OPEN + b"9223372036854775808}",
    "4000 digits": OPEN + b"9" * 4000 + b"}",
    "-0": OPEN + b"-0}",
    "1e308": OPEN + b"1e308}",
    "true": OPEN + b"true}",
    "a noncharacter": OPEN + rb'"Ana", "email": "\uffff@example.com"}',
    "many members": b"{" + b",".join(b'"a%d":1' % number for number in range(50_000)) + b"}",
    "__proto__": OPEN + b'"Ana", "__proto__": {"admin": true}, "constructor": 1}',
}


@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE)
def test_what_cannot_be_read_is_refused_everywhere(
    internal: Client, admin: Client, customer: dict[str, Any], body: bytes
) -> None:
    path, size = f"/{customer['id']}", len(body)
    check_problem(internal.post(body), 400, "unreadable")
    for send in (admin.patch, admin.merge):
        check_problem(send(path, body), 400 if size <= 65_536 else 413)
    assert admin.get("").json == [customer]


@pytest.mark.parametrize("body", INVALID.values(), ids=INVALID)
def test_what_can_be_read_and_breaks_a_rule_is_invalid(internal: Client, body: bytes) -> None:
    check_problem(internal.post(body), 422, "invalid")


def test_pairs_of_surrogates_are_text(internal: Client) -> None:
    assert internal.post(OPEN + rb'"\ud83d\ude00"}').json["full_name"] == "😀"


def test_a_body_in_a_coding_that_is_not_undone_is_refused(internal: Client) -> None:
    for coded in (gzip.compress(GOOD), GOOD):
        response = internal.post(coded, Content_Encoding="gzip")
        assert response.status_int in (400, 415)
        check_problem(response, response.status_int)


@pytest.mark.parametrize(
    "junk", [2**64, 2**63, -(2**64), 1e308, 10**4000, "x" * 60_000, [[[[]]]], {"a": {"b": 1}}]
)
@pytest.mark.parametrize("path", ["/full_name", "/tags", "/tags/-", "/tags/0"])
def test_a_strange_value_in_a_patch_is_invalid_and_harmless(
    admin: Client, customer: dict[str, Any], junk: Any, path: str
) -> None:
    operation = {"op": "add", "path": path, "value": junk}
    check_problem(admin.patch(f"/{customer['id']}", [operation]), 422, "invalid")
    tested = [{"op": "test", "path": path, "value": junk}]
    check_problem(admin.patch(f"/{customer['id']}", tested), 409, "conflict")
    assert admin.get(f"/{customer['id']}").json == customer


def test_a_name_of_a_megabyte_is_invalid(internal: Client) -> None:
    for name in ("x" * 1_000_000, "\u0301" * 300_000, "\u202e" * 300_000, "ﷺ" * 200):
        response = internal.post(new_body(full_name=name))
        assert response.status_int == (422 if len(name) > 200 else 201)
