"""What the views of /v1/customers/gdpr have in common."""

from pyramid.request import Request

from bee_customers.api.operation import CUSTOMERS
from bee_customers.api.security_policy import scope_of
from bee_customers.errors import SubjectNotAllowed
from bee_customers.services.privacy import stores
from bee_customers.services.privacy.requests import PrivacyRequests
from bee_customers.services.privacy.stores import Store
from bee_customers.services.privacy.subjects import Subject

GDPR = f"{CUSTOMERS}/gdpr"


def own_subject(request: Request) -> Subject:
    """The caller, who must be the user of the body; raises SubjectNotAllowed before anything is looked up."""
    user_id = request.validated["body"]["user_id"]
    if scope_of(request).own_user_id != user_id:
        raise SubjectNotAllowed("the token does not speak for this user")
    return Subject(user_id=user_id)


def requests_of(request: Request) -> PrivacyRequests:
    return PrivacyRequests(request.unit_of_work.transaction, request.registry["subject_hashes"])


def stores_of(request: Request) -> list[Store]:
    return stores.registered(request.registry["storage"], request.registry["fallback"])
