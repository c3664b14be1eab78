"""The way to the file of an export: a signed link, for whoever holds it, until its time is over."""

import datetime
import uuid

from bee_customers.errors import ExportGone, ExportNotFound, FileNotStored, RequestNotFound
from bee_customers.security.signing import LinkSigner
from bee_customers.services.privacy.requests import DONE, PrivacyRequests, StoredRequest
from bee_customers.storage.protocol import OpenFile, Storage

PURPOSE = "privacy export"


def signature(links: LinkSigner, export_id: uuid.UUID, expires_at: datetime.datetime) -> str:
    return links.sign(export_id.bytes, expires_at)


def follow(
    links: LinkSigner,
    requests: PrivacyRequests,
    storage: Storage,
    export_id: uuid.UUID,
    signed: str,
    now: datetime.datetime,
) -> OpenFile:
    """The file, open.

    Raises ExportNotFound for a link that was not made here, whatever it leads to; LinkExpired; and ExportGone
    for one whose file was removed or erased before its time.
    """
    try:
        links.check(export_id.bytes, signed, now)
    except ValueError:
        raise ExportNotFound("no such export") from None
    try:
        request = requests.get(export_id)
        if not _is_there(request, now):
            raise ExportGone("the export is there no more")
        return storage.open(request.details["key"])
    except (RequestNotFound, FileNotStored):
        raise ExportGone("the export is there no more") from None


def _is_there(request: StoredRequest, now: datetime.datetime) -> bool:
    return request.status == DONE and request.expires_at is not None and request.expires_at > now
