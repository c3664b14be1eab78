"""/v1/customers/{customer_id}/orders and /stats"""

import dataclasses

from cornice.resource import resource
from pyramid.request import Request
from pyramid.response import Response

from bee_customers.api import pagination
from bee_customers.api.customers import customer_id
from bee_customers.api.operation import CUSTOMER, operation
from bee_customers.api.reading import JsonBody, Query
from bee_customers.api.replies import json_reply
from bee_customers.api.schemas import profile
from bee_customers.api.schemas.customers import PageQuery
from bee_customers.api.security_policy import scope_of
from bee_customers.api.writing import outbox_of
from bee_customers.errors import FieldFault, InvalidDocument, InvalidField
from bee_customers.security.permissions import Permission
from bee_customers.services import ledger, order_rules
from bee_customers.services.customer_changes import utc_now
from bee_customers.services.orders import Order, OrderService


@resource(name="orders", collection_path=f"{CUSTOMER}/orders", path=f"{CUSTOMER}/orders/{{order_id:.+}}")
class OrderResource:
    def __init__(self, request: Request, context: object = None) -> None:
        self.request = request

    @operation(
        "List orders and bookings, latest first",
        permission=Permission.ORDERS_READ,
        replies={200: {"type": "array", "items": profile.ORDER}},
        problems=(400, 404, 422),
        query=Query(PageQuery),
    )
    def collection_get(self) -> Response:
        query = self.request.validated["query"]
        page = ledger.list_orders(
            self.request.registry["database"],
            scope_of(self.request),
            customer_id(self.request),
            query["limit"],
            pagination.unseal(self.request, query["cursor"]),
        )
        return json_reply(page.items, headers=pagination.link_header(self.request, next=page.next_before))

    @operation(
        "Record an order or booking",
        permission=Permission.ORDERS_WRITE,
        replies={200: profile.ORDER, 201: profile.ORDER},
        problems=(400, 404, 413, 415, 422),
        body=JsonBody(profile.PutOrder),
    )
    def put(self) -> Response:
        order_id = self._order_id()
        service = OrderService(self.request.unit_of_work.transaction, outbox_of(self.request))
        order = Order(**self.request.validated["body"])
        standing, is_new = service.put(scope_of(self.request), customer_id(self.request), order_id, order)
        document = {"order_id": order_id, **dataclasses.asdict(standing), "amount": f"{standing.amount:.2f}"}
        return json_reply(document, status=201 if is_new else 200)

    def _order_id(self) -> str:
        try:
            return order_rules.order_id(self.request.matchdict["order_id"])
        except InvalidField as error:
            raise InvalidDocument([FieldFault("/order_id", str(error))]) from None


@resource(name="stats", path=f"{CUSTOMER}/stats")
class StatsResource:
    def __init__(self, request: Request, context: object = None) -> None:
        self.request = request

    @operation(
        "A customer's statistics",
        permission=Permission.STATS_READ,
        replies={200: profile.STATS},
        problems=(404,),
    )
    def get(self) -> Response:
        database, scope = self.request.registry["database"], scope_of(self.request)
        return json_reply(ledger.get_stats(database, scope, customer_id(self.request), utc_now()))
