"""bee-customers gdpr erase, run, requests and cancel"""

import datetime
import json
import uuid
from collections import Counter
from typing import TYPE_CHECKING, Any

import click

from bee_customers.cli.environment import one_line_errors
from bee_customers.cli.erasing import FINDINGS, Parts, parts_of, subject_of

if TYPE_CHECKING:
    from bee_customers.services.privacy.erasure import Outcome
    from bee_customers.services.privacy.requests import StoredRequest
    from bee_customers.services.privacy.subjects import Subject

_OPERATOR = "operator"
_TRIED_AGAIN = "`bee-customers gdpr run` tries it again"


@click.command()
@click.option("--user", type=click.UUID, help="The user, with its customers in every business.")
@click.option("--customer", type=click.UUID, help="A customer without a user.")
@click.option("--dry-run", is_flag=True, help="Only tell what is there, by table and store.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@click.pass_obj
def erase(
    config: str | None,
    user: uuid.UUID | None,
    customer: uuid.UUID | None,
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Erase all that is kept about a subject, at once and for good; there is a receipt for it.

    Example: bee-customers -c production.ini gdpr erase --user UUID --dry-run
    """
    from bee_customers.errors import SubjectNotKnown
    from bee_customers.services.privacy import scan

    subject = subject_of(user, customer)
    with one_line_errors():
        parts = parts_of(config)
        found = scan.survey(parts.database, parts.stores, parts.hashes, subject)
        if dry_run:
            _print_counts(found, "would go", as_json, is_dry_run=True)
            return
        if not found:
            raise SubjectNotKnown("nothing is kept about this subject")
        if not yes:
            click.confirm(f"Erase {sum(found.values()):,} rows and files for good?", abort=True)
        outcome = _erase_now(parts, subject)
        counts = _erased(parts, outcome)
    _print_counts(counts, "erased", as_json, request_id=str(outcome.request_id))


@click.command()
@click.option("--dry-run", is_flag=True, help="Only tell how many are due.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of lines.")
@click.pass_obj
def run(config: str | None, dry_run: bool, as_json: bool) -> None:
    """Carry out the erasures whose time has come; meant for cron. A second one at the same time steps aside.

    It also ends what a run that was killed has begun. Exit 3 when one failed, which is tried again next time.

    Example: bee-customers -c production.ini gdpr run
    """
    from bee_customers.cli.interrupts import Stopped, stop_signal
    from bee_customers.cli.progress import progress
    from bee_customers.db.locks import only_one
    from bee_customers.services import jobs
    from bee_customers.services.privacy.erasure import LOCK

    outcomes: list[Outcome] = []
    with one_line_errors(), stop_signal() as stop:
        parts = parts_of(config)
        if dry_run:
            due = parts.erasures.count_due()
            click.echo(json.dumps({"due": due}) if as_json else f"{due:,} erasures are due")
            return
        with only_one(parts.database, LOCK) as is_mine, progress("erasing", is_quiet=as_json) as advance:
            if not is_mine:
                click.echo("another gdpr run is at work: nothing was done", err=True)
                return
            with jobs.recorded(parts.database, "gdpr run") as job:
                for batch in parts.erasures.run_due():
                    outcomes += batch
                    advance(len(batch))
                    if stop.is_set():
                        break
                job.exit_code = Stopped.exit_code if stop.is_set() else _findings(outcomes)
    _print_outcomes(outcomes, as_json)
    if stop.is_set():
        raise Stopped("whoever is erased is erased; run it again for the rest")
    if _findings(outcomes):
        raise SystemExit(FINDINGS)


@click.command()
@click.option("--kind", type=click.Choice(["export", "erasure"]), help="Only of this kind.")
@click.option("--status", help="Only those that are scheduled, running, done, failed, cancelled or expired.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="At most so many.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@click.pass_obj
def requests(config: str | None, kind: str | None, status: str | None, limit: int, as_json: bool) -> None:
    """List what subjects asked for and where it stands, the newest first.

    Example: bee-customers -c production.ini gdpr requests --status scheduled
    """
    from bee_customers.cli.tables import print_table
    from bee_customers.services.privacy import erasure_requests
    from bee_customers.services.privacy.requests import REQUEST_STATUSES

    if status not in (None, *REQUEST_STATUSES):
        raise click.UsageError(f"--status: one of {', '.join(REQUEST_STATUSES)}")
    with one_line_errors():
        found = erasure_requests.newest(parts_of(config).database, kind, status, limit)
    if as_json:
        click.echo(json.dumps(list(map(_told, found)), default=str))
        return
    columns = ("request", "kind", "status", "asked", "due", "ended", "called off by", "error")
    print_table(columns, [_row(request) for request in found])


@click.command()
@click.argument("request_id", metavar="ID", type=click.UUID)
@click.pass_obj
def cancel(config: str | None, request_id: uuid.UUID) -> None:
    """Call off an erasure that waits.

    Example: bee-customers -c production.ini gdpr cancel UUID
    """
    from bee_customers.db.unit_of_work import UnitOfWork, transact
    from bee_customers.services.privacy.erasure_requests import ErasureRequests

    with one_line_errors():
        parts = parts_of(config)

        def work(unit: UnitOfWork) -> None:
            ErasureRequests(unit.transaction, parts.hashes).cancel(request_id, _OPERATOR, _now())

        transact(parts.database, work)
    click.echo(f"the erasure {request_id} is cancelled")


def _erase_now(parts: Parts, subject: "Subject") -> "Outcome":
    """By the request that waits already, if there is one. Raises SubjectBusy and ErasureIncomplete."""
    from bee_customers.db.unit_of_work import UnitOfWork, transact
    from bee_customers.errors import ErasureIncomplete, SubjectBusy
    from bee_customers.services.privacy.erasure_requests import ErasureRequests

    def ask(unit: UnitOfWork) -> "StoredRequest":
        requests = ErasureRequests(unit.transaction, parts.hashes)
        asked = requests.ask(subject, _OPERATOR, _now(), datetime.timedelta())
        requests.hasten(asked.id, _now())
        return asked

    (outcome,) = parts.erasures.carry_out([transact(parts.database, ask)])
    if outcome.status == "busy":
        raise SubjectBusy("an export or erasure of this subject is being worked on: nothing was done")
    if outcome.status != "done":
        reason = outcome.reason or f"it is {outcome.status}"
        what_next = f"; {_TRIED_AGAIN}" if outcome.status == "failed" else ""
        raise ErasureIncomplete(f"the erasure {outcome.request_id} is not done: {reason}{what_next}")
    return outcome


def _findings(outcomes: "list[Outcome]") -> int:
    """The exit code of a run that came to its end."""
    return FINDINGS if any(outcome.status == "failed" for outcome in outcomes) else 0


def _erased(parts: Parts, outcome: "Outcome") -> dict[str, int]:
    from bee_customers.services.privacy.erasure_ledger import receipt_of

    erased: dict[str, int] = json.loads(receipt_of(parts.database, outcome.request_id))["erased"]
    return erased


def _print_counts(counts: dict[str, int], word: str, as_json: bool, **told: Any) -> None:
    from bee_customers.cli.tables import print_table

    if as_json:
        click.echo(json.dumps({**told, word.replace(" ", "_"): counts}))
        return
    print_table(("where", word), sorted(counts.items()))
    if request_id := told.get("request_id"):
        click.echo(f"\nrequest {request_id}: `bee-customers gdpr receipt {request_id}` gives the receipt")


def _print_outcomes(outcomes: "list[Outcome]", as_json: bool) -> None:
    counts = Counter(outcome.status for outcome in outcomes)
    if as_json:
        others = [
            {"request_id": str(outcome.request_id), "status": outcome.status, "reason": outcome.reason}
            for outcome in outcomes
            if outcome.status != "done"
        ]
        click.echo(json.dumps({"counts": counts, "others": others}))
        return
    click.echo(f"{counts['done']:,} erased")
    for outcome in outcomes:
        if outcome.status != "done":
            click.echo(f"  {outcome.request_id}  {outcome.status}  {outcome.reason}".rstrip())


def _told(request: "StoredRequest") -> dict[str, Any]:
    shown = ("id", "kind", "status", "requested_at", "due_at", "completed_at", "subject_hash")
    told = {name: getattr(request, name) for name in shown}
    return {**told, "cancelled_by": _cancelled_by(request), "error": request.details.get("error")}


def _row(request: "StoredRequest") -> tuple[object, ...]:
    times = (request.requested_at, request.due_at, request.completed_at)
    error = request.details.get("error") if request.status == "failed" else None
    return (request.id, request.kind, request.status, *map(_minute, times), _cancelled_by(request), error)


def _cancelled_by(request: "StoredRequest") -> str | None:
    """Staff or an operator by name; not the user, for whom a request is about is not listed."""
    return "the user" if request.is_cancelled_by_user else request.cancelled_by


def _minute(time: datetime.datetime | None) -> str | None:
    return f"{time:%Y-%m-%d %H:%M}" if time else None


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)
