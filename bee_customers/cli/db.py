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
    """Bring the database to the newest schema; safe to repeat.

    Example: bee-customers -c production.ini db upgrade
    """
    from bee_customers.db.connect import connect
    from bee_customers.services import migrations

    with one_line_errors():
        base, settings = load(config)
        database = connect(settings, base)
        before = migrations.current_revision(database.writer)
        migrations.upgrade(database.writer, migrations.scripts_of(base))
        after = migrations.current_revision(database.writer)
    click.echo(f"already at {after}" if before == after else f"migrated from {before or 'nothing'} to {after}")


@db.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of lines.")
@click.pass_obj
def check(config: str | None, as_json: bool) -> None:
    """Compare the database with what this version expects: schema, drift, extensions. Exit 3 on findings.

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
