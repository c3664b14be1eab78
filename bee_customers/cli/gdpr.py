"""bee-customers gdpr ..."""

import click

from bee_customers.cli import gdpr_erasure, gdpr_export, gdpr_ledger


@click.group()
def gdpr() -> None:
    """Give subjects what is kept about them, and forget them."""


for command in (
    gdpr_export.export,
    gdpr_erasure.erase,
    gdpr_erasure.run,
    gdpr_erasure.requests,
    gdpr_erasure.cancel,
    gdpr_ledger.receipt,
    gdpr_ledger.verify,
    gdpr_ledger.ledger,
    gdpr_ledger.replay,
):
    gdpr.add_command(command)
