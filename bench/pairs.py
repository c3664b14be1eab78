"""Comparisons of single requests, such as a page far down with the first, or a search with its own SQL."""

import statistics
from collections.abc import Iterator
from urllib.parse import quote

from pyramid.request import Request

from bee_customers.api import pagination
from bee_customers.security.sealing import Sealer
from bench.data import EXTREMES, FEW, MANY, connected
from bench.names import SEARCHES
from bench.outcome import Duration
from bench.times import Action, requests, statements, take_turns
from bench.web import SECRET_KEY, Web, bearer

_PAGE = 50
_DEEPEST_PAGE = 10_000
# The same page by the same index: what is left is noise.
_PAGE_BOUND = 1.3
# As many rows by the same index, out of many more.
_HISTORY_BOUND = 1.3
# Of the five kinds together: of two of them the SQL takes less time than the way over HTTP alone.
_SEARCH_BOUND = 2.0


class NoStatement(Exception):
    """The service's SQL was not to be seen in PostgreSQL's list of sessions."""


def page(web: Web, database: str, rounds: int, seconds: float) -> Iterator[Duration]:
    """The 10,000th page against the first; of a small table, the page in its middle."""
    number = min(_DEEPEST_PAGE, _customers(database) // _PAGE // 2)
    path = f"/v1/customers?limit={_PAGE}"
    with requests(web, bearer("admin")) as get:
        far = get(f"{path}&cursor={quote(_cursor(database, path, number))}")
        yield _compare(f"page{number} / page 1", (far, get(path)), _PAGE_BOUND, rounds, seconds)


def search(web: Web, database: str, rounds: int, seconds: float) -> Iterator[Duration]:
    """Searches of different selectivity, each against the statement that the service runs for it."""
    kinds: list[Duration] = []
    with requests(web, bearer("admin")) as get, statements(database) as run:
        for name, words in SEARCHES.items():
            request = get(f"/v1/customers?search={quote(words)}")
            request()
            sql = run(_last_search(database))
            kinds.append(_compare(f"search, {name} / its SQL", (request, sql), None, rounds, seconds))
            yield kinds[-1]
    medians = [[statistics.median(times) for times in (kind.service, kind.reference)] for kind in kinds]
    service, reference = map(sum, zip(*medians, strict=True))
    yield Duration("search, all of these / their SQL", [service], [reference], _SEARCH_BOUND)


def history(web: Web, rounds: int, seconds: float) -> Iterator[Duration]:
    """A customer with many orders and notes against one with few."""
    with requests(web, bearer("admin")) as get:
        for name, path in (("stats", "stats"), ("page of notes", f"notes?limit={FEW}")):
            pair = (get(f"/v1/customers/{EXTREMES[MANY]}/{path}"), get(f"/v1/customers/{EXTREMES[FEW]}/{path}"))
            yield _compare(f"{name}, of {MANY:,} / of {FEW}", pair, _HISTORY_BOUND, rounds, seconds)


def _compare(name: str, pair: tuple[Action, Action], bound: float | None, rounds: int, seconds: float) -> Duration:
    service: list[float] = []
    reference: list[float] = []
    for _ in range(rounds):
        for all_times, times in zip((service, reference), take_turns(*pair, seconds), strict=True):
            all_times += times
    return Duration(name, service, reference, bound)


def _cursor(database: str, path: str, number: int) -> str:
    """What walking through all pages before it would end with, sealed by the service's own code."""
    with connected(database) as cursor:
        cursor.execute(
            "SELECT created_at::text, id FROM customer ORDER BY created_at DESC, id DESC LIMIT 1 OFFSET %s",
            (_PAGE * (number - 1) - 1,),
        )
        created_at, customer_id = cursor.fetchone()
    filters = pagination.filters_of(Request.blank(path))
    sealer = Sealer([SECRET_KEY], pagination.PURPOSE)
    return pagination.seal(sealer, filters, [created_at, customer_id, False])


def _customers(database: str) -> int:
    with connected(database) as cursor:
        cursor.execute("SELECT count(*) FROM customer")
        return int(cursor.fetchone()[0])


def _last_search(database: str) -> str:
    """psycopg2 sends values inside the SQL, so what PostgreSQL remembers of a session can be run again."""
    with connected(database) as cursor:
        cursor.execute(
            """SELECT query FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid()
                AND query LIKE 'SELECT %search_text%'
            ORDER BY query_start DESC LIMIT 1"""
        )
        row = cursor.fetchone()
    if row is None:
        raise NoStatement("search: the service's statement was not found in pg_stat_activity")
    return str(row[0])
