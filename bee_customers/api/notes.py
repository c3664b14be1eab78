"""/v1/customers/{customer_id}/notes"""

import uuid

from cornice.resource import resource
from pyramid.request import Request
from pyramid.response import Response

from bee_customers.api import pagination
from bee_customers.api.customers import customer_id
from bee_customers.api.operation import CUSTOMER, UUID_PATTERN, operation
from bee_customers.api.reading import JsonBody, Query
from bee_customers.api.replies import empty_reply, json_reply
from bee_customers.api.schemas import profile
from bee_customers.api.schemas.customers import PageQuery
from bee_customers.api.security_policy import scope_of
from bee_customers.security.permissions import Permission
from bee_customers.services import notes
from bee_customers.services.notes import NoteService


@resource(name="notes", collection_path=f"{CUSTOMER}/notes", path=f"{CUSTOMER}/notes/{{note_id:{UUID_PATTERN}}}")
class NoteResource:
    def __init__(self, request: Request, context: object = None) -> None:
        self.request = request

    @operation(
        "Add a note",
        permission=Permission.NOTES_WRITE,
        replies={201: profile.NOTE},
        problems=(400, 404, 409, 413, 415, 422),
        body=JsonBody(profile.NewNote),
        is_idempotent=True,
    )
    def collection_post(self) -> Response:
        content, author = self.request.validated["body"]["content"], self.request.identity.subject
        about = self.request.about_customer = customer_id(self.request)
        note = self._service().add(scope_of(self.request), about, content, author)
        location = f"/v1/customers/{about}/notes/{note['id']}"
        return json_reply(note, status=201, headers={"Location": location})

    @operation(
        "List notes, newest first",
        permission=Permission.NOTES_READ,
        replies={200: {"type": "array", "items": profile.NOTE}},
        problems=(400, 404, 422),
        query=Query(PageQuery),
    )
    def collection_get(self) -> Response:
        query = self.request.validated["query"]
        given = pagination.unseal(self.request, query["cursor"])
        page = notes.list_notes(
            self.request.registry["database"],
            scope_of(self.request),
            customer_id(self.request),
            query["limit"],
            given[0] if given else None,
        )
        behind = None if page.next_before is None else [page.next_before]
        return json_reply(page.items, headers=pagination.link_header(self.request, next=behind))

    @operation("Remove a note", permission=Permission.NOTES_WRITE, replies={204: None}, problems=(404,))
    def delete(self) -> Response:
        note_id = uuid.UUID(self.request.matchdict["note_id"])
        self._service().delete(scope_of(self.request), customer_id(self.request), note_id)
        return empty_reply()

    def _service(self) -> NoteService:
        return NoteService(self.request.unit_of_work.transaction)
