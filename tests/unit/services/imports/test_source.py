"""Lines of a file: where each stands, and that no file takes more memory than a row."""

import codecs
import collections
import contextlib
import gzip
import hashlib
import io
import os
import sys
import threading

import pytest

from bee_customers.errors import UnreadableFile
from bee_customers.services.imports.source import HEAD, ROW_MOST, Source, name_of, opened, size_of
from tests.unit.services.imports.sources import Endless, source

LINES = [b"id,full_name\n", "1,Ionuț\r\n".encode(), b"\n", b"2,\xff\xfe\n", b"3,without an end"]
WHOLE = b"".join(LINES)


@pytest.fixture
def written(tmp_path):
    """Writes a file and returns its path."""

    def write(content, name="people.csv"):
        path = tmp_path / name
        path.write_bytes(content)
        return str(path)

    return write


def lines_of(path):
    with opened(path) as opened_source:
        return [(text, opened_source.take()) for text in opened_source]


def test_lines_come_as_text_and_as_they_stood():
    one = source(WHOLE)
    taken = [(text, one.take(), one.line) for text in one]
    assert [raw for _, raw, _ in taken] == LINES
    assert [line for *_, line in taken] == [1, 2, 3, 4, 5]
    assert [text for text, *_ in taken] == [line.decode("utf-8", "surrogateescape") for line in LINES]


def test_position_and_digest_are_those_of_what_was_taken():
    one = source(WHOLE)
    for number in range(len(LINES)):
        before = b"".join(LINES[:number])
        next(one)
        assert (one.position, one.digest) == (len(before), hashlib.sha256(before).hexdigest())
        one.take()
    assert (one.position, one.digest) == (len(WHOLE), hashlib.sha256(WHOLE).hexdigest())


def test_several_lines_may_be_one_row():
    one = source(WHOLE)
    assert [next(one), next(one)]
    assert one.take() == LINES[0] + LINES[1]
    assert (one.line, one.position) == (2, len(LINES[0] + LINES[1]))


def test_a_byte_order_mark_is_no_text_but_counts():
    one = source(codecs.BOM_UTF8 + WHOLE)
    assert next(one) == "id,full_name\n"
    assert one.take() == codecs.BOM_UTF8 + LINES[0]
    assert one.position == 3 + len(LINES[0])
    assert one.begins_with == b"i"


def test_a_mark_in_a_later_line_is_text():
    one = source(LINES[0] + codecs.BOM_UTF8 + b"x\n")
    assert [next(one), next(one)][1] == "\ufeffx\n"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-16", "utf-32-le"])
def test_utf16_is_named(encoding):
    mark = b"" if encoding == "utf-16" else {"utf-16-be": codecs.BOM_UTF16_BE}.get(encoding, codecs.BOM_UTF16_LE)
    one = source(mark + "id,full_name\n1,Ana\n".encode(encoding))
    with pytest.raises(UnreadableFile, match=r"^people\.csv, line 1: the file is UTF-16: save it as UTF-8$"):
        next(one)


def test_an_endless_line_is_told_before_it_fills_the_memory():
    endless = Endless(b"full_name\n", b"x" * 1024)
    one = source(endless)
    next(one)
    one.take()
    with pytest.raises(UnreadableFile, match=r"^people\.csv, line 2: a row of more than 1,000,000 bytes"):
        next(one)
    assert endless.given < 2 * ROW_MOST


def test_endless_lines_of_one_row_are_told_at_the_line_where_it_begins():
    endless = Endless(b"full_name\nAna\n", b"x" * 127 + b"\n")
    one = source(endless)
    for _ in range(2):
        next(one)
        one.take()
    with pytest.raises(UnreadableFile, match=r"^people\.csv, line 3: a row of more than 1,000,000 bytes"):
        list(one)
    assert endless.given < 2 * ROW_MOST


def test_a_row_of_just_below_the_most_is_one():
    line = b"x" * (ROW_MOST - 2) + b"\n"
    one = source(line + b"y\n")
    assert [(len(next(one)), one.take()) and one.position, next(one)] == [ROW_MOST - 1, "y\n"]


