"""What a patch may do to a customer: JSON Patch (RFC 6902) and merge patch (RFC 7396).

Both become an edit, a function from document to document. Faults of the patch itself are found
before any document is looked at. Messages name operations and paths, never values.
"""

import copy
import json
import math
import re
from collections.abc import Callable, Iterator
from typing import Any

import jsonpatch
from jsonpointer import JsonPointerException

from bee_customers.errors import (
    FieldFault,
    InvalidDocument,
    MalformedPatch,
    PatchConflict,
    PatchTooLarge,
)
from bee_customers.services.rules import PROFILE_FIELDS

OPERATIONS_MOST = 50
DOCUMENT_BYTES_MOST = 65_536

_POINTER = re.compile(r"(?:/(?:[^~/]|~[01])*)*")
# the members an operation needs beside `op` and `path`
_NEEDS = {"add": "value", "remove": None, "replace": "value", "move": "from", "copy": "from", "test": "value"}

Document = dict[str, Any]


def json_patch(operations: object) -> Callable[[Document], Document]:
    """Check a JSON Patch and return it as an edit.

    Raises MalformedPatch, and InvalidDocument for paths that may not be written. The edit raises PatchConflict
    and PatchTooLarge.
    """
    if not isinstance(operations, list):
        raise MalformedPatch("a JSON Patch is an array of operations")
    if len(operations) > OPERATIONS_MOST:
        raise MalformedPatch(f"a patch has at most {OPERATIONS_MOST} operations")
    for index, operation in enumerate(operations):
        _check_shape(index, operation)
    forbidden = [fault for index, operation in enumerate(operations) for fault in _forbidden(index, operation)]
    if forbidden:
        raise InvalidDocument(forbidden)
    return lambda document: _apply_all(document, operations)


def merge_patch(patch: object) -> Callable[[Document], Document]:
    """Check a merge patch and return it as an edit; null empties a field.

    Raises InvalidDocument, naming every member that may not be written.
    """
    if not isinstance(patch, dict):
        raise InvalidDocument([FieldFault("", "must be an object")])
    foreign = [name for name in patch if name not in PROFILE_FIELDS]
    if foreign:
        raise InvalidDocument([FieldFault(pointer(name), "is read-only or unknown") for name in foreign])
    return lambda document: document | patch


def pointer(name: str) -> str:
    """A JSON pointer to one member, escaped."""
    return "/" + name.replace("~", "~0").replace("/", "~1")


def _check_shape(index: int, operation: object) -> None:
    if not isinstance(operation, dict):
        raise MalformedPatch(f"operation {index} is not an object")
    kind = operation.get("op")
    if not isinstance(kind, str) or kind not in _NEEDS:
        raise MalformedPatch(f"operation {index} has no known op")
    needed = _NEEDS[kind]
    if needed is not None and needed not in operation:
        raise MalformedPatch(f"operation {index} lacks {needed!r}")
    for member in ("path", "from") if needed == "from" else ("path",):
        path = operation.get(member)
        if not isinstance(path, str) or not _POINTER.fullmatch(path):
            raise MalformedPatch(f"operation {index}: {member!r} is not a JSON pointer")


def _forbidden(index: int, operation: dict[str, Any]) -> Iterator[FieldFault]:
    """The members that reach for a path which may not be written."""
    written = {"test": (), "move": ("path", "from")}.get(operation["op"], ("path",))
    for member in written:
        parts = operation[member].split("/")
        if len(parts) < 2 or parts[1] not in PROFILE_FIELDS:
            yield FieldFault(f"/{index}/{member}", "names a path that is read-only or unknown")


def _apply_all(document: Document, operations: list[dict[str, Any]]) -> Document:
    # Each operation is bounded, so that a chain of copies cannot double its way to gigabytes.
    result = copy.deepcopy(document)
    for index, operation in enumerate(operations):
        result = _apply_one(result, index, operation)
        if _size(result) > DOCUMENT_BYTES_MOST:
            raise PatchTooLarge(f"operation {index}: the document would exceed {DOCUMENT_BYTES_MOST} bytes")
    return result


def _size(document: Document) -> float:
    """In bytes of JSON; without end for a document nested deeper than can be written."""
    try:
        # the standard library's, because orjson refuses integers past 64 bits, which are for the rules to refuse
        return len(json.dumps(document, ensure_ascii=False).encode())
    except RecursionError:
        return math.inf


def _apply_one(document: Document, index: int, operation: dict[str, Any]) -> Document:
    try:
        result: Document = jsonpatch.JsonPatch([operation]).apply(document, in_place=True)
    except jsonpatch.JsonPatchTestFailed:
        raise PatchConflict(f"operation {index}: the test does not hold") from None
    except (jsonpatch.JsonPatchException, JsonPointerException, RecursionError):
        raise PatchConflict(f"operation {index}: its path does not fit the document") from None
    return result
