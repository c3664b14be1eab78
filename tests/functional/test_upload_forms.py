"""multipart/form-data: what is read of it, and what is refused."""

import pytest

from tests.client import Client
from tests.functional.forms import BOUNDARY, form, part
from tests.functional.problem_details import check_problem, pointers
from tests.functional.uploading import PICTURE, send, upload


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (form(), {"/file"}),
        (form(part(PICTURE, name="image")), {"/file", "/image"}),
        (form(part(PICTURE, name="")), {"/file", "/"}),
        (form(part(PICTURE), part(PICTURE)), {"/file"}),
        (form(part(PICTURE), part(b"x", name="caption")), {"/caption"}),
        (form(part(b"x", name="caption"), part(PICTURE)), {"/caption"}),
    ],
    ids=["none", "wrong name", "no name", "twice", "one more", "one before"],
)
def test_a_form_has_the_one_part(admin: Client, customer_id: str, body: bytes, expected: set[str]) -> None:
    assert pointers(send(admin, customer_id, body)) == expected


WHOLE = form(part(PICTURE))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"x" * 1000,
        WHOLE[: len(WHOLE) // 2],
        WHOLE[:-8],
        WHOLE[:30],
        WHOLE.replace(b"\r\n", b"\n"),
        WHOLE.replace(b"form-data", b"attachment"),
        WHOLE.replace(b"Content-Disposition", b"Content-\xff"),
        WHOLE.replace(b"Content-Disposition", b"X-Nothing"),
        b"junk" + WHOLE,
        WHOLE.replace(b"Content-Type:", b"Content-Length: 5\r\nContent-Type:"),
        f"--{BOUNDARY}\r\n".encode() + b"A: b\r\n" * 50 + b"\r\n" + WHOLE,
    ],
    ids=range(12),
)
def test_a_form_that_cannot_be_read_is_named_so(admin: Client, customer_id: str, body: bytes) -> None:
    response = send(admin, customer_id, body)
    assert response.status_int in (400, 413)
    check_problem(response, response.status_int)


@pytest.mark.parametrize("junk", [b"\r\n", b"junk", b"junk" * 150_000], ids=len)
def test_what_follows_the_form_is_passed_over(admin: Client, customer_id: str, junk: bytes) -> None:
    """RFC 2046, 5.1.1: an epilogue is ignored, however long."""
    assert send(admin, customer_id, WHOLE + junk).status_int == 200


def test_many_parts_are_refused(admin: Client, customer_id: str) -> None:
    body = form(*(part(b"x", name=f"n{number}") for number in range(1000)))
    response = send(admin, customer_id, body)
    check_problem(response, 413, "too-large")


@pytest.mark.parametrize(
    ("media_type", "status"),
    [
        ("application/json", 415),
        ("image/jpeg", 415),
        ("multipart/mixed; boundary=x", 415),
        ("application/x-www-form-urlencoded", 415),
        ("", 415),
        ("multipart/form-data", 400),
        ("multipart/form-data; boundary=", 400),
        ('multipart/form-data; boundary=""', 400),
        (f"multipart/form-data; boundary={'x' * 71}", 400),
        ("multipart/form-data; boundary=other", 400),
    ],
)
def test_the_media_type_names_a_form_and_its_boundary(
    admin: Client, customer_id: str, media_type: str, status: int
) -> None:
    check_problem(upload(admin, customer_id, Content_Type=media_type), status)


def test_a_form_is_read_whatever_its_size(admin: Client, customer_id: str) -> None:
    """Nothing is lost and nothing taken for too much."""
    frame = len(form(part(b"")))
    for size in range(262_144 - 70, 262_144 + 10, 3):
        response = send(admin, customer_id, form(part(b"x" * (size - frame))))
        check_problem(response, 415, "unsupported-media-type")
