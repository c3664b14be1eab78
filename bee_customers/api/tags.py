"""/v1/customers/tags and /v1/customers/{customer_id}/tags"""

from cornice.resource import resource
from pyramid.request import Request
from pyramid.response import Response

from bee_customers.api import pagination
from bee_customers.api.customers import customer_id
from bee_customers.api.operation import CUSTOMER, CUSTOMERS, operation
from bee_customers.api.reading import JsonBody, Query
from bee_customers.api.replies import empty_reply, json_reply
from bee_customers.api.schemas import profile
from bee_customers.api.schemas.customers import PageQuery
from bee_customers.api.security_policy import scope_of
from bee_customers.api.writing import customer_service
from bee_customers.security.permissions import Permission
from bee_customers.services import tag_catalogue
from bee_customers.services.tag_catalogue import TagCatalogue


@resource(name="tags", collection_path=f"{CUSTOMERS}/tags", path=f"{CUSTOMERS}/tags/{{tag_name:.+}}")
class TagResource:
    def __init__(self, request: Request, context: object = None) -> None:
        self.request = request

    @operation(
        "Add a tag to the catalogue",
        permission=Permission.TAGS_WRITE,
        replies={201: profile.TAG},
        problems=(400, 409, 413, 415, 422),
        body=JsonBody(profile.NewTag),
        is_idempotent=True,
    )
    def collection_post(self) -> Response:
        new = self.request.validated["body"]
        return json_reply(self._catalogue().create(new["name"], new.get("color")), status=201)

    @operation(
        "List the catalogue with how many customers carry each tag",
        permission=Permission.TAGS_READ,
        replies={200: {"type": "array", "items": profile.TAG}},
        problems=(400, 422),
        query=Query(PageQuery),
    )
    def collection_get(self) -> Response:
        query = self.request.validated["query"]
        given = pagination.unseal(self.request, query["cursor"])
        database, scope = self.request.registry["database"], scope_of(self.request)
        page = tag_catalogue.list_tags(database, scope, query["limit"], given[0] if given else None)
        behind = None if page.next_after is None else [page.next_after]
        return json_reply(page.items, headers=pagination.link_header(self.request, next=behind))

    @operation(
        "Remove a tag from the catalogue",
        permission=Permission.TAGS_WRITE,
        replies={204: None},
        problems=(404, 409, 422),
        query=Query(profile.DeleteTagQuery),
    )
    def delete(self) -> Response:
        is_forced = self.request.validated["query"]["force"] == "true"
        name = self.request.matchdict["tag_name"]
        self._catalogue().delete(scope_of(self.request), name, is_forced=is_forced)
        return empty_reply()

    def _catalogue(self) -> TagCatalogue:
        return TagCatalogue(self.request.unit_of_work.transaction, customer_service(self.request))


@resource(name="customer_tags", collection_path=f"{CUSTOMER}/tags", path=f"{CUSTOMER}/tags/{{tag_name:.+}}")
class CustomerTagResource:
    def __init__(self, request: Request, context: object = None) -> None:
        self.request = request

    @operation(
        "Attach tags, all or none",
        permission=Permission.TAGS_WRITE,
        replies={200: profile.TAGS},
        problems=(400, 404, 409, 413, 415, 422),
        body=JsonBody(profile.AttachedTags),
        query=Query(profile.AttachQuery),
        is_idempotent=True,
    )
    def collection_post(self) -> Response:
        names = self.request.validated["body"]["tags"]
        may_create = self.request.validated["query"]["create"] == "true"
        about = self.request.about_customer = customer_id(self.request)
        tags = customer_service(self.request).attach_tags(
            scope_of(self.request), about, names, may_create=may_create
        )
        return json_reply(tags)

    @operation("Detach a tag", permission=Permission.TAGS_WRITE, replies={204: None}, problems=(404,))
    def delete(self) -> Response:
        name = self.request.matchdict["tag_name"]
        customer_service(self.request).detach_tag(scope_of(self.request), customer_id(self.request), name)
        return empty_reply()
