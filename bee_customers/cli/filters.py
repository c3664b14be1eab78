"""The filters of the customer list as options, for every command that works on some customers."""

import datetime
import decimal
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from bee_customers.services.customer_lists import Filters

Command = Callable[..., Any]
_GENDERS = ("male", "female", "other", "unspecified")
_SEARCH_MOST = 200


def _time(_: click.Context, __: click.Parameter, text: str | None) -> datetime.datetime | None:
    """A time with its zone, or a day, which begins at midnight UTC."""
    if text is None:
        return None
    try:
        time = datetime.datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(f"{text!r} is no time such as 2026-03-01 or 2026-03-01T08:00Z") from None
    if len(text) > len("2026-03-01") and time.tzinfo is None:
        raise click.BadParameter("say the zone too, as in 2026-03-01T08:00Z or 2026-03-01T10:00+02:00")
    return time if time.tzinfo else time.replace(tzinfo=datetime.UTC)


def _amount(_: click.Context, __: click.Parameter, text: str | None) -> decimal.Decimal | None:
    if text is not None and not re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,2})?", text, re.ASCII):
        raise click.BadParameter(f"{text!r} is no amount such as 1500 or 99.90")
    return None if text is None else decimal.Decimal(text)


_OPTIONS = (
    click.option("--business", type=click.UUID, help="Customers of this business."),
    click.option("--search", metavar="WORDS", help="Words that name, e-mail or phone hold."),
    click.option("--tag", "tags", multiple=True, help="Who carries this tag; repeated: all of them."),
    click.option("--min-lifetime-value", metavar="AMOUNT", callback=_amount, help="Worth this much or more."),
    click.option("--max-lifetime-value", metavar="AMOUNT", callback=_amount, help="Worth this much or less."),
    click.option("--min-orders", type=click.IntRange(0), help="Has this many orders or more."),
    click.option("--gender", type=click.Choice(_GENDERS), help="Of this gender."),
    click.option("--created-from", metavar="TIME", callback=_time, help="Created at this time or later."),
    click.option("--created-to", metavar="TIME", callback=_time, help="Created before this time."),
)
NAMES = (
    *("business", "search", "tags", "min_lifetime_value", "max_lifetime_value", "min_orders", "gender"),
    *("created_from", "created_to"),
)


def filter_options(command: Command) -> Command:
    """Adds the options; `taken_out` makes filters of what the command was given."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def taken_out(given: dict[str, Any]) -> "Filters":
    """The filters among a command's arguments, which it is left without; wrong usage where one cannot be."""
    from bee_customers.services.customer_lists import Filters

    chosen = {name: given.pop(name) for name in NAMES}
    search = _search(chosen.pop("search"))
    tags = tuple(tag_name(name, "--tag") for name in chosen.pop("tags"))
    return Filters(business_id=chosen.pop("business"), search=search, tags=tags, **chosen)


def _search(text: str | None) -> str:
    from bee_customers.services.text import holds_a_word

    if text is None:
        return ""
    if len(text) > _SEARCH_MOST:
        raise click.UsageError(f"--search: at most {_SEARCH_MOST} characters")
    if not holds_a_word(text):
        raise click.UsageError(f"--search: {text!r} holds no word to look for, and would leave nobody out")
    return text


def tag_name(text: str, where: str) -> str:
    """A tag's name as the catalogue would write it; wrong usage where it cannot be one."""
    from bee_customers.errors import InvalidField
    from bee_customers.services import rules

    try:
        return rules.tag_name(text)
    except InvalidField as error:
        raise click.UsageError(f"{where}: {error}") from None
