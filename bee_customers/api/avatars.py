"""/v1/customers/{customer_id}/avatar"""

from cornice.resource import resource
from pyramid.request import Request
from pyramid.response import Response

from bee_customers.api import conditional
from bee_customers.api.customers import customer_id
from bee_customers.api.operation import CUSTOMER, operation
from bee_customers.api.replies import empty_reply, json_reply
from bee_customers.api.security_policy import scope_of
from bee_customers.api.uploads import FileBody
from bee_customers.api.writing import outbox_of
from bee_customers.security.permissions import Permission
from bee_customers.services.avatar_files import AvatarFiles
from bee_customers.services.avatar_images import BYTES_MOST
from bee_customers.services.avatars import AvatarService

_AVATAR = {
    "type": "object",
    "additionalProperties": False,
    "required": ["avatar_url"],
    "properties": {"avatar_url": {"type": "string"}},
}


@resource(name="avatar", path=f"{CUSTOMER}/avatar")
class AvatarResource:
    def __init__(self, request: Request, context: object = None) -> None:
        self.request = request

    @operation(
        "Give a customer an avatar: a JPEG, PNG or WebP image of up to 5 MiB and 40 megapixels",
        permission=Permission.AVATARS_WRITE,
        replies={200: _AVATAR},
        problems=(400, 404, 409, 412, 413, 415, 422),
        body=FileBody(BYTES_MOST),
        is_idempotent=True,
        is_conditional=True,
    )
    def post(self) -> Response:
        customer, image = customer_id(self.request), self.request.validated["body"].file
        versions = conditional.accepted_versions(self.request)
        url, version = _service(self.request).replace(scope_of(self.request), customer, image, versions)
        self.request.about_customer = customer
        return json_reply({"avatar_url": url}, headers={"ETag": conditional.etag(version)})

    @operation(
        "Take a customer's avatar away; the same without one",
        permission=Permission.AVATARS_WRITE,
        replies={204: None},
        problems=(404, 412),
        is_conditional=True,
    )
    def delete(self) -> Response:
        versions = conditional.accepted_versions(self.request)
        version = _service(self.request).delete(scope_of(self.request), customer_id(self.request), versions)
        return empty_reply(headers={"ETag": conditional.etag(version)})


def _service(request: Request) -> AvatarService:
    unit, registry = request.unit_of_work, request.registry
    return AvatarService(
        unit, outbox_of(request), AvatarFiles(registry["storage"], unit), registry["avatar_images"]
    )
