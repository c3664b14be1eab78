"""A thousand documents such as people and programs write them: fields from lists, each alone and all together."""

import itertools
import random
import unicodedata
import uuid
from typing import Any

from tests.factories import BUSINESS, OTHER_BUSINESS

ABSENT: Any = ...
# {n} makes a value differ from that of another document.
_NAMES: list[Any] = [
    "Ionuț Ștefănescu",
    unicodedata.normalize("NFD", "Ionuț Ștefănescu"),
    "Նարեկ",
    "Ионуц Попеску",
    "Ὀδυσσεύς",
    "李小龍",
    "한글",
    unicodedata.normalize("NFD", "한글"),
    "ประยุทธ์",
    "नरेन्द्र",
    "محمد بن سلمان",
    "דָּוִד",
    "O’Brien-d'Arc, Jr.",
    "Robert'); DROP TABLE customer;--",
    'Ana "the bee" Pop',
    "back\\slash \\N \\. \\t",
    "\\N",
    "\\.",
    "X Æ A-12 ﬁ ẞ",
    "🐝",
    "👩‍👩‍👧",
    "Ana \u200fדוד",
    "  trimmed \u3000",
    "=cmd|'/C calc'!A0",
    "'=1+1",
    "{}",
    "NULL",
    "e\u0301" * 200,
    "x" * 200,
    "x" * 201,
    "\U0001d160" * 30,
    "x" * 100_000,
    "",
    " ",
    "\u200b",
    "\u0301",
    "Ana\0Pop",
    "Ana\tPop",
    "Ana\nPop",
    "Ana\r\nPop",
    "\x1b[31mAna",
    "Ana\x7f",
    "Ana\u2028Pop",
    "Ana \u202eevil\u202c",
    "\u2066Ana\u2069",
    "\ud800",
    "Ana\udcffPop",
]
_EMAILS: list[Any] = [
    "Ionut.Popescu+{n}@Example.COM",
    "ionuț{n}@exemplu.ro",
    unicodedata.normalize("NFD", "ionuț{n}@exemplu.ro"),
    "user{n}@exämple.de",
    "用户{n}@例子.广告",
    "o'brien{n}@example.co.uk",
    "a{n}@xn--bcher-kva.example",
    "x" * 60 + "{n}@example.com",
    "{n}@" + "a" * 63 + ".com",
    "straße{n}@example.com",
    "İ{n}@example.com",
    "{n}\\n@example.com",
    "{n}",
    "@example.com",
    "{n}@",
    "{n}@@example.com",
    "{n}@localhost",
    "{n}@example..com",
    ".{n}@example.com",
    "a b{n}@example.com",
    " {n}@example.com",
    "{n}@example.com\n",
    "Ionut <{n}@example.com>",
    '"{n}"@example.com',
    "{n}@[127.0.0.1]",
    "{n}@example.test",
    "x" * 65 + "{n}@example.com",
    "x" * 100_000 + "@example.com",
    "a\0{n}@example.com",
    "a\ud800{n}@example.com",
    "",
]
_PHONES: list[Any] = [
    "0722 123 456",
    "0722.123.456",
    "(0722) 123-456",
    "+40 722 123 456",
    "0040722123456",
    "+44 20 7946 0958",
    "tel:+40722123456",
    "+4\uff10722123456",
    "٠722123456",
    "+1 212 555 0123",
    "0",
    "112",
    "abc",
    "+0",
    "12345",
    "+999 123456789",
    "0722123456 ext. 7",
    "+40722123456;ext=7",
    "9" * 40,
    "0" * 100_000,
    "0722123456\n",
    "Ana 0722123456",
    "0722\0123456",
    "",
]
_GENDERS: list[Any] = ["male", "female", "other", "unspecified", "Male", "male ", "", "none", "m\0"]
_TAGS: list[Any] = [
    [],
    ["VIP"],
    ["VIP", "vip", " VIP "],
    ["Fidèle", unicodedata.normalize("NFD", "fidèle")],
    ["a;b", "[c", "d]"],
    ["{n}", "neu {n}", "рус {n}", "王 {n}"],
    ['quo"te', "back\\slash", "co,mma", "{cur}ly", "'", "NULL"],
    [f"tag {number}" for number in range(50)],
    [f"tag {number}" for number in range(51)],
    ["x" * 50],
    ["x" * 51],
    ["🐝"],
    [""],
    [" "],
    ["\u0301"],
    ["a\0b"],
    ["a\tb"],
    ["a\nb"],
    ["\ud800"],
    ["\u202eevil"],
    [None],
    [7],
    ["VIP", 7, "", ["VIP"], {"a": 1}],
    [["VIP"]],
    "VIP",
    "",
    {"0": "VIP"},
]
_USERS: list[Any] = [
    "upper",
    "{u}x",
    "{{{u}}}",
    "urn:uuid:{u}",
    "hex",
    "",
    "x" * 36,
    "\0" * 36,
]
_BUSINESSES: list[Any] = [OTHER_BUSINESS, BUSINESS.upper(), BUSINESS[:-1], "x", "", "{" + BUSINESS + "}", ABSENT]
_WRONG: list[Any] = [None, 7, 1.5, True, False, [], {}, ["Ana"], {"a": "b"}, 10**30, ABSENT]
FIELDS: dict[str, list[Any]] = {
    "full_name": _NAMES + _WRONG,
    "email": _EMAILS + _WRONG,
    "phone": _PHONES + _WRONG,
    "gender": _GENDERS + _WRONG,
    "tags": _TAGS + _WRONG,
    "user_id": _USERS + _WRONG,
    "business_id": _BUSINESSES + _WRONG,
}
# Whole lines, as they stand.
LINES = [
    b"[]",
    b"7",
    b"null",
    b'"Ana"',
    b"{}",
    b"{",
    b"{'full_name': 'Ana'}",
    b'{"full_name": "Ana", "full_name": "Ana"}',
    b'{"business_id": "%s", "full_name": "Jos\xe9"}' % BUSINESS.encode(),
    b'{"business_id": "%s", "full_name": "A", "email": NaN}' % BUSINESS.encode(),
    b'{"business_id": "%s", "full_name": "A", "nick": "B"}' % BUSINESS.encode(),
    b'{"business_id": "%s", "full_name": "A", "": null}' % BUSINESS.encode(),
    b'{"business_id": "%s", "full_name": "A", "nick\\u0000": "B"}' % BUSINESS.encode(),
    b'{"business_id": "%s", "full_name": "A", "\\ud800": "B"}' % BUSINESS.encode(),
    b'{"business_id": "%s", "full_name": "A", "tags": %s}' % (BUSINESS.encode(), b"[" * 5000 + b"]" * 5000),
    b'{"business_id": "%s", "full_name": "\\u0041na"}' % BUSINESS.encode(),
    b' \t{ "business_id" : "%s" , "full_name" : "A" } ' % BUSINESS.encode(),
    b'{"business_id": "%s", "full_name": "A"' % BUSINESS.encode(),
    b"\xff\xfe",
    b"[" * 100_000,
]
COUNT = 1000


