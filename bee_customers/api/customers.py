"""/v1/customers and /v1/customers/{customer_id}"""

import dataclasses
import uuid
from typing import Any

from cornice.resource import resource
from pyramid.request import Request
from pyramid.response import Response

from bee_customers.api import conditional, pagination
from bee_customers.api.operation import CUSTOMER, CUSTOMERS, operation
from bee_customers.api.problems import NOT_FOUND, ProblemError
from bee_customers.api.reading import JsonBody, PatchBody, Query
from bee_customers.api.replies import empty_reply, json_reply
from bee_customers.api.schemas import customers as schemas
from bee_customers.api.security_policy import scope_of
from bee_customers.api.writing import customer_service
from bee_customers.security.permissions import Permission
from bee_customers.services import customer_documents, customer_lists, patches
from bee_customers.services.customer_documents import Document
from bee_customers.services.customer_lists import Filters, Position

_ARRAY = {"type": "array", "items": schemas.CUSTOMER}
_FILTERS = tuple(field.name for field in dataclasses.fields(Filters) if field.name != "tags")


@resource(name="customers", collection_path=CUSTOMERS, path=CUSTOMER)
class CustomerResource:
    def __init__(self, request: Request, context: object = None) -> None:
        self.request = request

    @operation(
        "Create a customer",
        permission=Permission.CUSTOMERS_CREATE,
        replies={201: schemas.CUSTOMER},
        problems=(400, 409, 413, 415, 422),
        body=JsonBody(schemas.NewCustomer),
        is_idempotent=True,
    )
    def collection_post(self) -> Response:
        document = customer_service(self.request).create(scope_of(self.request), self.request.validated["body"])
        self.request.about_customer = uuid.UUID(document["id"])
        location = f"{CUSTOMERS}/{document['id']}"
        return _present(document, status=201, headers={"Location": location})

    @operation(
        "List customers",
        permission=Permission.CUSTOMERS_LIST,
        replies={200: _ARRAY},
        problems=(400, 422),
        query=Query(schemas.CustomerQuery),
    )
    def collection_get(self) -> Response:
        query = self.request.validated["query"]
        database, scope = self.request.registry["database"], scope_of(self.request)
        filters = Filters(tags=query["tag"], **{name: query[name] for name in _FILTERS})
        given = pagination.unseal(self.request, query["cursor"])
        position = Position(*given) if given else None
        page = customer_lists.list_page(database, scope, filters, query["sort"], query["limit"], position)
        headers = pagination.link_header(self.request, next=_plain(page.next), prev=_plain(page.previous))
        if query["count"]:
            count = customer_lists.COUNTS[query["count"]](database, scope, filters)
            headers["X-Total-Count"] = str(count)
        return json_reply(page.items, headers=headers)

    @operation(
        "Get a customer",
        permission=Permission.CUSTOMERS_READ,
        replies={200: schemas.CUSTOMER, 304: None},
        problems=(404,),
        is_conditional=True,
    )
    def get(self) -> Response:
        database, scope = self.request.registry["database"], scope_of(self.request)
        document = customer_documents.get(database, scope, customer_id(self.request))
        if conditional.is_known_to_caller(self.request, document["version"]):
            return empty_reply(304, headers={"ETag": conditional.etag(document["version"])})
        return _present(document)

    @operation(
        "Change a customer by JSON Patch or merge patch",
        permission=Permission.CUSTOMERS_UPDATE,
        replies={200: schemas.CUSTOMER},
        problems=(400, 404, 409, 412, 413, 415, 422),
        body=PatchBody(),
        is_conditional=True,
        is_patch_of_customer=True,
    )
    def patch(self) -> Response:
        body = self.request.validated["body"]
        edit = patches.json_patch(body) if self.request.validated["is_json_patch"] else patches.merge_patch(body)
        versions = conditional.accepted_versions(self.request)
        document = customer_service(self.request).update(
            scope_of(self.request), customer_id(self.request), edit, versions
        )
        return _present(document)

    @operation(
        "Delete a customer for good",
        permission=Permission.CUSTOMERS_DELETE,
        replies={204: None},
        problems=(404, 412),
        is_conditional=True,
    )
    def delete(self) -> Response:
        if "bee.slash" in self.request.environ:
            # programs by themselves make /v1/customers/ID/ of /v1/customers/ID/tags/..: a tag was meant
            raise ProblemError(NOT_FOUND, "A customer is deleted by its address without a slash behind it.")
        versions = conditional.accepted_versions(self.request)
        customer_service(self.request).delete(scope_of(self.request), customer_id(self.request), versions)
        return empty_reply()


def customer_id(request: Request) -> uuid.UUID:
    return uuid.UUID(request.matchdict["customer_id"])


def _present(document: Document, *, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    etag = {"ETag": conditional.etag(document["version"])}
    return json_reply(document, status=status, headers={**etag, **(headers or {})})


def _plain(position: Position | None) -> list[Any] | None:
    return list(dataclasses.astuple(position)) if position else None
