"""RFC 8259, rule by rule: what it forbids is unreadable, what it allows is read; each case is made here"""

import itertools
import json
from typing import Any

import pytest

from bee_customers.api.body import parse
from bee_customers.api.problems import ProblemError
from tests.client import Client
from tests.functional.problem_details import check_problem

BLANKS = ["", " ", "\t", "\n", "\r", " \r\n\t "]
NO_BLANKS = ["\f", "\v", "\u00a0", "\u2028", "\u2060", "\ufeff", "\x1c", "/**/", "//x\n", "#x\n"]
NUMBERS = ["0", "-0", "1", "-1", "10", "0.0", "-0.5", "1e1", "1E1", "1e+1", "1e-1", "0e0", "0E+00", "1.25e-10"]
NUMBERS += ["123456789012345678901234567890", "0.000000000000000000000000000001", "1e-400"]
NO_NUMBERS = ["+1", "-", "--1", "- 1", ".5", "-.5", "1.", "1.e1", "01", "-01", "00", "1e", "1e+", "1e1.5", "1 2"]
NO_NUMBERS += ["0x1", "1_0", "1d", "1f", "NaN", "-NaN", "Infinity", "-Infinity", "inf", "1e400", "-1e999"]
NO_NUMBERS += ["\u0661", "\uff11", "\u00b9", "1\u0661", "1e\u0661", "0b1", "0o7", "1e400.5", "2e"]
WORDS = {"true": True, "false": False, "null": None}
NO_WORDS = ["True", "TRUE", "tru", "truee", "nul", "NULL", "None", "undefined", "nil", "yes", "'a'", "a", "@"]
ESCAPES = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "u0041": "A"}
ESCAPES |= {"u00e9": "é", "u00E9": "é", "ud83d\\ude00": "😀", "u2028": "\u2028", "uFFFF": "\uffff"}
NO_ESCAPES = ["x41", "a", "0", "v", "'", "U0041", "u", "u1", "u12", "u123", "u12g4", "u 123", "u-123", "u+123"]
NO_ESCAPES += ["ud800", "udc00", "ud800x", "ud800\\ud800", "udc00\\ud800", "ud83d\\n", "u0000", "\n", "u\u0661234"]
BROKEN = ["", " ", "[", "]", "{", "}", ",", ":", '"', "[1", "1]", '{"a"', '{"a":', '{"a":1', '"a', "[1,", "[,1]"]
BROKEN += ["[1,]", "[,]", "[1,,2]", "[1 2]", "[1;2]", "[1:2]", '{"a" 1}', '{"a":1,}', '{,"a":1}', '{"a":1,,"b":2}']
BROKEN += [
    '{"a":1 "b":2}',
    '{"a"::1}',
    '{"a":}',
    "{:1}",
    '{"a"}',
    '{"a",1}',
    "{1:1}",
    "{a:1}",
    "{'a':1}",
    "{null:1}",
]
BROKEN += ['{"a":1]', "[1}", "[1]]", "[1][1]", "{}{}", "1 1", '"a""b"', "[...]", "[1,2", "[[1]", '["a]', '["a\\"]']
BROKEN += ['{"a":1,"a":1}', '{"a":1,"\\u0061":2}', '{"":1,"":1}', '[{"a":{"b":1,"b":1}}]', '["a\nb"]', '["a\tb"]']
BROKEN += [f'["{chr(code)}"]' for code in range(32)] + ["[\x00]", "[1\x00]", "\x00[1]"]
BROKEN_BYTES = [b"\xff", b'["\xff"]', b'["\xc3"]', b'["\xc0\xaf"]', b'["\xed\xa0\x80"]', b'["\xf4\x90\x80\x80"]']
BROKEN_BYTES += [
    b'["\xf8\x88\x80\x80\x80"]',
    b'["\xe0\x80\x80"]',
    b'["\x80"]',
    b"\xef\xbb\xbf[]",
    b"\xfe\xff\x00[\x00]",
]
BROKEN_BYTES += [text.encode(coding) for text in ("[1]", '"a"') for coding in ("utf-16", "utf-16-be", "utf-32-le")]