def documents() -> list[dict[str, Any]]:
    """The same at each call."""
    _chance.seed(20)
    singles = [{name: value} for name, values in FIELDS.items() for value in values]
    count = COUNT - len(singles) - len(LINES)
    chosen = itertools.islice(itertools.cycle(itertools.permutations(FIELDS, 3)), count)
    mixed = [
        {one: _any(one), other: _likely(other), third: _likely(third)}
        if number % 3 == 0
        else {one: _likely(one), other: _likely(other), third: _likely(third)}
        for number, (one, other, third) in enumerate(chosen)
    ]
    return [_document(number, odd) for number, odd in enumerate(singles + mixed)]


_chance = random.Random()


def _any(field: str) -> Any:
    return _chance.choice(FIELDS[field])


def _likely(field: str) -> Any:
    """One of those at the front of the lists, which are good."""
    return _chance.choice(FIELDS[field][: {"gender": 4, "user_id": 1, "business_id": 2}.get(field, 7)])


def _document(number: int, odd: dict[str, Any]) -> dict[str, Any]:
    usual = {
        "user_id": str(uuid.UUID(int=number + 1)),
        "business_id": BUSINESS,
        "full_name": f"Ionuț Popescu {number}",
        "email": f"ionut{number}@example.com",
    }
    document = usual | {name: _differing(value, number, usual["user_id"]) for name, value in odd.items()}
    return {name: value for name, value in document.items() if value is not ABSENT}


def _differing(value: Any, number: int, user: str) -> Any:
    if isinstance(value, list):
        return [_differing(item, number, user) for item in value]
    if not isinstance(value, str):
        return value
    as_user = {"upper": user.upper(), "hex": user.replace("-", "")}
    return as_user.get(value, value.replace("{n}", str(number)).replace("{u}", user))
