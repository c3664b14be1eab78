"""/media/avatars/...: avatars for anyone who knows the address, which nobody can guess."""

from pyramid.config import Configurator
from pyramid.request import Request
from pyramid.response import Response

from bee_customers.api.problems import NOT_FOUND, ProblemError
from bee_customers.errors import FileNotStored
from bee_customers.services.avatar_files import KEY_PATTERN
from bee_customers.services.avatar_images import MEDIA_TYPE

_HEADERS = {
    # a new avatar has a new address
    "Cache-Control": "public, max-age=31536000, immutable",
    "Content-Disposition": "inline",
    # pages of other origins are where avatars are shown
    "Cross-Origin-Resource-Policy": "cross-origin",
}


def avatar(request: Request) -> Response:
    try:
        file = request.registry["storage"].open(request.matchdict["key"])
    except FileNotStored:
        raise ProblemError(NOT_FOUND, "There is no such file.") from None
    response = Response(content_type=MEDIA_TYPE, charset=None, app_iter=file)
    response.content_length = file.size
    response.headers.update(_HEADERS)
    return response


def includeme(config: Configurator) -> None:
    # the pattern holds no dot-dot and no second slash: nothing else ever reaches the storage
    config.add_page("avatar_file", f"/media/{{key:{KEY_PATTERN}}}", avatar)