ALLOWED: dict[str, Any] = {
    **{
        f"{a}[{b}{number}{a},{b}{number}]{a}": [json.loads(number)] * 2
        for number, a, b in itertools.product(NUMBERS, BLANKS, BLANKS)
    },
    **{number: json.loads(number) for number in NUMBERS},
    **{f'{a}{{{a}"a"{a}:{a}{word}{a}}}{a}': {"a": value} for a in BLANKS for word, value in WORDS.items()},
    **{f'["\\{written}"]': [text] for written, text in ESCAPES.items()},
    **{f'{{"\\{written}": 1}}': {text: 1} for written, text in ESCAPES.items()},
    **{f'"{chr(code)}"': chr(code) for code in (0x7F, 0x80, 0x9F, 0xA0, 0x2028, 0xFEFF, 0xFFFF, 0x10FFFF)},
    '["\\u006e\\\\u0000"]': ["n\\u0000"],
    '{"": 0}': {"": 0},
    '{"a": 1, "A": 2, "á": 3, "a\u0301": 4}': {"a": 1, "A": 2, "á": 3, "a\u0301": 4},
    "[[[]], {}]": [[[]], {}],
    "[" * 32 + "]" * 32: json.loads("[" * 32 + "]" * 32),
    '{"a":' * 32 + "1" + "}" * 32: json.loads('{"a":' * 32 + "1" + "}" * 32),
}  # fmt: skip
FORBIDDEN = [
    *(f"[{number}]" for number in NO_NUMBERS),
    *(f"[{word}]" for word in NO_WORDS),
    *(f'["\\{written}"]' for written in NO_ESCAPES),
    *(f'{{"\\{written}": 1}}' for written in NO_ESCAPES),
    *(
        template.format(blank)
        for blank in NO_BLANKS
        for template in ("{}[1]", "[{}1]", "[1{}]", "[1]{}", '{{"a"{}:1}}')
    ),
    *BROKEN,
]


def check_forbidden(raw: bytes) -> None:
    with pytest.raises(ProblemError) as refused:
        parse(raw)
    assert refused.value.problem.status == 400
    assert str(refused.value).startswith("The body ")


def same(found: Any, expected: Any) -> bool:
    """Of one kind as well: 1 is no True, and no 1.0."""
    return repr(found) == repr(expected)


@pytest.mark.parametrize("group", [list(ALLOWED)[at::8] for at in range(8)], ids=range(8))
def test_what_is_json_is_read_as_what_it_says(group: list[str]) -> None:
    for text in group:
        assert same(parse(text.encode()), ALLOWED[text]), text


@pytest.mark.parametrize("text", FORBIDDEN, ids=lambda text: repr(text)[:40])
def test_what_is_no_json_is_unreadable(text: str) -> None:
    check_forbidden(text.encode())


@pytest.mark.parametrize("raw", BROKEN_BYTES)
def test_what_is_no_utf_8_is_unreadable(raw: bytes) -> None:
    check_forbidden(raw)


def test_whatever_is_cut_off_is_unreadable() -> None:
    whole = b'{"a": [1, -2.5e3, true, null, "\\u00e9\\ud83d\\ude00\xc3\xa9"], "b": {"c": {}}}'
    assert parse(whole)["b"] == {"c": {}}
    for end in range(len(whole)):
        check_forbidden(whole[:end])


def test_one_letter_too_many_anywhere_is_json_or_unreadable() -> None:
    """A strict reader and this one agree about every neighbour of a document."""
    whole = '{"a":[1,"b",{"c":null}]}'
    for at, letter in itertools.product(range(len(whole) + 1), '{}[],:"\\ 0-1.etn\0\x1f'):
        text = whole[:at] + letter + whole[at:]
        try:
            expected = json.loads(text)
        except ValueError:
            check_forbidden(text.encode())
        else:
            assert parse(text.encode()) == expected, text


SAMPLE = [*FORBIDDEN[::6], *BROKEN[:20]]


def test_the_doors_answer_as_the_reader_says(internal: Client, admin: Client, customer: dict[str, Any]) -> None:
    for text in SAMPLE:
        check_problem(internal.post(text.encode()), 400, "unreadable")
        check_problem(admin.merge(f"/{customer['id']}", text.encode()), 400, "unreadable")
    for text in list(ALLOWED)[::40]:
        assert internal.post(text.encode()).status_int == 422
    assert admin.get(f"/{customer['id']}").json == customer
