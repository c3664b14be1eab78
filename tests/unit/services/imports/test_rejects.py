"""The file of refused rows: private, never over another one, and good to be fed in again."""

import codecs
import csv
import io
import json
import os
import stat

import pytest
from hypothesis import example, settings
from hypothesis import given as for_any
from hypothesis import strategies as st

from bee_customers.errors import UnreadableFile
from bee_customers.services.imports.rejects import Reject, RejectsFile
from bee_customers.services.imports.row import RowFault
from tests.unit.services.imports.sources import csv_rows, given, json_rows

HEADER = b"full_name;email\r\n"
NAME = RowFault("full_name", "must not be empty")
MAIL = RowFault("email", "must be an e-mail address such as name@example.com")
WHOLE = RowFault("", "is not a JSON object on one line")


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "refused")


def written(path, *rejects, header=HEADER, delimiter=";"):
    file = RejectsFile(path, header, delimiter)
    file.add(list(rejects))
    file.keep()
    file.close()
    with open(path, "rb") as content:
        return content.read()


def test_a_refused_row_stands_behind_what_is_wrong_with_it(path):
    raw = b'"Ana; Pop";x\r\n'
    content = written(path, Reject(3, raw, (NAME, MAIL)), Reject(12, b"\xff;", (RowFault("", "is not UTF-8"),)))
    assert content == (
        b"reject_line;reject_field;reject_reason;full_name;email\r\n"
        b'3;full_name, email;"full_name must not be empty; email must be an e-mail address such as '
        b'name@example.com";"Ana; Pop";x\r\n'
        b"12;;is not UTF-8;\xff;\n"
    )


def test_a_byte_order_mark_of_the_file_stays_behind(path):
    content = written(path, header=codecs.BOM_UTF8 + HEADER)
    assert content == b"reject_line;reject_field;reject_reason;" + HEADER


def test_only_its_owner_may_read_it(path):
    old = os.umask(0)
    try:
        RejectsFile(path, HEADER, ";").close()
    finally:
        os.umask(old)
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600


@pytest.mark.parametrize("kind", ["file", "link", "link to nowhere", "directory", "device"])
def test_what_is_there_is_never_written_over(kind, path, tmp_path):
    other = tmp_path / "other"
    if kind == "directory":
        os.mkdir(path)
    elif kind == "file":
        (tmp_path / "refused").write_text("precious")
    else:
        if kind == "link":
            other.write_text("precious")
        os.symlink("/dev/full" if kind == "device" else other, path)
    with pytest.raises(UnreadableFile, match=r"refused: file exists$"):
        RejectsFile(path, HEADER, ";")
    if kind in ("file", "link"):
        with open(path) as content:
            assert content.read() == "precious"
    assert kind == "link" or not other.exists()


