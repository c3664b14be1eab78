"""What a view needs to change something: the services of this request, on its transaction."""

from pyramid.request import Request

from bee_customers.events.outbox import Outbox
from bee_customers.services.avatar_files import AvatarFiles
from bee_customers.services.customers import CustomerService


def outbox_of(request: Request) -> Outbox:
    return Outbox(
        request.unit_of_work.transaction,
        actor=request.identity.subject,
        trace_id=request.environ["bee.trace_id"],
        traceparent=request.environ.get("bee.traceparent"),
    )


def customer_service(request: Request) -> CustomerService:
    unit = request.unit_of_work
    avatars = AvatarFiles(request.registry["storage"], unit)
    return CustomerService(unit.transaction, outbox_of(request), request.registry["rules"], avatars)
