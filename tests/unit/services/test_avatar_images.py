"""What is taken as an avatar, what is made of it, and what it may cost."""

import subprocess
import sys
import threading
from collections.abc import Callable

import pytest

from bee_customers.errors import DamagedImage, DecodersBusy, ImageTooLarge, UnsupportedImage
from bee_customers.services import avatar_images
from bee_customers.services.avatar_images import AvatarImages, Gate, check
from bee_customers.services.images import decoder
from tests import images
from tests.servers import ROOT, wait_until

FORMS = {
    "JPEG": images.encode("JPEG"),
    "progressive JPEG": images.encode("JPEG", progressive=True),
    "gray JPEG": images.encode("JPEG", mode="L"),
    "CMYK JPEG": images.encode("JPEG", mode="CMYK"),
    "PNG": images.encode("PNG"),
    "PNG with alpha": images.encode("PNG", mode="RGBA"),
    "gray PNG with alpha": images.encode("PNG", mode="LA"),
    "palette PNG": images.encode("PNG", mode="P"),
    "PNG of one bit": images.encode("PNG", mode="1"),
    "PNG of 16 bits": images.encode("PNG", mode="I;16"),
    "interlaced PNG": images.png(interlace=1, rows=b"\0" * 400),
    "PNG of one pixel": images.png(1, 1),
    "lossy WebP": images.encode("WEBP"),
    "lossless WebP": images.encode("WEBP", lossless=True),
    "WebP with alpha": images.encode("WEBP", mode="RGBA"),
}


Render = Callable[[bytes], bytes]


@pytest.fixture
def render() -> Render:
    avatars = AvatarImages(Gate(2, 2))

    def render(data: bytes) -> bytes:
        with images.in_file(data) as file:
            return avatars.render(file)

    return render


def outcome(render: Render, data: bytes) -> str:
    """The name of the error, or "taken"; anything else fails the test."""
    try:
        assert images.decoded(render(data)).format == "WEBP"
    except (UnsupportedImage, ImageTooLarge, DamagedImage) as error:
        return type(error).__name__
    return "taken"


@pytest.mark.parametrize("form", FORMS)
def test_every_usual_form_is_taken(render: Render, form: str) -> None:
    shown, given = images.decoded(render(FORMS[form])), images.decoded(FORMS[form])
    assert (shown.format, shown.size) == ("WEBP", given.size)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize(("size", "expected"), [((2000, 1000), (512, 256)), ((700, 1400), (256, 512))])
