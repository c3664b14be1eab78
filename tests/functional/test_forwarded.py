"""Whose word counts on where a request comes from"""

import dataclasses
import ipaddress
import json

import pytest
from webtest import TestApp

from bee_customers import wsgi
from bee_customers.api.forwarded import Unbelieved
from bee_customers.setting_values import Rate, networks
from tests.client import make_token
from tests.factories import new_body
from tests.functional import wire

PROXY, FARTHER, CLIENT, OTHER = "10.0.0.7", "10.1.2.3", "192.0.2.1", "198.51.100.4"


@pytest.fixture
def behind_proxies(settings, database, shared_storage):
    changed = dataclasses.replace(
        settings, trusted_proxies=networks("10.0.0.7,10.1.0.0/16,fd00::/8"), auth_failure_rate=Rate(1, 60)
    )
    return TestApp(wsgi.application(changed, database, shared_storage))


def fails(app, peer, forwarded=None):
    """The status for a request without a token: 401, or 429 from an address that has failed before."""
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    return app.get("/v1/customers", headers=headers, extra_environ={"REMOTE_ADDR": peer}, status="*").status_int


def is_same_address(app, one, other):
    """Each is a peer and what it forwards."""
    assert fails(app, *one) == 401
    return fails(app, *other) == 429


@pytest.mark.parametrize(
    ("peer", "forwarded"),
    [
        (CLIENT, None),
        (PROXY, CLIENT),
        (PROXY, f" {CLIENT} "),
        (PROXY, f"{CLIENT}:4711"),
        (PROXY, f"{OTHER}, {CLIENT}"),
        (PROXY, f"no address,{CLIENT}"),
        (PROXY, f"{CLIENT}, {FARTHER}"),
        (PROXY, f"{OTHER},{CLIENT},{FARTHER},{FARTHER}"),
        ("fd00::7", f"::ffff:{CLIENT}"),
        (f"::ffff:{PROXY}", CLIENT),
        (CLIENT, OTHER),
        (CLIENT, PROXY),
    ],
)
def test_the_client_is_the_last_one_who_is_no_trusted_proxy(behind_proxies, peer, forwarded):
    assert is_same_address(behind_proxies, (CLIENT,), (peer, forwarded))


@pytest.mark.parametrize(
    ("peer", "forwarded"),
    [
        (PROXY, None),
        (PROXY, ""),
        (PROXY, "no address"),
        (PROXY, f"{CLIENT}, no address"),
        (PROXY, ", ,"),
        (PROXY, PROXY),
        (FARTHER, PROXY),
    ],
)
def test_a_proxy_that_names_nobody_is_counted_itself(behind_proxies, peer, forwarded):
    assert is_same_address(behind_proxies, (PROXY,), (peer, forwarded))


def test_clients_of_one_proxy_are_counted_apart(behind_proxies):
    assert not is_same_address(behind_proxies, (PROXY, CLIENT), (PROXY, OTHER))


def test_one_who_makes_addresses_up_is_counted_as_one(behind_proxies):
    assert is_same_address(behind_proxies, (CLIENT, "192.0.2.77"), (CLIENT, "192.0.2.78"))


def test_addresses_of_one_ipv6_network_are_one(behind_proxies):
    assert is_same_address(behind_proxies, ("2001:db8::1",), (PROXY, "[2001:db8::ffff:1]:80"))
    assert fails(behind_proxies, "2001:db8:0:1::1") == 401


def told_of(records):
    return [record.getMessage() for record in records if record.name == "bee_customers.api.forwarded"]


def ignored(app):
    registry = app.app.registry["metrics"].counted
    return registry.get_sample_value("bee_customers_forwarded_ignored_total")


