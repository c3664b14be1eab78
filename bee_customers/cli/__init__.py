"""`bee-customers`: the operator's door. Commands are imported when they are called, so help is quick."""

import contextlib
import importlib
import os
import sys
from typing import Any

import click

# command: (module, attribute, one line of help)
COMMANDS = {
    "serve": ("bee_customers.cli.serve", "serve", "Run the service."),
    "db": ("bee_customers.cli.db", "db", "Migrate and check the database."),
    "gdpr": ("bee_customers.cli.gdpr", "gdpr", "Give subjects what is kept about them, and forget them."),
    "tags": ("bee_customers.cli.tags", "tags", "Look after the catalogue of tags, and who carries them."),
    "stats": ("bee_customers.cli.stats", "stats", "Check statistics against the orders, and set them right."),
    "retention": ("bee_customers.cli.retention", "retention", "Remove what is kept no longer."),
    "export": ("bee_customers.cli.export", "export", "Write customers to files."),
    "import": ("bee_customers.cli.imports", "imports", "Bring customers and orders in from files."),
    "events": ("bee_customers.cli.events", "events", "Publish events, and look after those that wait."),
    "jobs": ("bee_customers.cli.jobs", "jobs", "See when the jobs of cron last did their work."),
    "token": ("bee_customers.cli.token", "token", "Make a token for development."),
    "doctor": ("bee_customers.cli.doctor", "doctor", "Check settings and all that the service stands on."),
}


class LazyGroup(click.Group):
    """Knows its commands by name and line; loads one only to run it or to show its own help."""

    def main(self, *args: Any, **options: Any) -> Any:
        """As click has it, and one line where stdout is full or broken; a pipe that was closed is click's own."""
        try:
            try:
                return super().main(*args, **options)
            finally:
                sys.stdout.flush()
        except OSError as error:
            give_up_stdout()
            click.echo(f"Error: stdout cannot be written: {error.strerror}", err=True)
            sys.exit(1)

    def invoke(self, ctx: click.Context) -> Any:
        from bee_customers.cli.unexpected import in_one_line
        from bee_customers.cli.watched import watched

        is_debugging = bool(ctx.params.get("is_debugging"))
        with in_one_line(is_debugging=is_debugging), watched(ctx.params.get("config"), self._name_of(ctx)):
            return super().invoke(ctx)

    def _name_of(self, ctx: click.Context) -> str:
        """That of the command, such as `gdpr run`, and no word of its arguments."""
        first, *rest = [*ctx._protected_args, *ctx.args] or [""]
        group = self.get_command(ctx, first)
        if isinstance(group, click.Group) and rest and rest[0] in group.commands:
            return f"{first} {rest[0]}"
        return first if group else ""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        from bee_customers.cli.words import with_words

        if cmd_name not in COMMANDS:
            return None
        module, attribute, _ = COMMANDS[cmd_name]
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return with_words(command)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, _, line) in COMMANDS.items()])


def give_up_stdout() -> None:
    """What is still in its buffer would fail once more at the very end."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "-c",
    "--config",
    type=click.Path(dir_okay=False),
    help="Settings file; without it development.ini where there is one. The environment wins over it.",
)
@click.option("--debug", "is_debugging", is_flag=True, help="Show where an unexpected error came from.")
@click.version_option(package_name="bee-customers", prog_name="bee-customers")
@click.pass_context
def main(context: click.Context, config: str | None, is_debugging: bool) -> None:
    """The customer-profile service of BeeConnect.

    Example: bee-customers serve
    """
    context.obj = config
