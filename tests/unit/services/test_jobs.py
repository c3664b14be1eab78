"""What is kept of the last run of a job."""

import pytest

from bee_customers.errors import InvalidField
from bee_customers.services import jobs


def only_run(database):
    (run,) = jobs.last_runs(database)
    return run


def test_a_run_that_ends_well_is_a_success(database):
    with jobs.recorded(database, "retention run"):
        assert only_run(database).is_open
    run = only_run(database)
    assert (run.name, run.exit_code, run.is_open) == ("retention run", 0, False)
    assert run.success_at >= run.started_at
    assert run.duration_seconds >= 0


class Refused(Exception):
    exit_code = 2


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ValueError(), 1),
        (KeyboardInterrupt(), 130),
        (SystemExit(3), 3),
        (SystemExit("words"), 1),
        (Refused(), 2),
    ],
)
def test_one_that_fails_keeps_the_last_success_and_tells_how_it_ended(database, error, code):
    with jobs.recorded(database, "gdpr run"):
        pass
    before = only_run(database)
    with pytest.raises(type(error)), jobs.recorded(database, "gdpr run"):
        raise error
    run = only_run(database)
    assert (run.exit_code, run.success_at) == (code, before.success_at)
    assert run.finished_at > before.finished_at


def test_findings_are_no_success(database):
    with jobs.recorded(database, "stats verify") as run:
        run.exit_code = 3
    assert (only_run(database).exit_code, only_run(database).success_at) == (3, None)


def test_a_run_that_is_not_kept_leaves_nothing(database):
    with jobs.recorded(database, None):
        pass
    assert jobs.last_runs(database) == []


@pytest.mark.parametrize("name", ["", "Backup", "a" * 65, "back\nup", ' "x"', "café"])
def test_a_name_that_is_none_is_refused(database, name):
    with pytest.raises(InvalidField, match="the name of a job is"):
        jobs.record(database, name, 0)
    assert jobs.last_runs(database) == []