def test_a_large_image_is_made_small_and_keeps_its_shape(
    render: Render, kind: str, size: tuple[int, int], expected: tuple[int, int]
) -> None:
    assert images.decoded(render(images.encode(kind, size))).size == expected


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_the_picture_is_the_same(render: Render, kind: str) -> None:
    shown = images.decoded(render(images.encode(kind, (3000, 2000)))).convert("L")
    edges = [shown.getpixel((256, row)) for row in (2, shown.height // 2, shown.height - 3)]
    assert edges == pytest.approx([2, 127, 252], abs=8)


def test_transparent_pixels_lend_no_colour(render: Render) -> None:
    """Half red and opaque, half green and transparent: no green may come through where they meet."""
    pixel = {True: b"\xff\0\0\xff", False: b"\0\xff\0\0"}
    row = b"\0" + b"".join(pixel[column % 2 == 0] for column in range(4096))
    shown = images.decoded(render(images.png(4096, 64, 8, 6, row * 64)))
    red, green, _, alpha = shown.getpixel((200, 4))
    assert (red > 200, green < 40, 100 < alpha < 155) == (True, True, True)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_taken_sideways_is_turned_upright(render: Render, kind: str) -> None:
    exif = images.Image.Exif()
    exif[0x0112] = 6
    upright = images.decoded(render(images.encode(kind, (1200, 600), exif=exif)))
    assert upright.size == (256, 512)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_nothing_but_the_picture_is_kept(render: Render, kind: str) -> None:
    exif = images.Image.Exif()
    exif[0x010E], exif[0x8825] = "taken at home", {1: "N", 2: (44.0, 26.0, 6.0)}
    given = images.encode(kind, exif=exif, xmp=b"<x:xmpmeta>at home</x:xmpmeta>")
    assert b"at home" in given
    kept = render(given)
    assert (b"home" in kept, b"EXIF" in kept, b"XMP " in kept, b"ICCP" in kept) == (False,) * 4
    assert not images.decoded(kept).getexif()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize(
    "tail", [b"PK\x03\x04", b"\n%PDF-1.7", b"<SCRIPT>", b"<?php", b"\xff\xd8\xff\xe0", b"GIF89a"]
)
def test_a_picture_that_is_also_something_else_is_refused(render: Render, kind: str, tail: bytes) -> None:
    assert outcome(render, images.encode(kind) + b"\0" * 10 + tail) == "UnsupportedImage"


def test_what_else_follows_the_image_is_dropped(render: Render) -> None:
    tail = b"what a camera writes there: script"
    for kind in ("JPEG", "PNG", "WEBP"):
        assert b"script" not in render(images.encode(kind) + tail)


@pytest.mark.parametrize(
    "foreign",
    [
        images.encode("GIF", mode="P"),
        images.encode("TIFF"),
        images.encode("BMP"),
        images.encode("ICO"),
        images.frames("PNG"),
        images.frames("WEBP"),
        images.frames("MPO"),
        b'<svg xmlns="http://www.w3.org/2000/svg"/>',
        b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>',
        b"%PDF-1.7",
        b"\0\0\0\x18ftypheic",
        b"not an image at all",
        b"\xff",
        images.with_more_scans(images.encode("JPEG", progressive=True), 100),
    ],
    ids=lambda data: repr(data[:10]),
)
def test_other_kinds_are_not_taken(render: Render, foreign: bytes) -> None:
    assert outcome(render, foreign) == "UnsupportedImage"


@pytest.mark.parametrize(
    "oversized",
    [
        b"\xff\xd8\xff" + b"\0" * avatar_images.BYTES_MOST,
        images.with_jpeg_size(images.encode("JPEG"), 65500, 65500),
        images.png(30_000, 30_000, rows=b""),
        images.png(2**31 - 1, 2**31 - 1, rows=b""),
        images.png(6000, 6000, 8, 6, rows=b"", interlace=1),
        images.png(40_000, 1000, 16, 6, rows=b""),
        images.with_jpeg_size(images.encode("JPEG", progressive=True, subsampling=0), 6000, 6000),
    ],
    ids=lambda data: repr(data[:30]),
)
def test_what_would_take_too_much_is_told_without_decoding(oversized: bytes) -> None:
    with pytest.raises(ImageTooLarge):
        check(oversized)


@pytest.mark.parametrize(
    "damaged",
    [
        b"",
        images.PNG_SIGNATURE,
        images.png(0, 8, rows=b""),
        images.png(8, 0, rows=b""),
        images.png(depth=3),
        images.png(colour=7),
        images.png(colour=3),
        images.png(rows=b"\0"),
        images.png(rows=b"\x09" * 200),
        images.png()[:-12],
        images.png().replace(b"IDAT", b"IDAX"),
        images.png()[:-13] + b"\0" + images.png()[-12:],
        images.png(interlace=2),
        images.PNG_SIGNATURE + images.chunk(b"IEND"),
        images.PNG_SIGNATURE + images.chunk(b"IHDR", b"\0" * 13, checksum=1) + images.chunk(b"IEND"),
        b"\xff\xd8\xff\xd9",
        b"\xff\xd8\xff\xe0\0\x10",
        b"\xff\xd8\xff\xda\0\x02\xff\xd9",
        images.with_jpeg_size(images.encode("JPEG"), 0, 0),
        images.with_jpeg_size(images.encode("JPEG"), 64, 0),
        images.encode("JPEG")[:-2],
        b"RIFF\0\0\0\0WEBP",
        b"RIFF\xff\xff\xff\xffWEBPVP8L\xff\xff\xff\xff",
        b"RIFF\x20\0\0\0WEBPVP8 \x08\0\0\0" + b"\0" * 8,
        b"RIFF\x20\0\0\0WEBPVP8X\0\0\0\0",
    ],
    ids=lambda data: repr(data[:40]),
)
def test_a_broken_image_is_named_so(render: Render, damaged: bytes) -> None:
    assert outcome(render, damaged) == "DamagedImage"


@pytest.mark.parametrize("form", ["JPEG", "progressive JPEG", "PNG", "palette PNG", "lossy WebP", "lossless WebP"])
def test_a_cut_image_is_refused_wherever_it_is_cut(render: Render, form: str) -> None:
    outcomes = {outcome(render, cut) for cut in images.cuts(FORMS[form], 25)}
    assert outcomes <= {"DamagedImage", "UnsupportedImage"}


@pytest.mark.parametrize("form", ["JPEG", "progressive JPEG", "PNG", "palette PNG", "lossy WebP", "lossless WebP"])
def test_turned_bits_are_taken_or_refused_and_nothing_else(render: Render, form: str) -> None:
    for broken in images.flips(FORMS[form], 40, seed=20240229):
        outcome(render, broken)


@pytest.mark.parametrize("form", ["JPEG", "progressive JPEG", "PNG", "WebP with alpha", "lossless WebP"])
def test_headers_of_turned_bits_raise_nothing_unexpected(form: str) -> None:
    for broken in images.flips(FORMS[form], 3000, seed=7):
        outcome(lambda data: (check(data), FORMS["lossy WebP"])[1], broken)


def test_a_bomb_in_a_text_chunk_is_harmless(render: Render) -> None:
    bomb = images.zlib.compress(b"\0" * 500_000_000, 9)
    for kind, content in ((b"zTXt", b"a\0\0"), (b"iCCP", b"a\0\0"), (b"iTXt", b"a\0\1\0\0\0")):
        assert outcome(render, images.with_chunk(images.png(), images.chunk(kind, content + bomb))) in (
            "taken",
            "DamagedImage",
        )


def test_a_bomb_of_pixels_is_harmless(render: Render) -> None:
    """Far more rows than the header tells of."""
    assert outcome(render, images.png(rows=b"\0" * 300_000_000)) in ("taken", "DamagedImage")


def test_many_tiny_chunks_are_harmless(render: Render) -> None:
    tiny = images.chunk(b"tEXt", b"a\0b") * 300_000
    assert outcome(render, images.with_chunk(images.png(), tiny)) in ("taken", "DamagedImage")


@pytest.mark.parametrize("count", [1, 10])
def test_scans_that_come_again_are_harmless(render: Render, count: int) -> None:
    image = images.encode("JPEG", (4000, 3000), progressive=True, subsampling=0)
    assert outcome(render, images.with_more_scans(image, count)) in ("taken", "DamagedImage")


# In a process of their own, since the most that a process ever held is what is told.
_MEASURE = """
import resource, sys
from bee_customers.errors import DamagedImage
from bee_customers.services import avatar_images
from bee_customers.services.images.header import Header
image = sys.stdin.buffer
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    header = avatar_images.check(avatar_images._mapped(image)) if {is_checked} else Header("jpeg", 8000, 5000, 0)
    avatar_images._decode(header, image)
    assert {is_checked}
except DamagedImage:
    assert not {is_checked}
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""
LARGE = {
    "JPEG of 40 megapixels": lambda: images.encode("JPEG", (8000, 5000)),
    "PNG of 40 megapixels": lambda: images.encode("PNG", (8000, 5000)),
    "PNG of 40 megapixels with alpha": lambda: images.png(8000, 5000, 8, 6, b"\0" * 32001 * 5000),
    "PNG of 40 megapixels in 16 bits with alpha": lambda: images.png(8000, 5000, 16, 6, b"\0" * 64001 * 5000),
    "lossy WebP of 40 megapixels": lambda: images.encode("WEBP", (8000, 5000), method=0),
    "progressive JPEG of 12 megapixels": lambda: images.encode(
        "JPEG", (4000, 3000), progressive=True, subsampling=0
    ),
    "lossless WebP of 18 megapixels": lambda: images.encode(
        "WEBP", (5000, 3600), plain=True, lossless=True, method=0
    ),
}


@pytest.mark.parametrize("name", LARGE)
def test_an_image_takes_a_bounded_amount_of_memory(name: str) -> None:
    here, decoding = memory_for(LARGE[name](), is_checked=True)
    assert here < 40
    assert decoding < 150


def test_the_decoder_has_a_bound_of_its_own() -> None:
    """For an image whose header did not tell what it takes: here 240 MB."""
    image = images.encode("JPEG", (8000, 5000), progressive=True, subsampling=0)
    assert memory_for(image, is_checked=False)[1] < 150


def memory_for(data: bytes, *, is_checked: bool) -> tuple[float, float]:
    """MiB that rendering added to the process, and that the decoder held together with Python and libvips."""
    assert len(data) <= avatar_images.BYTES_MOST
    command = [sys.executable, "-c", _MEASURE.format(is_checked=is_checked)]
    with images.in_file(data) as file:
        done = subprocess.run(command, cwd=ROOT, stdin=file, stdout=subprocess.PIPE, check=True)
    here, decoding = (int(kilobytes) / 1024 for kilobytes in done.stdout.split())
    return here, decoding


def test_the_decoder_is_told_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "not to be passed on")
    assert "SECRET_KEY" not in avatar_images._environment()


def test_a_decoder_out_of_time_or_memory_is_a_damaged_image(
    render: Render, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = "import os, signal; os.kill(os.getpid(), signal.SIGXCPU)"
    monkeypatch.setattr(avatar_images, "_COMMAND", [sys.executable, "-c", script])
    assert outcome(render, FORMS["PNG"]) == "DamagedImage"


def test_a_decoder_that_does_not_work_is_our_fault(render: Render, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(avatar_images, "_COMMAND", [sys.executable, "-c", "import no_such_module"])
    with pytest.raises(RuntimeError, match="no_such_module"):
        render(FORMS["PNG"])


def test_a_decoder_that_gets_no_time_is_a_busy_one(render: Render, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(avatar_images, "_COMMAND", [sys.executable, "-c", "import time; time.sleep(60)"])
    monkeypatch.setattr(avatar_images, "_TIMEOUT_SECONDS", 0.1)
    with pytest.raises(DecodersBusy):
        render(FORMS["PNG"])


def test_the_decoders_bounds_are_not_below_the_checks() -> None:
    assert decoder.MEMORY_MOST > avatar_images.HELD_BYTES_MOST
    assert decoder.UNDECODABLE == avatar_images._UNDECODABLE


@pytest.mark.parametrize("threads", range(1, 65))
def test_images_never_hold_every_thread_but_the_only_one(threads: int) -> None:
    gate = Gate.for_threads(threads)
    assert 1 <= gate._inside._value <= avatar_images.DECODERS_MOST
    assert gate._admitted._value <= max(1, threads - 1)


def test_of_eight_at_once_two_get_in_one_waits_and_the_others_are_turned_away() -> None:
    gate, leave = Gate(inside=2, waiting=1, patience=30), threading.Event()
    inside: list[int] = []
    refused: list[int] = []

    def enter(number: int) -> None:
        try:
            with gate():
                inside.append(number)
                leave.wait(30)
        except DecodersBusy:
            refused.append(number)

    threads = [threading.Thread(target=enter, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    wait_until(lambda: len(refused) == 5, 10, "five to be turned away")
    assert len(inside) == 2
    leave.set()
    for thread in threads:
        thread.join(30)
    assert (len(inside), len(refused)) == (3, 5)


def test_who_waits_for_too_long_is_turned_away() -> None:
    gate = Gate(inside=1, waiting=1, patience=0.01)
    with gate(), pytest.raises(DecodersBusy):
        enter_and_leave(gate)
    enter_and_leave(gate)


def enter_and_leave(gate: Gate) -> None:
    with gate():
        pass
