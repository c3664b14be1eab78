"""bee-customers db ..."""

import json

import click

from bee_customers.cli.environment import load, one_line_errors

_FINDINGS = 3


@click.group()
def db() -> None:
    """Migrate and check the database."""


@db.command()
@click.pass_obj
def upgrade(config: str | None) -> None:
    """Bring the database to the newest schema; safe to repeat. The schema of a later version stays as it is.

    Example: bee-customers -c production.ini db upgrade
    """
    from bee_customers.db.connect import connect
    from bee_customers.services import migrations

    with one_line_errors():
        base, settings = load(config)
        database, scripts = connect(settings, base), migrations.scripts_of(base)
        before = migrations.current_revision(database.writer)
        migrations.upgrade(database.writer, scripts)
        after = migrations.current_revision(database.writer)
        is_newer = migrations.is_newer(after, scripts)
    click.echo(_outcome(before, after, is_newer))


def _outcome(before: str | None, after: str | None, is_newer: bool) -> str:
    if is_newer:
        return f"already newer: {after} is of a later version, and stays"
    return f"already at {after}" if before == after else f"migrated from {before or 'nothing'} to {after}"


@db.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of lines.")
@click.pass_obj
def check(config: str | None, as_json: bool) -> None:
    """Compare the database with what this version expects: schema, drift, extensions. Exit 3 on findings.

    The schema of a later version, as after a rollback, is a warning and no finding.

    Example: bee-customers -c production.ini db check --json
    """
    from bee_customers.db.connect import connect
    from bee_customers.services import inspection, migrations

    with one_line_errors():
        base, settings = load(config)
        report = inspection.inspect(connect(settings, base), migrations.scripts_of(base))
    if as_json:
        click.echo(json.dumps(report.as_dict()))
    else:
        click.echo("\n".join(report.lines()))
    if report.findings:
        raise SystemExit(_FINDINGS)
