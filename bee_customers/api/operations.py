"""/v1/operations"""

from cornice.resource import resource
from pyramid.request import Request
from pyramid.response import Response

from bee_customers.api.operation import operation
from bee_customers.api.replies import json_reply
from bee_customers.api.schemas.operations import OPERATIONS
from bee_customers.api.security_policy import scope_of
from bee_customers.security.permissions import Permission
from bee_customers.services import operations


@resource(name="operations", path="/v1/operations")
class OperationsResource:
    def __init__(self, request: Request, context: object = None) -> None:
        self.request = request

    @operation(
        "Events that wait and the last runs of jobs, of all businesses together",
        permission=Permission.OPERATIONS_READ,
        replies={200: OPERATIONS},
    )
    def get(self) -> Response:
        return json_reply(operations.overview(self.request.registry["database"], scope_of(self.request)))
