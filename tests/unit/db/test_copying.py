"""COPY out of the database is bounded by its progress, and by nothing else."""

import time

import pytest

from bee_customers.db import copying, waits
from bee_customers.db.copying import copy_out
from bee_customers.db.engine import Database
from bee_customers.errors import DatabaseSilent

SILENCE = 0.6
# The server sends when it has 8 KiB: of two such rows one is whole.
BLOCK = 10_000
TRICKLE = f"""
SELECT repeat('x', {BLOCK}) FROM generate_series(1, 7) AS n
CROSS JOIN LATERAL (SELECT pg_sleep(%(pause)s * (n > 2)::int)) AS paused
"""

# more than may be under way between the server and us
MUCH = f"SELECT repeat('x', {BLOCK}) FROM generate_series(1, 2000)"


@pytest.fixture
def impatient(postgres, monkeypatch):
    monkeypatch.setattr(copying, "SILENCE_SECONDS", SILENCE)
    monkeypatch.setattr(waits, "_LOOK_SECONDS", 0.05)
    database = Database(postgres.url)
    yield database
    database.close()


class Sink:
    """Pauses once."""

    def __init__(self, pause=0.0):
        self.pause, self.size = pause, 0

    def write(self, lines):
        self.size += len(lines)
        time.sleep(self.pause)
        self.pause = 0


def test_what_comes_slowly_may_take_longer_than_a_silence(impatient):
    sink, start = Sink(), time.monotonic()
    assert copy_out(impatient, TRICKLE, {"pause": 0.15}, "FORMAT csv", sink) == 7
    assert time.monotonic() - start > SILENCE
    assert sink.size == 7 * (BLOCK + 1)


def test_a_sink_takes_its_time(impatient):
    assert copy_out(impatient, MUCH, {}, "FORMAT csv", Sink(pause=1.5 * SILENCE)) == 2000


def test_a_server_that_falls_silent_in_the_middle_is_not_waited_for(impatient):
    sink, start = Sink(), time.monotonic()
    with pytest.raises(DatabaseSilent):
        copy_out(impatient, TRICKLE, {"pause": 5}, "FORMAT csv", sink)
    assert sink.size == BLOCK + 1
    assert time.monotonic() - start < 4
