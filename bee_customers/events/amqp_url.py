"""From RABBITMQ_URL to a connection of kombu.

The query takes RabbitMQ's own names for certificates: https://www.rabbitmq.com/docs/uri-query-parameters
"""

import socket
import ssl
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import kombu

_FILES = {"cacertfile": "ca_certs", "certfile": "certfile", "keyfile": "keyfile"}


def connect(url: str, connect_seconds: float, **transport_options: object) -> kombu.Connection:
    """An open connection; raises what amqp_faults names."""
    parameters = connection_parameters(url, connect_seconds)
    parameters["transport_options"] |= transport_options
    connection = kombu.Connection(**parameters)
    # once: kombu's own connect() sleeps for two seconds after a failure and tries again
    connection.ensure_connection(max_retries=0, reraise_as_library_errors=False)
    return connection


def connection_parameters(url: str, connect_seconds: float) -> dict[str, Any]:
    """Keyword arguments of kombu.Connection; amqps:// always checks the broker's certificate and name."""
    parts = urlsplit(url)
    parameters: dict[str, Any] = {
        "hostname": parts._replace(query="").geturl(),
        "connect_timeout": connect_seconds,
        # nobody would send them between two windows; TCP keeps watch over an idle connection
        "heartbeat": 0,
        "transport_options": {"confirm_publish": False, "socket_settings": _KEEPALIVE},
    }
    if parts.scheme == "amqps":
        parameters["ssl"] = {
            "cert_reqs": ssl.CERT_REQUIRED,
            "server_hostname": parts.hostname,
            **{_FILES[name]: value for name, value in parse_qsl(parts.query) if name in _FILES},
        }
    return parameters


def _keepalive() -> dict[int, int]:
    settings = {"TCP_KEEPIDLE": 20, "TCP_KEEPINTVL": 5, "TCP_KEEPCNT": 3, "TCP_USER_TIMEOUT": 10_000}
    return {getattr(socket, name): value for name, value in settings.items() if hasattr(socket, name)}


_KEEPALIVE = _keepalive()