@pytest.mark.parametrize(
    ("place", "reason"),
    [
        ("nowhere/refused", "no such file or directory"),
        ("file/refused", "not a directory"),
        ("x" * 300, "file name too long"),
    ],
)
def test_a_place_where_it_cannot_be_is_told(place, reason, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(UnreadableFile, match=rf"^the rejects cannot be written to .*: {reason}$"):
        RejectsFile(str(tmp_path / place), HEADER, ";")


def test_a_name_that_the_database_could_not_keep_is_refused(tmp_path):
    with pytest.raises(UnreadableFile) as refused:
        RejectsFile(str(tmp_path / os.fsdecode(b"caf\xe9")), HEADER, ";")
    assert str(refused.value).endswith(r"caf\udce9: its name is not UTF-8")
    assert os.listdir(tmp_path) == []


def test_what_was_added_behind_a_position_is_forgotten(path):
    file = RejectsFile(path, HEADER, ";")
    file.add([Reject(2, b"a;b\n", (NAME,))])
    position = file.keep()
    file.add([Reject(3, b"long gone;c\n" * 10, (NAME,))])
    file.keep()
    file.add([Reject(4, b"never on the disk;c\n", (NAME,))])
    file.go_back(position)
    file.add([Reject(5, b"d;e\n", (NAME,))])
    end = file.keep()
    file.close()
    with open(path, "rb") as content:
        lines = content.read().splitlines()
    assert [line.split(b";")[0] for line in lines] == [b"reject_line", b"2", b"5"]
    assert end == os.path.getsize(path)


def test_it_can_be_gone_on_with(path):
    file = RejectsFile(path, HEADER, ";")
    file.add([Reject(2, b"a;b\n", (NAME,))])
    position = file.keep()
    file.add([Reject(3, b"not known of;c\n", (NAME,))])
    file.close()
    again = RejectsFile(path, HEADER, ";", position)
    assert again.begin == position
    again.add([Reject(4, b"d;e\n", (NAME,))])
    again.close()
    with open(path, "rb") as content:
        assert [line.split(b";")[0] for line in content] == [b"reject_line", b"2", b"4"]


def test_one_that_was_made_shorter_meanwhile_is_not_gone_on_with(path):
    content = written(path, Reject(2, b"a;b\n", (NAME,)))
    os.truncate(path, 10)
    with pytest.raises(UnreadableFile, match=r"refused: is shorter than it was$"):
        RejectsFile(path, HEADER, ";", len(content))
    assert os.path.getsize(path) == 10


def test_one_that_had_not_begun_may_be_gone(path):
    RejectsFile(path, HEADER, ";", 0).close()
    with open(path, "rb") as content:
        assert content.read() == b"reject_line;reject_field;reject_reason;" + HEADER


def test_one_that_is_gone_is_told_of(path):
    with pytest.raises(UnreadableFile, match=r"refused: no such file or directory$"):
        RejectsFile(path, HEADER, ";", 100)


def test_a_full_disk_is_told_when_it_is_to_be_kept(path):
    file = RejectsFile(path, HEADER, ";")
    full = os.open("/dev/full", os.O_WRONLY)
    os.dup2(full, file._file.fileno())
    os.close(full)
    file.add([Reject(2, b"a;b\n", (NAME,))])
    told = r"^the rejects cannot be written to .*refused: no space left on device$"
    for act in (file.keep, file.close):
        with pytest.raises(UnreadableFile, match=told):
            act()


def test_one_that_cannot_even_begin_is_not_left_behind(path, monkeypatch):
    def fail(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(UnreadableFile, match="no space left on device"):
        RejectsFile(path, HEADER, ";")
    assert not os.path.exists(path)


def test_what_a_disk_does_not_keep_is_told(path, monkeypatch):
    file = RejectsFile(path, HEADER, ";")

    def fail(_):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(UnreadableFile, match=r"refused: input/output error$"):
        file.keep()
    file.close()


def as_json(*rejects, path):
    return [json.loads(line) for line in written(path, *rejects, header=b"").splitlines()]


def test_json_lines_get_members_that_tell(path):
    (told,) = as_json(Reject(3, '{"full_name": "", "email": "ă"}\n'.encode(), (NAME, MAIL)), path=path)
    assert told == {
        "reject_line": 3,
        "reject_field": "full_name, email",
        "reject_reason": f"full_name {NAME.reason}; email {MAIL.reason}",
        "full_name": "",
        "email": "ă",
    }


def test_a_row_that_was_refused_before_is_told_of_anew(path):
    old = {"reject_line": 3, "reject_field": "x", "reject_reason": "y", "full_name": ""}
    (told,) = as_json(Reject(1, json.dumps(old).encode(), (NAME,)), path=path)
    assert told == {
        "reject_line": 1,
        "reject_field": "full_name",
        "reject_reason": NAME.reason,
        "full_name": "",
    }


def test_a_mark_before_the_first_row_is_none_of_it(path):
    (told,) = as_json(Reject(1, codecs.BOM_UTF8 + b'{"full_name": ""}', (NAME,)), path=path)
    assert told["full_name"] == ""


@pytest.mark.parametrize(
    "raw", [b"{\n", b"[1]\n", b'{"id": 1, "id": 2}\r\n', b'{"full_name": "Jos\xe9"}', b"\xff"]
)
def test_what_a_reader_could_mistake_is_kept_as_it_stood(raw, path):
    (told,) = as_json(Reject(3, raw, (WHOLE,)), path=path)
    assert told["reject_raw"].encode("utf-8", "surrogateescape") == raw.rstrip(b"\r\n")
    assert told["reject_line"] == 3


def test_a_row_that_still_needs_mending_keeps_what_stood_there(path, tmp_path):
    content = written(path, Reject(3, b"{broken\n", (WHOLE,)), header=b"")
    (row,) = json_rows(content)
    (told,) = as_json(Reject(row.line, row.raw, (row.fault,)), path=str(tmp_path / "again"))
    assert told["reject_raw"] == "{broken"
    assert told["reject_line"] == 1


@pytest.mark.parametrize(
    ("faults", "told"),
    [
        ((NAME,), "line 1,234: full_name must not be empty"),
        ((NAME, MAIL), f"line 1,234: full_name must not be empty; email {MAIL.reason}"),
        ((WHOLE,), "line 1,234: is not a JSON object on one line"),
        ((WHOLE, NAME), "line 1,234: is not a JSON object on one line; full_name must not be empty"),
    ],
)
def test_the_operator_is_told_line_field_and_reason(faults, told):
    assert str(Reject(1234, b"Ana;x\n", faults)) == told


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\0\r'"), max_size=8)
REASONS = st.sampled_from([NAME, MAIL, WHOLE, RowFault("tags", 'a "quoted", one; with\ttabs | and all')])


@settings(max_examples=30, deadline=None)
@for_any(
    st.lists(st.tuples(CELLS, CELLS, st.lists(REASONS, min_size=1, max_size=2)), max_size=4),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(["\n", "\r\n"]),
)
@example([("Ana", "", [NAME])], ",", "\n")
def test_rows_of_csv_are_read_again_as_they_were(tmp_path_factory, rows, delimiter, end):
    path = str(tmp_path_factory.mktemp("rejects") / "refused")
    raws = []
    for *cells, _ in [("full_name", "email", None), *rows]:
        text = io.StringIO()
        csv.writer(text, delimiter=delimiter, lineterminator=end).writerow(cells)
        raws.append(text.getvalue().encode())
    rejects = [Reject(7, raw, tuple(row[-1])) for raw, row in zip(raws[1:], rows, strict=True)]
    content = written(path, *rejects, header=raws[0], delimiter=delimiter)
    assert [list(given(row).values()) for row in csv_rows(content)] == [
        [cell or None for cell in cells] for *cells, _ in rows
    ]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=4,
)


@settings(max_examples=30, deadline=None)
@for_any(st.lists(st.dictionaries(st.sampled_from(["full_name", "email", "tags", "phone"]), JSON), max_size=4))
def test_rows_of_json_are_read_again_as_they_were(tmp_path_factory, rows):
    path = str(tmp_path_factory.mktemp("rejects") / "refused")
    content = written(path, *(Reject(7, json.dumps(row).encode(), (NAME,)) for row in rows), header=b"")
    assert [given(row) for row in (json_rows(content) if rows else [])] == rows
