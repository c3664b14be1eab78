"""Database URLs in all the writings people bring along."""

import pytest
from sqlalchemy import make_url
from sqlalchemy.dialects.postgresql.psycopg2 import dialect

from bee_customers.db.url import to_sqlalchemy


@pytest.mark.parametrize(
    "scheme", ["postgres", "postgresql", "postgresql+asyncpg", "postgresql+psycopg", "postgresql+psycopg2"]
)
def test_every_scheme_becomes_psycopg2(scheme):
    assert (
        to_sqlalchemy(f"{scheme}://bee:pw@db:5433/customers") == "postgresql+psycopg2://bee:pw@db:5433/customers"
    )


@pytest.mark.parametrize(
    ("url", "arguments"),
    [
        ("postgresql://db/customers", {"host": "db", "dbname": "customers"}),
        ("postgresql://bee:p%40ss@db/c", {"host": "db", "user": "bee", "password": "p@ss", "dbname": "c"}),
        ("postgresql://bee:a,b@db/c", {"host": "db", "user": "bee", "password": "a,b", "dbname": "c"}),
        ("postgresql://db/c?sslmode=require", {"host": "db", "dbname": "c", "sslmode": "require"}),
        ("postgresql://bee@/c?host=/run/pg", {"host": "/run/pg", "user": "bee", "dbname": "c"}),
        ("postgresql://one:5433,two/c", {"host": "one,two", "port": "5433,5432", "dbname": "c"}),
        ("postgresql://one,two", {"host": "one,two", "port": "5432,5432"}),
        (
            "postgres://bee:pw@one,two:6432,three/c?sslmode=require",
            {
                "host": "one,two,three",
                "port": "5432,6432,5432",
                "user": "bee",
                "password": "pw",
                "dbname": "c",
                "sslmode": "require",
            },
        ),
    ],
)
def test_libpq_is_told_what_the_url_says(url, arguments):
    _, given = dialect().create_connect_args(make_url(to_sqlalchemy(url)))
    assert given == arguments


def test_a_url_is_rewritten_once():
    once = to_sqlalchemy("postgres://one,two/c")
    assert to_sqlalchemy(once) == once


def test_a_scheme_inside_a_password_is_left_alone():
    assert to_sqlalchemy("postgres://bee:postgres%3A%2F%2F@db/c").endswith("bee:postgres%3A%2F%2F@db/c")
