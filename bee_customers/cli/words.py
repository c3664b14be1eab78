"""What is typed as text has to be text: no statement and no file takes what Python makes of other bytes."""

from typing import Any

import click


class Words(click.types.StringParamType):
    """Any text. The names of files may be of any bytes, so those have a type of their own: `click.Path`."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        text = super().convert(value, param, ctx)
        try:
            text.encode()
        except UnicodeEncodeError:
            self.fail(f"{text!r} is not UTF-8", param, ctx)
        return text


def with_words(command: click.Command) -> click.Command:
    """The command, and all below it, with every text checked that it is given."""
    for parameter in command.params:
        if parameter.type is click.STRING:
            parameter.type = Words()
    if isinstance(command, click.Group):
        for below in command.commands.values():
            with_words(below)
    return command
