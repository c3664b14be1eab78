"""/v1/customers/gdpr/export and /v1/customers/gdpr/exports/{export_id}"""

import datetime
import uuid

from cornice.resource import resource
from pyramid.request import Request
from pyramid.response import Response

from bee_customers.api.operation import PUBLIC, UUID_PATTERN, operation
from bee_customers.api.privacy import GDPR, own_subject, requests_of, stores_of
from bee_customers.api.reading import JsonBody, Query
from bee_customers.api.replies import json_reply
from bee_customers.api.schemas import privacy as schemas
from bee_customers.api.writing import outbox_of
from bee_customers.security.permissions import Permission
from bee_customers.services.customer_changes import utc_now
from bee_customers.services.privacy import export_links
from bee_customers.services.privacy.export_files import MEDIA_TYPE
from bee_customers.services.privacy.exports import Export, ExportService

_EXPORTS = f"{GDPR}/exports"


@resource(name="export_requests", path=f"{GDPR}/export")
class ExportRequestResource:
    def __init__(self, request: Request, context: object = None) -> None:
        self.request = request

    @operation(
        "Ask for all that is kept about yourself in every business, as a ZIP; the same while it lasts",
        permission=Permission.EXPORTS_REQUEST,
        replies={200: schemas.EXPORT},
        problems=(400, 404, 409, 413, 415, 422),
        body=JsonBody(schemas.OwnUser),
        is_idempotent=True,
    )
    def post(self) -> Response:
        request, subject = self.request, own_subject(self.request)
        service = ExportService(
            request.unit_of_work, outbox_of(request), request.registry["subject_hashes"], stores_of(request)
        )
        storage, kept_for = request.registry["storage"], request.registry["settings"].export_ttl
        export, expires_at = service.ask(subject, request.identity.subject, storage, kept_for)
        return json_reply(_present(request, export, expires_at))


@resource(name="exports", path=f"{_EXPORTS}/{{export_id:{UUID_PATTERN}}}")
class ExportResource:
    def __init__(self, request: Request, context: object = None) -> None:
        self.request = request

    @operation(
        "Fetch an export by its signed link",
        permission=PUBLIC,
        replies={200: {"type": "string", "format": "binary"}},
        problems=(404, 410),
        query=Query(schemas.Link),
        media_type=MEDIA_TYPE,
    )
    def get(self) -> Response:
        export_id, registry = uuid.UUID(self.request.matchdict["export_id"]), self.request.registry
        signed = self.request.validated["query"]["signature"]
        links, storage = registry["export_links"], registry["storage"]
        file = export_links.follow(links, requests_of(self.request), storage, export_id, signed, utc_now())
        response = Response(content_type=MEDIA_TYPE, charset=None, app_iter=file)
        response.content_length = file.size
        response.headers["Content-Disposition"] = f'attachment; filename="export-{export_id}.zip"'
        response.headers["Cache-Control"] = "no-store"
        return response


def _present(request: Request, export: Export, expires_at: datetime.datetime) -> dict[str, object]:
    """With an address of ours, to be resolved against this one: what a caller writes into Host leads nowhere."""
    signature = export_links.signature(request.registry["export_links"], export.request_id, expires_at)
    return {
        "zip_url": f"{_EXPORTS}/{export.request_id}?signature={signature}",
        "expires_at": expires_at,
        "sha256": export.sha256,
        "size": export.size,
    }
