"""The sample's customers, under identities of their own for each run."""

import json
import unicodedata
import uuid
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from smoke_lib.client import CUSTOMERS, Service

Body = dict[str, Any]


@dataclass
class Customer:
    """What was sent, under which key, and the latest that the service said of it."""

    sent: Body
    key: str = field(default_factory=lambda: str(uuid.uuid4()))
    body: Body = field(default_factory=dict)
    etag: str = ""

    @property
    def id(self) -> str:
        return str(self.body["id"])

    @property
    def path(self) -> str:
        return f"{CUSTOMERS}/{self.id}"


@dataclass
class Run:
    """A pass over one service: `customers` are all from the sample, `created` those that are there now."""

    service: Service
    subject: str
    # whose export is waited for at the broker; has a token of its own where tokens can be made
    listener: str
    customers: list[Customer]
    created: list[Customer] = field(default_factory=list)
    _used: list[Customer] = field(default_factory=list)

    def businesses(self) -> list[list[Customer]]:
        """The created customers by business, the largest first."""
        groups: dict[str, list[Customer]] = defaultdict(list)
        for customer in self.created:
            groups[customer.body["business_id"]].append(customer)
        return sorted(groups.values(), key=len, reverse=True)

    def pick(self, suits: Callable[[Body], Any] = bool) -> Customer:
        """A created customer that no step has changed yet, so that the PATCH limit is never met."""
        for customer in self.created:
            if customer not in self._used and customer.body["user_id"] != self.subject and suits(customer.body):
                self._used.append(customer)
                return customer
        raise SystemExit("smoke: the sample has no customer that suits this step")


def load(file: Path, subject: str) -> list[Customer]:
    """New ids for every business and user; one user with tags becomes `subject`, who can then read itself."""
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    fresh: dict[str, str] = defaultdict(lambda: str(uuid.uuid4()))
    fresh[next(row["user_id"] for row in rows if row.get("user_id") and row.get("tags"))] = subject
    for row in rows:
        for name in ("business_id", "user_id"):
            if row.get(name):
                row[name] = fresh[row[name]]
    return [Customer(row) for row in rows]


def fold(text: str | None) -> str:
    """Without case and accents, as the search sees it."""
    decomposed = unicodedata.normalize("NFKD", (text or "").casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def e164(phone: str | None) -> str | None:
    """Enough for the sample, which writes numbers from elsewhere with + or 00; the service has region RO."""
    if not phone:
        return None
    digits = "".join(char for char in phone if char.isdigit())
    if phone.startswith("+"):
        return "+" + digits
    return "+" + digits[2:] if digits.startswith("00") else "+40" + digits[1:]


def comparable(body: Body) -> Body:
    """The fields that a client sets, with what the contract leaves open evened out."""
    fields = {name: body.get(name) for name in ("user_id", "business_id", "full_name", "email", "phone")}
    gender = None if body.get("gender") == "unspecified" else body.get("gender")
    return {**fields, "gender": gender, "tags": sorted(fold(tag) for tag in body.get("tags") or [])}


def stored(sent: Body) -> Body:
    return comparable({**sent, "phone": e164(sent.get("phone"))})


def found_by(customer: Customer, search: str) -> bool:
    haystack = " ".join(fold(customer.body[name]) for name in ("full_name", "email", "phone"))
    return all(fold(word) in haystack for word in search.split())
