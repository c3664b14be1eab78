"""Made-up customers, by way of the API, so that they are like real ones."""

import itertools
import uuid
from typing import Any

from tests.client import Client

BUSINESS = "0190d3a4-6f5b-7c1e-9a53-2f8f4a1b7c9d"
OTHER_BUSINESS = "0190d3a4-6f5b-7c1e-9a53-2f8f4a1b7c9e"
_numbers = itertools.count(1)


def new_body(**fields: Any) -> dict[str, Any]:
    """A valid body of POST /v1/customers; a field given as None is left out."""
    number = next(_numbers)
    body = {
        "user_id": str(uuid.uuid4()),
        "business_id": BUSINESS,
        "full_name": f"Ionuț Popescu {number}",
        "email": f"ionut{number}@example.com",
        "phone": "+40722123456",
        "gender": "male",
        "tags": ["VIP"],
    }
    return {name: value for name, value in (body | fields).items() if value is not None}


def new_customer(internal: Client, **fields: Any) -> dict[str, Any]:
    """Create a customer and return its document."""
    document: dict[str, Any] = internal.post(new_body(**fields)).json
    assert "id" in document, document
    return document
