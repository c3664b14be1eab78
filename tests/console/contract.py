"""The document of /openapi.json, for the types that the console is written with.

`python -m tests.console.contract` prints it.
"""

import json
import sys
from typing import Any

from cornice.service import get_services

from bee_customers.api.openapi import build

# import the resources, so that cornice knows their routes
from bee_customers.api import avatars, customers, erasures, exports, notes, orders, tags, timeline  # noqa: F401  # isort: skip


def contract() -> dict[str, Any]:
    return build(get_services())


if __name__ == "__main__":
    json.dump(contract(), sys.stdout)