def test_a_proxy_that_nobody_trusts_is_told_of_once_and_counted_each_time(behind_proxies, caplog):
    for _ in range(3):
        fails(behind_proxies, "10.9.9.9", CLIENT)
    (line,) = told_of(caplog.records)
    assert line.startswith("the peer 10.9.9.9 says where requests come from and is not in TRUSTED_PROXIES")
    assert CLIENT not in line
    assert ignored(behind_proxies) == 3


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded"])
def test_the_public_address_of_a_peer_may_be_a_persons_and_is_not_told(behind_proxies, caplog, header):
    said = {"X-Forwarded-For": OTHER, "Forwarded": f"for={OTHER}"}[header]
    behind_proxies.get("/health/live", headers={header: said}, extra_environ={"REMOTE_ADDR": "8.8.4.4"})
    (line,) = told_of(caplog.records)
    assert line.startswith("a peer with a public address says")
    assert not {"8.8.4.4", OTHER} & set(line.split())


def test_of_trusted_proxies_and_of_who_says_nothing_nothing_is_told(behind_proxies, caplog):
    fails(behind_proxies, PROXY, CLIENT)
    fails(behind_proxies, OTHER)
    assert told_of(caplog.records) == []
    assert ignored(behind_proxies) == 0


def test_what_goes_on_is_told_again_after_a_minute(caplog):
    now, counted = [0.0], []
    unbelieved = Unbelieved(lambda: counted.append(1), clock=lambda: now[0])
    for now[0] in (0.0, 59.9, 60.0, 61.0):
        unbelieved.note(ipaddress.ip_address(PROXY))
    assert (len(told_of(caplog.records)), len(counted)) == (2, 4)


def created(app, peer, **headers):
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    sent |= {"Authorization": f"Bearer {make_token('internal_service')}", "Host": "api.example.com"}
    reply = app.post_json("/v1/customers", new_body(), headers=sent, extra_environ={"REMOTE_ADDR": peer})
    return reply.headers["Location"].partition("/v1/")[0]


@pytest.mark.parametrize(
    ("peer", "proto", "scheme"),
    [
        (PROXY, "https", "https"),
        (PROXY, "HTTPS", "https"),
        (PROXY, "http, https", "https"),
        (PROXY, "https, http", "http"),
        (PROXY, "javascript", "http"),
        (PROXY, "", "http"),
        (CLIENT, "https", "http"),
    ],
)
def test_the_scheme_of_addresses_is_what_a_trusted_proxy_says(behind_proxies, peer, proto, scheme):
    assert created(behind_proxies, peer, X_Forwarded_Proto=proto) == f"{scheme}://api.example.com"


@pytest.mark.parametrize("peer", [PROXY, CLIENT])
def test_the_host_of_addresses_is_that_of_the_request(behind_proxies, peer):
    said = {"X_Forwarded_Host": "evil.example", "Forwarded": "host=evil.example;proto=https"}
    assert created(behind_proxies, peer, X_Forwarded_Port="81", **said) == "http://api.example.com"


def test_without_trusted_proxies_nobody_is_believed(shared_app, database):
    assert created(shared_app, PROXY, X_Forwarded_Proto="https") == "http://api.example.com"


@pytest.mark.parametrize(("trusted", "scheme"), [("127.0.0.1", "https"), ("127.0.0.2", "http")])
def test_the_products_own_server_passes_on_what_is_said(settings, database, shared_storage, trusted, scheme):
    changed = dataclasses.replace(settings, port=0, trusted_proxies=networks(trusted))
    request = (
        "POST /v1/customers HTTP/1.1\r\nHost: api.example.com\r\nConnection: close\r\nX-Forwarded-Proto: https\r\n"
        f"Authorization: Bearer {make_token('internal_service')}\r\nContent-Type: application/json\r\n"
    )
    body = json.dumps(new_body())
    with wire.listening(wsgi.application(changed, database, shared_storage), changed) as port:
        whole = f"{request}Content-Length: {len(body)}\r\n\r\n{body}".encode()
        (reply,) = wire.exchange(port, whole)
    assert reply.status == 201
    assert reply.headers["Location"].startswith(f"{scheme}://api.example.com/")
