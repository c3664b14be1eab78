"""/v1/customers/{customer_id}/events"""

from cornice.resource import resource
from pyramid.request import Request
from pyramid.response import Response

from bee_customers.api import pagination
from bee_customers.api.customers import customer_id
from bee_customers.api.operation import CUSTOMER, operation
from bee_customers.api.reading import Query
from bee_customers.api.replies import json_reply
from bee_customers.api.schemas.customers import EVENT, PageQuery
from bee_customers.api.security_policy import scope_of
from bee_customers.security.permissions import Permission
from bee_customers.services import timeline


@resource(name="events", path=f"{CUSTOMER}/events")
class TimelineResource:
    def __init__(self, request: Request, context: object = None) -> None:
        self.request = request

    @operation(
        "What changed, when and by whom, newest first",
        permission=Permission.EVENTS_READ,
        replies={200: {"type": "array", "items": EVENT}},
        problems=(400, 404, 422),
        query=Query(PageQuery),
    )
    def get(self) -> Response:
        query = self.request.validated["query"]
        given = pagination.unseal(self.request, query["cursor"])
        page = timeline.list_events(
            self.request.registry["database"],
            scope_of(self.request),
            customer_id(self.request),
            query["limit"],
            given[0] if given else None,
        )
        behind = None if page.next_before is None else [page.next_before]
        return json_reply(page.items, headers=pagination.link_header(self.request, next=behind))
