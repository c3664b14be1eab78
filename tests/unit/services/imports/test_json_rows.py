"""Rows of files of JSON lines."""

import pytest

from bee_customers.errors import UnreadableFile
from tests.unit.services.imports.sources import given, json_rows


def rows_of(content, **mapping):
    return list(json_rows(content, **mapping))


def fault_of(line, **mapping):
    (row,) = rows_of(line, **mapping)
    return row.fault and (row.fault.field, row.fault.reason)


def test_members_are_given_as_they_are():
    (row,) = rows_of('{"full_name": "Ionuț", "phone": 7, "tags": ["VIP", 1], "gender": {"a": []}}'.encode())
    assert given(row) == {"full_name": "Ionuț", "phone": 7, "tags": ["VIP", 1], "gender": {"a": []}}


def test_null_is_given_and_what_is_missing_is_not():
    assert given(rows_of(b'{"email": null, "full_name": "Ana"}')[0]) == {"full_name": "Ana", "email": None}
    assert given(rows_of(b"{}")[0]) == {}


def test_lines_are_counted_and_empty_ones_passed_over():
    content = b'\xef\xbb\xbf{"id": "1"}\r\n\n  \r\n{"id": "2"}\n\n{"id": "3"}'
    rows = rows_of(content)
    assert [(row.line, given(row)["id"], row.raw) for row in rows] == [
        (1, "1", b'\xef\xbb\xbf{"id": "1"}\r\n'),
        (4, "2", b'{"id": "2"}\n'),
        (6, "3", b'{"id": "3"}'),
    ]


@pytest.mark.parametrize(
    "line",
    [
        b"[]",
        b"7",
        b"null",
        b'"x"',
        b"{",
        b'{"id": 1} x',
        b"{'id': 1}",
        b'{"id": 1,}',
        b"x,y",
        b"[" * 100_000,
        b'{"id": ' + b"9" * 5000 + b"}",
        b'{"id": "a\tb"}',
        b'{"id":"1"}{"id":"2"}',
        b'{"tags": ' + b"[" * 100_000 + b"}",
    ],
    ids=lambda line: line[:12],
)
def test_what_is_no_object_on_one_line_is_refused_and_the_next_one_taken(line):
    first, second = rows_of(line + b'\n{"id": "2"}\n')
    assert (first.fault.field, first.fault.reason) == ("", "is not a JSON object on one line")
    assert (second.line, given(second)) == (2, {"id": "2"})


@pytest.mark.parametrize("line", [b'{"id": 1, "id": 1}', b'{"tags": [{"a": 1, "a": 2}]}'])
def test_a_member_that_is_there_twice_is_refused(line):
    assert fault_of(line) == ("", "has a member twice")


def test_two_names_of_one_field_are_refused():
    assert fault_of(b'{"Full Name": "A", "full_name": "B"}') == ("full_name", "is there twice, under two names")
    assert fault_of(b'{"mail": "A", "email": "B"}', mail="email") == ("email", "is there twice, under two names")


def test_an_unknown_member_is_named():
    assert fault_of(b'{"nick": "A"}') == ("nick", "is not known")
    assert fault_of(b'{"": "A"}') == ("''", "is not known")


def test_an_odd_name_is_told_in_a_way_that_does_nothing_to_a_terminal():
    field, _ = fault_of(b'{"\\u001b[31m\\n\\ud800' + b"x" * 1000 + b'": 1}')
    assert field.isprintable()
    assert len(field) < 100
    assert field.startswith("\\x1b[31m\\n\\ud800x")


def test_what_only_the_service_writes_is_passed_over():
    (row,) = rows_of(b'{"id": "1", "version": 7, "avatar_url": null, "updated_at": 1, "reject_line": 3}')
    assert given(row) == {"id": "1"}
    assert row.fault is None


def test_a_mapping_holds_for_members_too():
    (row,) = rows_of(b'{"Name": "Ana", "junk": 1}', name="full_name", junk="", nowhere="email")
    assert given(row) == {"full_name": "Ana"}


def test_a_row_that_was_kept_as_it_stood_has_to_be_mended_first():
    field, reason = fault_of(b'{"reject_line": 3, "reject_raw": "{"}')
    assert field == "reject_raw"
    assert "put it in place of this line" in reason


def test_a_file_without_anything_is_refused():
    for content in (b"", b"\n\n", b" ", b"\xef\xbb\xbf"):
        with pytest.raises(UnreadableFile, match=r"^people\.jsonl: the file is empty$"):
            rows_of(content)


def test_what_is_not_utf8_is_kept_as_it_stood():
    (row,) = rows_of(b'{"full_name": "Jos\xe9"}\n')
    assert row.raw == b'{"full_name": "Jos\xe9"}\n'
    assert given(row)["full_name"] == "Jos\udce9"
