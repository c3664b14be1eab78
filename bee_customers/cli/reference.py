"""docs/cli.md, made from the commands themselves: `scripts/cli-docs` writes it."""

import inspect
from collections.abc import Iterator

import click

from bee_customers.cli import main

_PROGRAM = "bee-customers"
_EXAMPLE = "Example: "
_BEGINNING = """\
# Commands

Made by `scripts/cli-docs` from the commands themselves, which tell the same with `--help`.
[Operations](operations.md) says when to use them.

| exit code | means |
| --- | --- |
| 0 | done; also where another run of the same kind is at work, and this one steps aside |
| 1 | failed, or stopped before the end: one line on stderr says why, and how to go on |
| 2 | wrong usage: nothing was done |
| 3 | done, but with findings, or with some refused |
"""


def reference() -> str:
    """The whole page."""
    return "\n".join((_BEGINNING, *_sections(main, _PROGRAM, None)))


def _sections(command: click.Command, name: str, group: click.Context | None) -> Iterator[str]:
    """A command and, if it is a group, what is in it."""
    # as the command line makes it: what a command shows depends on the context of its group
    context = click.Context(command, parent=group, info_name=name, **command.context_settings)
    depth = 3 if group and group.parent else 2
    yield f"{'#' * depth} {context.command_path.removeprefix(f'{_PROGRAM} ')}\n"
    yield f"    {' '.join((context.command_path, *command.collect_usage_pieces(context)))}\n"
    yield from _described(command.help or "")
    yield from _options(command, context)
    if isinstance(command, click.Group):
        for child_name in command.list_commands(context):
            child = command.get_command(context, child_name)
            if child is not None:
                yield from _sections(child, child_name, context)


def _described(text: str) -> Iterator[str]:
    for paragraph in inspect.cleandoc(text).split("\n\n"):
        words = " ".join(paragraph.split())
        is_example = words.startswith(_EXAMPLE)
        yield f"```sh\n{words.removeprefix(_EXAMPLE)}\n```\n" if is_example else f"{words}\n"


def _options(command: click.Command, context: click.Context) -> Iterator[str]:
    records = [param.get_help_record(context) for param in command.params]
    rows = [f"| `{_cell(name)}` | {_cell(meaning)} |" for name, meaning in filter(None, records) if meaning]
    if rows:
        yield "\n".join(("| option | means |", "| --- | --- |", *rows)) + "\n"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
