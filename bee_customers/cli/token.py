"""bee-customers token"""

import uuid

import click

from bee_customers.cli.environment import load, one_line_errors
from bee_customers.security.permissions import Role


@click.command()
@click.option(
    "--role",
    "roles",
    multiple=True,
    type=click.Choice([role.value for role in Role]),
    default=[Role.ADMIN.value],
    show_default=True,
    help="What the token may do; repeat for several.",
)
@click.option("--subject", default=None, help="Who it speaks for: a user's UUID. A new one where not given.")
@click.option("--business", "businesses", multiple=True, type=click.UUID, help="Only this business; repeatable.")
@click.option("--lifetime", default=3600, show_default=True, type=click.IntRange(1, 604_800), help="In seconds.")
@click.pass_obj
def token(
    config: str | None,
    roles: tuple[str, ...],
    subject: str | None,
    businesses: tuple[uuid.UUID, ...],
    lifetime: int,
) -> None:
    """Print a token signed with the development key; refused in production.

    Example: bee-customers token --role customer --subject 0190d3a4-6f5b-7c1e-9a53-2f8f4a1b7c9d
    """
    from bee_customers.security import development

    with one_line_errors():
        _, settings = load(config)
    if not development.can_mint(settings):
        raise click.ClickException(
            "tokens are made here only in development with a shared key; ask the auth service for one"
        )
    click.echo(
        development.mint(
            settings,
            subject=subject or str(uuid.uuid4()),
            roles=list(roles),
            businesses=[str(business) for business in businesses],
            lifetime=lifetime,
        )
    )
