"""Tables as a person reads them: drawn on a terminal, plain columns where they are kept or searched."""

import sys
from collections.abc import Sequence

import click

Rows = Sequence[Sequence[object]]


def print_table(columns: Sequence[str], rows: Rows) -> None:
    """Numbers stand to the right. Whatever cannot be drawn is told in columns, each row one line."""
    cells = [[_written(value) for value in row] for row in rows]
    are_numbers = [bool(rows) and all(isinstance(row[at], int) for row in rows) for at in range(len(columns))]
    if sys.stdout.isatty():
        _draw(columns, cells, are_numbers)
    else:
        _print_lines([list(columns), *cells], are_numbers)


def _written(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str("" if value is None else value)


def _print_lines(lines: list[list[str]], are_numbers: list[bool]) -> None:
    widths = [max(len(line[at]) for line in lines) for at in range(len(are_numbers))]
    for line in lines:
        cells = (
            cell.rjust(width) if is_number else cell.ljust(width)
            for cell, width, is_number in zip(line, widths, are_numbers, strict=True)
        )
        click.echo("  ".join(cells).rstrip())


def _draw(columns: Sequence[str], cells: list[list[str]], are_numbers: list[bool]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table()
    for at, (name, is_number) in enumerate(zip(columns, are_numbers, strict=True)):
        # the first tells rows apart, and is copied from here
        table.add_column(name, justify="right" if is_number else "left", no_wrap=at == 0, overflow="fold")
    for row in cells:
        # not as markup: what is shown may hold brackets
        table.add_row(*map(Text, row))
    Console().print(table)
