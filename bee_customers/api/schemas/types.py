"""Strict colander types. Each knows its OpenAPI form, so the document cannot say otherwise than the code.

colander's own take "3" for an integer, NUL for text and unknown fields for nothing.
"""

from collections.abc import Callable
from typing import Any

import colander

from bee_customers.errors import InvalidDocument, InvalidField

Check = Callable[[object], Any]
MISSING = "must be there"


class Checked(colander.SchemaType):
    """A value that one function checks: takes what was sent, returns it clean or raises InvalidField."""

    def __init__(self, check: Check, openapi: dict[str, Any], *, is_nullable: bool = False) -> None:
        self.check = check
        self.is_nullable = is_nullable
        self.openapi = {"anyOf": [openapi, {"type": "null"}]} if is_nullable else openapi

    def deserialize(self, node: colander.SchemaNode, cstruct: Any) -> Any:
        if cstruct is colander.null or (cstruct is None and self.is_nullable):
            return cstruct
        try:
            return self.clean(node, cstruct)
        except InvalidField as error:
            raise colander.Invalid(node, str(error)) from None
        except InvalidDocument as error:
            raise _with_children(node, error) from None

    def clean(self, node: colander.SchemaNode, value: Any) -> Any:
        return self.check(value)


class Ruled(Checked):
    """A field with a rule in services/rules.py, found by the node's name when the schema is bound."""

    def __init__(self, openapi: dict[str, Any], *, is_nullable: bool = False) -> None:
        super().__init__(lambda value: value, openapi, is_nullable=is_nullable)

    def clean(self, node: colander.SchemaNode, value: Any) -> Any:
        return node.bindings["rules"].by_field[node.name](value)


class StrictObject(colander.Mapping):
    """An object with known members only; each unknown one is a fault of its own."""

    def deserialize(self, node: colander.SchemaNode, cstruct: Any) -> Any:
        if not isinstance(cstruct, dict):
            raise colander.Invalid(node, "must be an object")
        known = {child.name for child in node.children}
        invalid = colander.Invalid(node)
        for name in cstruct:
            if name not in known:
                invalid.add(colander.Invalid(colander.SchemaNode(colander.String(), name=name), "is not known"))
        try:
            clean = super().deserialize(node, {name: cstruct[name] for name in known if name in cstruct})
        except colander.Invalid as error:
            for child in error.children:
                invalid.add(child)
        if invalid.children:
            raise invalid
        return clean


class StrictSchema(colander.MappingSchema):
    schema_type = StrictObject


def _with_children(node: colander.SchemaNode, error: InvalidDocument) -> colander.Invalid:
    """The faults inside a list, as children by index."""
    invalid = colander.Invalid(node)
    for fault in error.faults:
        index = fault.pointer.removeprefix("/")
        invalid.add(colander.Invalid(colander.SchemaNode(colander.String(), name=index), fault.detail))
    return invalid
