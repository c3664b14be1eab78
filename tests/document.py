"""The document of /openapi.json, for the types that the console is written with.

`python -m tests.document` prints it.
"""

import importlib
import json
import sys
from typing import Any

from cornice.service import get_services

from bee_customers import api
from bee_customers.api.openapi import build

# so that Cornice knows their routes
for _resource in api.RESOURCES:
    importlib.import_module(f"{api.__name__}.{_resource}")


def whole_contract() -> dict[str, Any]:
    return build(get_services())


if __name__ == "__main__":
    json.dump(whole_contract(), sys.stdout)
