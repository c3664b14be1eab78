"""bee-customers gdpr ..."""

import click

from bee_customers.cli import gdpr_export


@click.group()
def gdpr() -> None:
    """Give subjects what is kept about them."""


for command in (gdpr_export.export,):
    gdpr.add_command(command)