@pytest.mark.parametrize("size", [0, 1, 2, HEAD - 1, HEAD, HEAD + 1, 3 * HEAD])
def test_what_is_read_ahead_is_read_once(size, written):
    content = (b"0123456789\n" * (size // 11 + 1))[:size]
    for path in (written(content), written(gzip.compress(content), "packed")):
        assert b"".join(raw for _, raw in lines_of(path)) == content


def test_packed_files_are_known_by_how_they_begin(written):
    assert [raw for _, raw in lines_of(written(gzip.compress(WHOLE), "people.csv"))] == LINES
    assert [raw for _, raw in lines_of(written(WHOLE, "people.csv.gz"))] == LINES


def test_a_file_packed_in_parts_is_one_file(written):
    assert [raw for _, raw in lines_of(written(gzip.compress(LINES[0]) + gzip.compress(b"1,Ana\n")))] == [
        LINES[0],
        b"1,Ana\n",
    ]


def random_lines(count):
    """Lines that do not pack well."""
    return b"".join(hashlib.sha256(str(number).encode()).hexdigest().encode() + b"\n" for number in range(count))


@pytest.mark.parametrize("kept", [10, 40, 500])
def test_a_packed_file_that_is_cut_short_is_named(kept, written):
    path = written(gzip.compress(random_lines(100))[:kept], "people.csv.gz")
    with pytest.raises(UnreadableFile, match=r"^people\.csv\.gz: the gzip data is damaged or cut short$"):
        lines_of(path)


def test_a_large_one_that_is_cut_short_is_read_up_to_there_and_the_line_is_told(written):
    content = random_lines(20_000)
    path = written(gzip.compress(content)[:-1000], "people.csv.gz")
    seen = []
    with opened(path) as one, pytest.raises(UnreadableFile) as told:
        seen.extend(one.take() for _ in one)
    assert content.startswith(b"".join(seen))
    assert len(seen) > 15_000
    told.match(rf"^people\.csv\.gz, line {len(seen) + 1:,}: cannot be read any further: the gzip data is damaged")


@pytest.mark.parametrize("at", [3, 5, 400, -9, -5, -1])
def test_damage_is_never_taken_for_data(at, written):
    packed = bytearray(gzip.compress(random_lines(100)))
    packed[at] ^= 0x55
    # a byte that only tells when it was packed harms nothing
    lines = []
    with contextlib.suppress(UnreadableFile):
        lines = lines_of(written(bytes(packed)))
    assert b"".join(raw for _, raw in lines) in (b"", random_lines(100))


def test_what_follows_a_packed_file_is_no_data(written):
    with pytest.raises(UnreadableFile, match="damaged or cut short"):
        lines_of(written(gzip.compress(WHOLE) + b"and something else"))


def test_the_fingerprint_is_of_the_beginning(written):
    long = b"0123456789\n" * HEAD
    sources = [source(content) for content in (long, long + b"more", b"x" + long, WHOLE)]
    prints = [one.fingerprint for one in sources]
    assert prints[0] == prints[1]
    assert len(set(prints)) == 3
    with opened(written(gzip.compress(WHOLE))) as packed:
        assert packed.fingerprint == prints[3]


def test_it_can_go_on_where_another_stopped():
    whole = b"".join(b"%d,Ana\n" % number for number in range(300_000))
    first = source(whole)
    for _ in range(200_000):
        next(first)
        first.take()
    second = source(whole)
    second.skip_to(first.position, first.line, first.digest)
    assert (second.position, second.line, second.digest) == (first.position, first.line, first.digest)
    assert next(second) == next(first) == "200000,Ana\n"
    assert (second.take(), second.line, second.digest) == (first.take(), first.line, first.digest)


@pytest.mark.parametrize(("content", "is_end"), [(WHOLE, True), (WHOLE + b"\n", False), (b"x" * 300_000, False)])
def test_it_knows_its_end(content, is_end):
    one = source(content)
    one.skip_to(len(WHOLE), 5, hashlib.sha256(content[: len(WHOLE)]).hexdigest())
    assert one.is_at_end() == is_end
    assert len(list(one)) == (not is_end)


def test_it_goes_on_behind_a_header_that_was_read_again():
    first = source(WHOLE)
    for _ in range(4):
        next(first)
        first.take()
    second = source(WHOLE)
    next(second)
    second.take()
    second.skip_to(first.position, first.line, first.digest)
    assert next(second) == LINES[4].decode()


@pytest.mark.parametrize("other", [b"id,full_name\n1,Xonut", WHOLE[:20], b"", WHOLE.replace(b"1,", b"7,")])
def test_another_file_is_not_gone_on_with(other):
    first = source(WHOLE)
    for _ in range(3):
        next(first)
        first.take()
    with pytest.raises(UnreadableFile, match=r"^people\.csv: its first 3 lines are not those that were imported"):
        source(other).skip_to(first.position, first.line, first.digest)


def test_a_file_that_grew_is_gone_on_with():
    first = source(WHOLE)
    digest = [(next(first), first.take()) for _ in LINES] and first.digest
    grown = source(WHOLE + b"\n4,new\n")
    grown.skip_to(len(WHOLE), 5, digest)
    assert list(grown) == ["\n", "4,new\n"]


class Stdin:
    def __init__(self, stream):
        self.buffer = stream


def test_stdin_is_read_like_a_file(monkeypatch):
    for content in (WHOLE, gzip.compress(WHOLE)):
        monkeypatch.setattr(sys, "stdin", Stdin(io.BytesIO(content)))
        assert [raw for _, raw in lines_of("-")] == LINES
    assert (name_of("-"), size_of("-")) == ("stdin", None)


def test_a_pipe_that_gives_little_at_a_time_is_read_to_its_end(tmp_path, monkeypatch):
    reading, writing = os.pipe()

    def trickle():
        with os.fdopen(writing, "wb", 0) as pipe:
            for byte in WHOLE:
                pipe.write(bytes([byte]))

    thread = threading.Thread(target=trickle)
    thread.start()
    with os.fdopen(reading, "rb") as pipe:
        monkeypatch.setattr(sys, "stdin", Stdin(pipe))
        with opened("-") as one:
            assert [one.take() for _ in one] == LINES
            assert one.bytes_read() == len(WHOLE)
    thread.join()


def test_a_stdin_that_is_closed_is_named(monkeypatch):
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(UnreadableFile, match=r"^stdin: is closed$"), opened("-"):
        pass


@pytest.mark.parametrize(
    ("path", "reason"),
    [("nowhere.csv", "no such file or directory"), ("", "no such file or directory"), (".", "is a directory")],
)
def test_a_path_that_leads_to_no_file_is_named(path, reason, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UnreadableFile, match=rf"{reason}$"), opened(path):
        pass


def test_a_path_below_a_file_is_named(written):
    with pytest.raises(UnreadableFile, match=r"^x\.csv: not a directory$"), opened(written(WHOLE) + "/x.csv"):
        pass


def test_a_disk_that_fails_midway_is_told_with_the_line():
    class Failing(Endless):
        def readinto(self, buffer):
            if self.given > 3 * HEAD:
                raise OSError(5, "Input/output error")
            return super().readinto(buffer)

    one = source(Failing(b"", b"0123456789abcde\n"))
    with pytest.raises(UnreadableFile) as told:
        collections.deque((one.take() for _ in one), 0)
    assert one.line > HEAD / 16
    told.match(rf"^people\.csv, line {one.line + 1:,}: cannot be read any further: input/output error$")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        (b"caf\xe9.csv", r"caf\xe9.csv"),
        (b"two\nlines.csv", r"two\nlines.csv"),
        (b"\x1b[31mred.csv", r"\x1b[31mred.csv"),
        ("Ștefan's file.csv".encode(), "Ștefan's file.csv"),
    ],
)
def test_an_odd_file_name_is_told_on_one_line_that_can_be_written(name, told):
    shown = name_of("/somewhere/" + os.fsdecode(name))
    assert shown == told
    assert shown.encode().decode() == shown


def test_the_size_is_that_on_the_disk(written, tmp_path):
    assert size_of(written(gzip.compress(WHOLE))) == len(gzip.compress(WHOLE))
    assert size_of(str(tmp_path)) is None
    assert size_of(str(tmp_path / "nowhere")) is None


def test_how_much_is_read_is_told_of_the_file_on_the_disk(written):
    packed = gzip.compress(random_lines(20_000))
    with opened(written(packed)) as one:
        assert 0 < one.bytes_read() < len(packed)
        for _ in one:
            one.take()
        assert one.bytes_read() == len(packed)


def test_a_source_is_a_source_of_any_stream():
    assert list(Source(io.BytesIO(b"a\n"), "x")) == ["a\n"]
