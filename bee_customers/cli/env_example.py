""".env.example, made from the settings themselves: for compose.yaml, and for everybody who starts containers."""

import dataclasses
import textwrap
from typing import Any

from bee_customers.settings import Settings

_WIDTH = 100
_HEAD = """\
# Settings for compose.yaml: `install -m 600 .env.example .env`, and fill in the passwords.
# Written by scripts/env-example.
# What stays commented out has the value that is shown, which is the default in production.

# Of compose.yaml itself: passwords of its servers (letters and digits alone, since they go into addresses), and
# where the service is published.
POSTGRES_PASSWORD=
RABBITMQ_PASSWORD=
#PUBLISH=127.0.0.1:8002
"""
# compose.yaml knows where its own servers are, and what a container listens on
_GIVEN = frozenset({"environment", "database_url", "rabbitmq_url", "redis_url", "host", "port"})
_TO_FILL_IN = frozenset({"secret_key"})


def env_example() -> str:
    """The whole file."""
    return "\n".join([_HEAD, *(_block(field) for field in dataclasses.fields(Settings))])


def _block(field: dataclasses.Field[Any]) -> str:
    text = str(field.metadata["doc"])
    if field.name in _GIVEN:
        text += " Given by compose.yaml."
    comment = textwrap.fill(text, _WIDTH, initial_indent="# ", subsequent_indent="# ", break_on_hyphens=False)
    hidden = "" if field.name in _TO_FILL_IN else "#"
    return f"{comment}\n{hidden}{field.name.upper()}={_default(field)}\n"


def _default(field: dataclasses.Field[Any]) -> str:
    """That of production, which images run as."""
    if field.name == "environment":
        return "production"
    production = field.metadata["production"]
    return str(field.metadata["default"] if production is None else production)
