"""One process among several, started by `bee-customers serve`: python -m bee_customers.cli.worker [FILE.ini]"""

import os
import signal
import sys
import threading

from bee_customers.cli import metric_files
from bee_customers.cli.environment import ini_of, load
from bee_customers.errors import DomainError


def main() -> None:
    # until it serves it has nothing to finish
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))
    metric_files.hold()
    threading.Thread(target=_end_with_the_supervisor, daemon=True).start()
    try:
        _serve(sys.argv[1] if len(sys.argv) > 1 else None)
    except DomainError as error:
        sys.exit(f"Error: {error}")


def _serve(config: str | None) -> None:
    from bee_customers import server, wsgi

    base, ini = ini_of(config)
    _, settings = load(config)
    application = wsgi.worker({"here": str(base)}, **ini)
    server.run(server.listen(application, settings, is_worker=True))


def _end_with_the_supervisor() -> None:
    """It holds the other end of our stdin, which ends with it, also when it is killed."""
    os.read(sys.stdin.fileno(), 1)
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
