"""Stores that are no tables: each says how it exports, erases and scans for a subject.

A place where something about people may lie is written as `storage:PREFIX`, `redis:KEY` or `file:COLUMN`. A test
finds every place that the code names, and fails when no store here covers it.
"""

import contextlib
import uuid
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

import orjson

from bee_customers.errors import FileNotStored
from bee_customers.events.fallback import STREAM, RedisFallback
from bee_customers.services import avatar_files
from bee_customers.services.privacy import export_files
from bee_customers.services.privacy.footprints import Footprint
from bee_customers.storage.protocol import OpenFile, Storage

# Places that need no store, and why.
NEEDS_NO_STORE = {
    "file:import_run.rejects_file": "refused rows, which were never taken in, in a file of an operator's own; "
    "only its path is known here, and retention removes it",
    "redis:bee:limits:sliding_window": "how often somebody came of late, by keyed hashes that name nobody; "
    "it goes by itself",
}


class Store(Protocol):
    """Each method raises StorageUnavailable or FallbackUnavailable when the place cannot be asked."""

    name: str
    covers: frozenset[str]

    def export(self, footprint: Footprint) -> Iterator[tuple[str, OpenFile]]:
        """Files for the subject's copy, under names that are safe in a ZIP; whoever takes one closes it."""

    def erase(self, footprints: Sequence[Footprint]) -> list[int]:
        """Destroy what is there of these subjects; harmless to repeat. Returns how much was found of each."""

    def scan(self, footprints: Sequence[Footprint]) -> list[int]:
        """How much of each of these subjects is still there: after an erasure it must be nothing."""


class AvatarStore:
    name = "avatar files"
    covers = frozenset({f"storage:{avatar_files.PREFIX}"})

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def export(self, footprint: Footprint) -> Iterator[tuple[str, OpenFile]]:
        for customer, key in footprint.avatars.items():
            with contextlib.suppress(FileNotStored):  # it was replaced this moment
                yield avatar_entry(customer), self._storage.open(key)

    def erase(self, footprints: Sequence[Footprint]) -> list[int]:
        return [_delete(self._storage, one.avatars.values()) for one in footprints]

    def scan(self, footprints: Sequence[Footprint]) -> list[int]:
        return [sum(map(self._storage.exists, one.avatars.values())) for one in footprints]


class ExportStore:
    """Copies that the subject asked for before, and need not get again."""

    name = "export files"
    covers = frozenset({f"storage:{export_files.PREFIX}"})

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def export(self, footprint: Footprint) -> Iterator[tuple[str, OpenFile]]:
        yield from ()

    def erase(self, footprints: Sequence[Footprint]) -> list[int]:
        return [_delete(self._storage, self._keys(one)) for one in footprints]

    def scan(self, footprints: Sequence[Footprint]) -> list[int]:
        return [len(self._keys(one)) for one in footprints]

    def _keys(self, footprint: Footprint) -> list[str]:
        return export_files.keys_of(self._storage, footprint.subject_hash)


class FallbackStore:
    """The stream of events in Redis: copies of rows, which are exported and published from the table.

    Entries without values, such as that a customer is deleted, are no data about anybody and stay. However many
    subjects are looked for, the queue is read once for all of them.
    """

    name = "fallback queue"
    covers = frozenset({f"redis:{STREAM}"})

    def __init__(self, fallback: RedisFallback) -> None:
        self._fallback = fallback

    def export(self, footprint: Footprint) -> Iterator[tuple[str, OpenFile]]:
        yield from ()

    def erase(self, footprints: Sequence[Footprint]) -> list[int]:
        found = self._find(footprints)
        self._fallback.remove([identifier for each in found for identifier in each])
        return list(map(len, found))

    def scan(self, footprints: Sequence[Footprint]) -> list[int]:
        return list(map(len, self._find(footprints)))

    def _find(self, footprints: Sequence[Footprint]) -> list[list[str]]:
        """Ids in the stream of what is about each subject."""
        entries: dict[uuid.UUID, list[str]] = {one: [] for each in footprints for one in each.customer_ids}
        for customer, identifier, body in self._fallback.of_customers(entries):
            if _has_values(body):
                entries[customer].append(identifier)
        return [[found for one in each.customer_ids for found in entries[one]] for each in footprints]


def registered(storage: Storage, fallback: RedisFallback | None) -> list[Store]:
    """Every store of this service, in the order in which an erasure passes through them."""
    stores: list[Store] = [AvatarStore(storage), ExportStore(storage)]
    return [*stores, FallbackStore(fallback)] if fallback else stores


def avatar_entry(customer: uuid.UUID) -> str:
    """The name of a customer's avatar in the subject's copy."""
    return f"avatars/{customer}.webp"


def _delete(storage: Storage, keys: Iterable[str]) -> int:
    found = [key for key in keys if storage.exists(key)]
    for key in found:
        storage.delete(key)
    return len(found)


def _has_values(body: bytes) -> bool:
    """What cannot be read may hold anything."""
    try:
        event = orjson.loads(body)
        changes = event.get("changes")
    except (ValueError, AttributeError):
        return True
    return isinstance(changes, dict) and bool(changes)
