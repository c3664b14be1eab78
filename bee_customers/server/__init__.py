"""waitress with sane bounds, for `bee-customers serve` and for Paste."""

import dataclasses
import gc
import re
from typing import Any

from waitress.adjustments import Adjustments
from waitress.parser import HTTPRequestParser, ParsingError

from bee_customers import strict_http
from bee_customers.events import relay_thread
from bee_customers.events.relay import Relay
from bee_customers.server.channels import Channel
from bee_customers.server.draining import DrainingServer
from bee_customers.server.refusals import BODY_BYTES_MOST, HEADER_BYTES_MOST, ProblemTask
from bee_customers.server.sockets import bound
from bee_customers.settings import Settings
from bee_customers.signals import call_when_asked


class StrictParser(HTTPRequestParser):  # type: ignore[misc]
    """Refuses requests that a proxy in front could read otherwise than we do (RFC 9112, 3.2 and 6.3)."""

    body_rcv: Any

    def parse_header(self, header_plus: bytes) -> None:
        strict_http.check_head(header_plus)
        try:
            super().parse_header(header_plus)
        except ValueError as error:  # too many digits for a number, or brackets that are no address
            raise ParsingError("The request is not well-formed") from error
        codings = [coding.strip().lower() for coding in _TRANSFER_ENCODING.findall(header_plus)]
        if codings and (codings != [b"chunked"] or self.version != "1.1" or "CONTENT_LENGTH" in self.headers):
            raise ParsingError("The length of the body is in doubt")
        strict_http.check_host(self.headers.get("HOST"), self.version)
        if "," in self.headers.get("CONNECTION", "") and strict_http.wants_to_close(self.headers["CONNECTION"]):
            self.headers["CONNECTION"] = "close"
        if self.chunked:
            self.body_rcv = strict_http.Chunks(self.body_rcv.getbuf(), self.adj.max_request_body_size)


_TRANSFER_ENCODING = re.compile(rb"^transfer-encoding:([^\r\n]*)", re.IGNORECASE | re.MULTILINE)


class StrictChannel(Channel):
    parser_class = StrictParser
    error_task_class = ProblemTask


class StrictServer(DrainingServer):
    channel_class = StrictChannel


def listen(application: Any, settings: Settings, *, is_worker: bool = False) -> StrictServer:
    """A bound server that waits for `run`; raises OSError when the address is taken or unknown.

    In production the address is shared, so that in a deploy a new process can begin before the old one ends.
    """
    is_shared = is_worker or not settings.is_development
    return StrictServer(
        application,
        bound(settings.host, settings.port, is_shared=is_shared),
        Adjustments(
            threads=settings.threads,
            ident=None,
            max_request_body_size=BODY_BYTES_MOST,
            max_request_header_size=HEADER_BYTES_MOST,
            channel_timeout=60,
            cleanup_interval=5,
            connection_limit=settings.connections,
            expose_tracebacks=False,
            # whether they are believed is for the application to say
            clear_untrusted_proxy_headers=False,
        ),
        draining=application.registry["draining"],
        drain_seconds=settings.drain_seconds,
        is_shared=is_shared,
        is_development=settings.is_development,
        metrics=application.registry["server_metrics"],
    )


def run(server: StrictServer, relay: Relay | None = None) -> None:
    """Serve until SIGTERM or Ctrl-C; requests in flight are finished, and the window of a relay beside them."""
    call_when_asked(server.stop)
    # what the start has made stays for good: the collector need not look at it again and again
    gc.collect()
    gc.freeze()
    with relay_thread.running(relay):
        server.run()


def serve_paste(application: Any, global_config: dict[str, str], **options: str) -> None:
    """The Paste server runner: `use = egg:bee-customers` under [server:main], and there host, port and threads."""
    unknown = sorted(options.keys() - {"host", "port", "threads"})
    if unknown:
        raise SystemExit(f"[server:main]: {', '.join(unknown)} not known, expected host, port and threads")
    settings = application.registry["settings"]
    if settings.processes != 1:
        raise SystemExit("PROCESSES: expected 1 under pserve; `bee-customers serve` runs several")
    chosen = {name: value if name == "host" else int(value) for name, value in options.items()}
    run(listen(application, dataclasses.replace(settings, **chosen)), application.registry.get("relay"))
