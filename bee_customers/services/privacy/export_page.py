"""`index.html` of an export: what is kept about somebody, for that person to read.

It needs nothing but itself: no script, no address, pictures inside. All that comes from the database is escaped.
"""

import base64
import datetime
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import Any

from bee_customers.db.snapshot import Snapshot
from bee_customers.services.privacy import export_reading as reading
from bee_customers.services.privacy.export_reading import Excerpt
from bee_customers.services.privacy.footprints import Footprint
from bee_customers.services.privacy.stores import avatar_entry

NAME = "index.html"
_STYLE = """
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
h1, h2, h3 { line-height: 1.2; margin: 2rem 0 .5rem; }
h2 { border-top: 2px solid #d99a00; padding-top: 1rem; }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .25rem 1.5rem; margin: 0; }
dt { opacity: .7; }
dd { margin: 0; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: start; vertical-align: top; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid #8884; }
td { white-space: nowrap; }
td:first-child { width: 10rem; }
td.long { white-space: pre-wrap; overflow-wrap: anywhere; }
img { display: block; width: 8rem; border-radius: .5rem; margin-bottom: 1rem; }
.tag { display: inline-block; border: 1px solid #8888; border-radius: 1rem; padding: 0 .75rem; }
.tag { margin: 0 .25rem .25rem 0; }
.none, .more { opacity: .7; }
@media print { body { max-width: none; } tr { break-inside: avoid; } }
"""
_POLICY = "; ".join(
    (
        "default-src 'none'",
        "img-src data:",
        f"style-src 'sha256-{base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()}'",
        "base-uri 'none'",
        "form-action 'none'",
    )
)
_SHORT_MOST = 24
_FILES = {
    "index.html": "this page",
    "orders.csv": "all orders and bookings, for a spreadsheet",
    "notes.csv": "all notes of staff, for a spreadsheet",
    "data/": "all of it, table by table, as JSON, for programs: the same values to the last digit",
    "avatars/": "your pictures, where you have any",
    "manifest.json": "size and SHA-256 of every file here",
}


def pieces(
    snapshot: Snapshot, footprint: Footprint, pictures: Mapping[str, bytes], made_at: datetime.datetime
) -> Iterator[bytes]:
    """The page, as it is written."""
    for piece in _page(snapshot, footprint, pictures, made_at):
        yield piece.encode()


def _page(
    snapshot: Snapshot, footprint: Footprint, pictures: Mapping[str, bytes], made_at: datetime.datetime
) -> Iterator[str]:
    yield (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width">\n<meta name="robots" content="noindex">\n'
        f"<title>Your data at BeeConnect Customers</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        "<h1>Your data at BeeConnect Customers</h1>\n"
        f"<p>This is everything that was kept about you on {_time(made_at)}, in every business you are a customer "
        "of. Times are in UTC.</p>\n"
    )
    for customer in reading.customers(snapshot, footprint):
        yield from _customer(snapshot, customer, pictures.get(avatar_entry(customer["id"])))
    yield "<h2>What you asked for before</h2>\n"
    yield from _excerpt(reading.requests(snapshot, footprint), "You asked for nothing before.", "data/")
    yield "<h2>What is in this archive</h2>\n"
    yield from _table(("File", "Holds"), _FILES.items())
    yield "</body>\n</html>\n"


def _customer(snapshot: Snapshot, customer: dict[str, Any], picture: bytes | None) -> Iterator[str]:
    yield f"<section>\n<h2>{_text(customer['full_name'])}</h2>\n"
    if picture:
        yield f'<img alt="Your picture" src="data:image/webp;base64,{base64.b64encode(picture).decode()}">\n'
    yield from _facts(reading.facts(customer))
    yield "<h3>Tags</h3>\n"
    tags = reading.tags(snapshot, customer["id"])
    yield "".join(f'<span class="tag">{_text(tag)}</span>' for tag in tags) or _none("You carry no tags.")
    for heading, excerpt, nothing, rest in (
        ("Orders and bookings", reading.orders(snapshot, customer["id"]), "There are no orders.", "orders.csv"),
        ("Notes of staff", reading.notes(snapshot, customer["id"]), "There are no notes.", "notes.csv"),
        ("What was done when", reading.events(snapshot, customer["id"]), "Nothing is told.", "data/event.json"),
    ):
        yield f"<h3>{heading}</h3>\n"
        yield from _excerpt(excerpt, nothing, rest)
    yield "</section>\n"


def _facts(facts: Mapping[str, object]) -> Iterator[str]:
    yield "<dl>\n"
    for name, value in facts.items():
        shown = '<span class="none">none</span>' if value is None else _text(value)
        yield f"<dt>{escape(name)}</dt><dd>{shown}</dd>\n"
    yield "</dl>\n"


def _excerpt(excerpt: Excerpt, nothing: str, rest: str) -> Iterator[str]:
    """The newest rows, and where the others are."""
    if not excerpt.count:
        yield _none(nothing)
        return
    yield from _table(excerpt.columns, excerpt.rows)
    if excerpt.left_out:
        yield f'<p class="more">And {excerpt.left_out:,} older ones, which are in {escape(rest)}.</p>\n'


def _table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    yield "<table>\n<tr>" + "".join(f"<th>{escape(column)}</th>" for column in columns) + "</tr>\n"
    for row in rows:
        yield "<tr>" + "".join(map(_cell, row)) + "</tr>\n"
    yield "</table>\n"


def _cell(value: object) -> str:
    """Only what is long is broken into lines, so that it leaves the rest its room."""
    is_long = isinstance(value, str) and (len(value) > _SHORT_MOST or "\n" in value)
    return f'<td class="long">{_text(value)}</td>' if is_long else f"<td>{_text(value)}</td>"


def _text(value: object) -> str:
    """Isolated from what stands around it: a text from right to left must not turn its neighbours."""
    if isinstance(value, datetime.datetime):
        return _time(value)
    return f"<bdi>{escape('' if value is None else str(value))}</bdi>"


def _time(value: datetime.datetime) -> str:
    shown = value.astimezone(datetime.UTC)
    return f'<time datetime="{shown.isoformat()}">{shown:%Y-%m-%d %H:%M}</time>'


def _none(text: str) -> str:
    return f'<p class="none">{escape(text)}</p>\n'
