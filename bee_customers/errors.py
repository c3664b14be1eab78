"""What can go wrong in the domain, without a word of HTTP. The doors translate.

No message here holds personal data: messages reach logs and error bodies.
"""

import dataclasses
import uuid


class DomainError(Exception):
    """The base of all errors a service raises on purpose."""


@dataclasses.dataclass(frozen=True)
class FieldFault:
    """One fault of a submitted document: a JSON pointer (RFC 6901) and what is wrong there."""

    pointer: str
    detail: str


class InvalidField(DomainError):
    """A value breaks the rule of its field; the message says which rule."""


class InvalidDocument(DomainError):
    """A document that could be read breaks one or more rules; carries every fault."""

    def __init__(self, faults: list[FieldFault]) -> None:
        super().__init__("; ".join(f"{fault.pointer}: {fault.detail}" for fault in faults))
        self.faults = faults


class BadLines(DomainError):
    """Lines of a file that are not what they have to be; the message names the first of them by number."""

    def __init__(self, numbers: list[int], fault: str) -> None:
        named = ", ".join(f"{number:,}" for number in numbers[:10])
        more = f" and {len(numbers) - 10:,} more" if len(numbers) > 10 else ""
        super().__init__(f"line{'s' * (len(numbers) > 1)} {named}{more}: {fault}")
        self.numbers = numbers


class CustomerNotFound(DomainError):
    """No such customer, or none that the caller may know of: deliberately the same."""


class NoteNotFound(DomainError):
    """No such note of this customer."""


class TagNotFound(DomainError):
    """No such tag in the catalogue, or not on this customer."""


class TagExists(DomainError):
    """The catalogue has this tag already, perhaps in another spelling."""


class TagInUse(DomainError):
    """Customers carry the tag; the message says how many, as far as the caller may know."""


class CustomerExists(DomainError):
    """The business already has a customer with that user_id."""

    def __init__(self, customer_id: uuid.UUID) -> None:
        super().__init__("the business already has a customer with this user_id")
        self.customer_id = customer_id


class LedgerTooLarge(DomainError):
    """Orders of these customers sum up to more than can be kept."""

    def __init__(self, customer_ids: list[uuid.UUID]) -> None:
        named = ", ".join(str(customer_id) for customer_id in customer_ids[:3])
        more = f" and {len(customer_ids) - 3:,} more" if len(customer_ids) > 3 else ""
        super().__init__(f"the lifetime value would pass what can be kept: of customer {named}{more}")
        self.customer_ids = customer_ids


class BusinessNotAllowed(DomainError):
    """The caller's token names other businesses than the one it wants to write to."""


class VersionMismatch(DomainError):
    """The customer has another version than the one the caller built upon."""

    def __init__(self, version: int) -> None:
        super().__init__(f"the customer is at version {version}")
        self.version = version


class MalformedPatch(DomainError):
    """Not a JSON Patch at all: wrong shape, unknown operation, bad pointer."""


class PatchConflict(DomainError):
    """The patch does not fit the document: a failing `test`, a missing path, an index out of range."""


class PatchTooLarge(DomainError):
    """Applying the patch would grow the document past its bound."""


class InvalidCursor(DomainError):
    """A cursor that was not issued here, or was issued for other filters."""


class IdempotencyKeyInFlight(DomainError):
    """Another request with the same key is being worked on this moment."""


class IdempotencyKeyReused(DomainError):
    """The same key came with another body."""


class TransactionConflict(DomainError):
    """Deadlock or serialisation failure: nothing was written, the same again may succeed."""


class DatabaseUnavailable(DomainError):
    """The database is away, full, read-only or too slow; nothing was written."""


class DatabaseSilent(DatabaseUnavailable):
    """The server kept the connection and did not answer; asked again it would keep who asks for as long again."""


class DatabaseRefused(DatabaseSilent):
    """Nothing was asked: the server is known to be silent, and the log has said so."""


