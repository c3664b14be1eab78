"""A private server that speaks S3, for the tests: moto, which keeps everything in its memory."""

import itertools
import json
import sys
from contextlib import suppress
from urllib.request import Request, urlopen

from tests.servers import Server

_numbers = itertools.count(1)


class S3Server(Server):
    package = "moto"

    def __init__(self) -> None:
        super().__init__()
        self.url = f"http://127.0.0.1:{self.port}"
        # what a client needs to know, by the names that all AWS tools use
        self.client_environment = {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": "us-east-1",
        }

    def prepare(self) -> None:
        self.environment |= self.client_environment

    def command(self) -> list[str]:
        return [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port)]

    def is_ready(self) -> bool:
        with suppress(OSError):
            urlopen(self.url, timeout=5).close()
            return True
        return False

    def new_bucket(self) -> str:
        """An empty one, whose files anyone may read."""
        name = f"bees-{next(_numbers)}"
        files = f"arn:aws:s3:::{name}/*"
        allowed = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": files}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed]}).encode()
        for address, body in ((name, b""), (f"{name}?policy", policy)):
            request = Request(f"{self.url}/{address}", body, {"Content-Type": "application/json"}, method="PUT")
            urlopen(request, timeout=20).close()
        return name
