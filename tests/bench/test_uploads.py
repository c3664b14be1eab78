"""What uploads the benchmark makes, and how it looks at what they do."""

import contextlib
import http.server
import subprocess
import sys
import threading
import time

import pytest

from bee_customers.services import avatar_images
from bench import photo, pools, uploads
from bench.memory import Peak, held_mebibytes
from bench.times import BadReply
from bench.uploads import Client
from bench.web import Web

MIB = 1024 * 1024
# holds a little itself; a child of its own fills 60 MiB and says so
PARENT = """
import subprocess, sys
filling = "held = b'x' * (60 << 20); print('full', flush=True); input()"
child = subprocess.Popen([sys.executable, "-c", filling], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
for line in sys.stdin:
    if line == "wait\\n":
        child.stdout.readline(); print("full", flush=True)
    else:
        child.communicate(b"\\n"); print("gone", flush=True)
"""


@pytest.fixture
def parent():
    command = [sys.executable, "-c", PARENT]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1) as process:
        yield process
        process.stdin.close()


def tell(process, word):
    process.stdin.write(f"{word}\n")
    return process.stdout.readline().strip()


def test_what_a_child_holds_is_counted_for_as_long_as_it_lives(parent):
    assert tell(parent, "wait") == "full"
    with_child = held_mebibytes(parent.pid)
    assert tell(parent, "end") == "gone"
    assert 55 < with_child - held_mebibytes(parent.pid) < 85


def test_the_most_is_remembered(parent):
    peak = Peak()
    watching = threading.Thread(target=peak.watch, args=(parent.pid,))
    watching.start()
    tell(parent, "wait")
    time.sleep(0.1)
    tell(parent, "end")
    peak.is_over.set()
    watching.join()
    assert peak.samples > 5
    assert peak.mebibytes - held_mebibytes(parent.pid) > 55


def test_the_photo_is_as_large_as_the_service_takes(directory):
    image = photo.photo(directory)
    assert 0.95 * avatar_images.BYTES_MOST < len(image) <= avatar_images.BYTES_MOST
    header = avatar_images.check(image)
    assert (header.kind, header.width * header.height) == ("jpeg", 24_000_000)
    assert b"\xff\xc0" in image[:1000]  # baseline
    assert photo.photo(directory) == image


def test_uploads_are_taken_and_measured(service, directory, drawn):
    customers = pools.first_lines(drawn.customers, 50)
    rise, crowd = uploads.all_of(service, directory, customers, 1, 1)
    assert rise.peak > rise.idle > 20
    # the decoder itself takes tens of MiB: who sees less has not looked while it ran
    assert rise.rise > 20
    assert rise.samples > 5
    assert min(map(len, (crowd.alone, crowd.crowded, crowd.uploads))) > 0
    status, content = service.request("GET", customers[0], uploads.bearer("admin"))
    assert status == 200
    assert b'"avatar_url":"/media/avatars/' in content


class Server(http.server.BaseHTTPRequestHandler):
    """Gives the statuses it was told to, one after the other."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(self.server.statuses.pop(0))
        self.send_header("Retry-After", "7")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def client_of(*statuses):
    with http.server.HTTPServer(("127.0.0.1", 0), Server) as server:
        server.statuses = list(statuses)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield Client(Web("stub", server.server_port, 0), "/v1/customers/x/avatar", b"form")
        finally:
            server.shutdown()


def test_a_client_waits_as_it_is_told():
    with client_of(200, 503, 200) as client, contextlib.closing(uploads._connection(client.web)) as connection:
        assert [client.upload(connection) for _ in range(3)] == [0, 7, 0]
        assert (len(client.taken_ms), client.refused) == (2, 1)


@pytest.mark.parametrize("status", [201, 404, 500])
def test_another_status_is_no_upload(status):
    with client_of(status) as client, contextlib.closing(uploads._connection(client.web)) as connection:
        with pytest.raises(BadReply):
            client.upload(connection)
        assert client.taken_ms == []