class DatabaseConnectionLost(DatabaseUnavailable):
    """The connection broke in mid-air: an idle one may have died with its server."""


class FileNotStored(DomainError):
    """The storage has no file under that key."""


class StorageUnavailable(DomainError):
    """The storage is away, full or refuses; the file was not written."""


class UnsupportedImage(DomainError):
    """Not an image of a kind that is taken; the message says which are."""


class ImageTooLarge(DomainError):
    """An image with too many bytes or pixels, or one that takes too much memory to decode."""


class DamagedImage(DomainError):
    """Of a kind that is taken, but broken or cut off."""


class DecodersBusy(DomainError):
    """As many images are being worked on as this process allows itself."""


class SubjectHasUser(DomainError):
    """A customer was named as a subject of its own, and belongs to a user."""


class SubjectBusy(DomainError):
    """An export or erasure of the same subject is being worked on this moment."""


class SubjectNotKnown(DomainError):
    """Nothing is kept about the subject."""


class ExportNotFound(DomainError):
    """No such export, or a link to one that was not made here: deliberately the same."""


class LinkExpired(DomainError):
    """A good link whose time is over."""


class ExportGone(DomainError):
    """The file of an export is there no more: its time is over, or its subject was erased."""


class SubjectNotAllowed(DomainError):
    """The token does not speak for this user; whether there is one is not told."""


class SubjectElsewhere(DomainError):
    """The subject is a customer of businesses that the caller does not work for, and these have a say in it."""


class RequestNotFound(DomainError):
    """No such request of privacy, or none that the caller may know of."""


class RequestUnderWay(DomainError):
    """A request that runs or is done can no longer be cancelled."""


class InvalidReceipt(DomainError):
    """A receipt of an erasure that was altered, or is none of ours."""


class LedgerWouldShrink(DomainError):
    """A copy of the ledger of erasures holds more than the database does, and must not be overwritten."""


class InvalidLedger(DomainError):
    """A file that is no ledger of erasures, or was written under another key."""


class EventsUnderWay(DomainError):
    """A relay is still sending what it has read: it is too slow to be waited for."""


class ErasureIncomplete(DomainError):
    """Something about the subject is still there after its erasure; the message says where, never what."""


class KeysUnavailable(DomainError):
    """The auth service gives no keys and none are remembered, so no token can be checked."""


class InvalidToken(DomainError):
    """A bearer token that does not hold; the message names the reason, never the token."""


class InvalidSetting(DomainError):
    """A setting has a wrong value; the message names the setting, what it got and what is expected."""


class CountersUnavailable(DomainError):
    """The counters of rate limits in Redis cannot be used now; the message holds no key."""


class EventNotSerialisable(DomainError):
    """An event's row cannot become a message; the message says why, without any of its values."""


class BrokerUnavailable(DomainError):
    """Events cannot be handed to the broker now; `kind` is one short word for metrics."""

    def __init__(self, kind: str, reason: str) -> None:
        super().__init__(reason)
        self.kind = kind


class FallbackUnavailable(DomainError):
    """The fallback queue in Redis cannot be used now."""


class UnreadableFile(DomainError):
    """A file to import cannot be read, or is another than it was; the message names file, line and reason."""


class WrongColumns(DomainError):
    """A file's columns are not those that are known; the message names them."""


class WrongMapping(WrongColumns):
    """What the caller says of the columns fits neither the fields nor the file."""


class RowExists(DomainError):
    """A row is of a customer or an order that is there already, which the caller wants to be none."""

    def __init__(self, line: int, what: str) -> None:
        super().__init__(f"line {line:,}: {what} is there already")


class ImportUnderWay(DomainError):
    """The same file is being imported at this moment."""


class ImportUnfinished(DomainError):
    """An earlier import of the same file did not reach its end."""


class ImportStopped(DomainError):
    """An import cannot go on now; the message says how far it came."""
