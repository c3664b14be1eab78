"""The receipt of an erasure: what was done and when, signed, and without a word about whom."""

import dataclasses
import datetime
import uuid
from collections.abc import Mapping
from typing import Any

import orjson

from bee_customers import __version__
from bee_customers.errors import InvalidReceipt
from bee_customers.security.signatures import Signatures

PURPOSE = "bee-customers: receipts of erasures"
FORMAT = 1
BYTES_MOST = 65_536
_SIGNATURE = "signature"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Receipt:
    """`erased` counts rows by table and things by store; `found_empty` names those that were looked through."""

    request_id: uuid.UUID
    subject: str
    requested_at: datetime.datetime
    started_at: datetime.datetime
    completed_at: datetime.datetime
    erased: Mapping[str, int] = dataclasses.field(default_factory=dict)
    found_empty: tuple[str, ...] = ()


def write(receipt: Receipt, signatures: Signatures) -> str:
    """As text, made to be read and to be kept; any other byte in it and it does not hold."""
    told = {
        "receipt": FORMAT,
        **dataclasses.asdict(receipt),
        "erased": dict(sorted(receipt.erased.items())),
        "version": __version__,
        "signed_by": signatures.public_key,
    }
    return _text({**told, _SIGNATURE: signatures.sign(_text(told).encode())})


def check(text: bytes, signatures: Signatures) -> dict[str, Any]:
    """What the receipt says; raises InvalidReceipt unless it is one of ours, byte for byte."""
    try:
        told = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise InvalidReceipt("this is no receipt") from None
    if not isinstance(told, dict) or told.get("receipt") != FORMAT:
        raise InvalidReceipt("this is no receipt")
    signature = told.pop(_SIGNATURE, None)
    if not isinstance(signature, str) or not signatures.holds(signature, _text(told).encode()):
        raise InvalidReceipt(_why(told, signatures))
    if _text({**told, _SIGNATURE: signature}).encode() != text:
        raise InvalidReceipt("the receipt was altered")
    return told


def _why(told: dict[str, Any], signatures: Signatures) -> str:
    if told.get("signed_by") != signatures.public_key:
        return "the receipt was altered, or signed under another SUBJECT_KEY"
    return "the receipt was altered"


def _text(told: Mapping[str, Any]) -> str:
    return orjson.dumps(told, option=orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z).decode() + "\n"
