"""Files to import, with rows of every kind: new, repeated, changed, refused."""

import csv
import io
import json
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.factories import BUSINESS, OTHER_BUSINESS

CUSTOMER_HEADER = ("user_id", "business_id", "full_name", "email", "phone", "gender", "tags")
ORDER_HEADER = ("business_id", "user_id", "order_id", "kind", "status", "amount", "ordered_at", "updated_at")


def user(number: int) -> str:
    return str(uuid.UUID(int=number + 1))


def write_csv(path: Path, header: Iterable[str], rows: Iterable[Iterable[object]]) -> Path:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows(rows)
    path.write_text(text.getvalue(), encoding="utf-8")
    return path


def write_lines(path: Path, documents: Iterable[Any]) -> Path:
    path.write_text("".join(json.dumps(each) + "\n" for each in documents), encoding="utf-8")
    return path


def customers(count: int) -> list[list[str]]:
    """Most of them new; some come twice, the second time changed; some are refused."""
    rows = []
    for number in range(count):
        known = number // 2 if number % 7 == 0 else number
        business = OTHER_BUSINESS if known % 5 == 0 else BUSINESS
        owner = user(known) if known % 3 else ""
        name = "" if number % 11 == 0 else f"Ionuț Popescu {known} {'din nou' if known != number else ''}"
        rows.append(
            [
                owner,
                business,
                name,
                f"client{known}@example.com",
                "0722123456" if known % 2 else "",
                ("male", "female", "")[known % 3],
                ("VIP;B2B", "", "nou")[number % 3],
            ]
        )
    return rows


def orders(count: int, of: int) -> list[list[str]]:
    """Of so many customers; some come twice, older or newer, some are refused, some belong to nobody."""
    rows = []
    for number in range(count):
        known = number // 2 if number % 6 == 0 else number
        minute = f"{(number * 7) % 60:02}"
        rows.append(
            [
                BUSINESS,
                user(known % of),
                f"S-{known}",
                "booking" if known % 4 == 0 else "order",
                ("completed", "placed", "returned", "cancelled", "lost")[number % 5],
                f"{known % 90}.50",
                f"2025-0{1 + known % 9}-15T10:00:00Z",
                f"2025-10-01T10:{minute}:00Z",
            ]
        )
    return rows
