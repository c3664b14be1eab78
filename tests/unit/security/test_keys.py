"""The auth service's keys: fresh, remembered, asked for in good measure, and never trusted blindly."""

import datetime
import json
import threading

import pytest
import time_machine

from bee_customers.errors import InvalidToken, KeysUnavailable
from bee_customers.security import keys as keys_module
from bee_customers.security.keys import FixedKey, JwksKeys, fetch
from tests.servers import free_port, wait_until
from tests.unit.security.jwks_server import serving
from tests.unit.security.signing import EC_KEY, OTHER_RSA_KEY, RSA_KEY, jwk

GOOD = jwk(RSA_KEY, "one")


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def server():
    with serving(GOOD) as running:
        yield running


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def keys(server, clock):
    return JwksKeys(server.url, clock=clock)


def test_a_configured_key_is_given_whatever_the_token_names():
    assert FixedKey("secret").key_for(None) == FixedKey("secret").key_for("other") == "secret"


def test_a_key_is_found_by_its_id(keys):
    assert keys.key_for("one").key_id == "one"


def test_keys_are_asked_for_once_a_minute(keys, server, clock):
    for second in (0, 30, 59):
        clock.now = 1000 + second
        keys.key_for("one")
    assert len(server.paths) == 1
    clock.now = 1060
    keys.key_for("one")
    assert len(server.paths) == 2


def test_a_key_that_was_withdrawn_no_longer_holds_after_a_minute(keys, server, clock):
    keys.key_for("one")
    server.answer = {"keys": [jwk(OTHER_RSA_KEY, "two")]}
    clock.now += 60
    assert keys.key_for("two")
    with pytest.raises(InvalidToken):
        keys.key_for("one")


def test_a_clock_that_is_set_back_keeps_no_withdrawn_key(server, monkeypatch):
    for name in ("FRESH_SECONDS", "RETRY_SECONDS"):
        monkeypatch.setattr(keys_module, name, 0.0)
    keys = JwksKeys(server.url)
    keys.key_for("one")
    server.answer = {"keys": [jwk(OTHER_RSA_KEY, "two")]}
    an_hour_ago = datetime.datetime.now(datetime.UTC) - datetime.timedelta(hours=1)
    with time_machine.travel(an_hour_ago), pytest.raises(InvalidToken):
        keys.key_for("one")


def test_an_unknown_key_is_asked_for_at_once(keys, server, clock):
    keys.key_for("one")
    server.answer = {"keys": [GOOD, jwk(EC_KEY, "two", "ES256")]}
    clock.now += 5
    assert keys.key_for("two").key_id == "two"


def test_unknown_keys_are_not_asked_for_more_often_than_each_5_seconds(keys, server, clock):
    keys.key_for("one")
    for second in range(11):
        clock.now = 1000 + second
        with pytest.raises(InvalidToken):
            keys.key_for(f"unknown {second}")
    assert len(server.paths) == 3


@pytest.mark.parametrize("status", [404, 500, 503])
def test_old_keys_are_kept_while_the_auth_service_is_down(keys, server, clock, status):
    keys.key_for("one")
    server.status = status
    clock.now += 86_400
    assert keys.key_for("one")
    server.status = 200
    server.answer = {"keys": [jwk(OTHER_RSA_KEY, "two")]}
    clock.now += 5
    assert keys.key_for("two")


def test_a_service_that_was_never_there_gives_no_keys_and_is_asked_again(server, clock):
    server.status = 503
    keys = JwksKeys(server.url, clock=clock)
    for _ in range(3):
        with pytest.raises(KeysUnavailable):
            keys.key_for("one")
    assert len(server.paths) == 1
    server.status = 200
    clock.now += 5
    assert keys.key_for("one")


def test_a_refused_connection_gives_no_keys():
    with pytest.raises(KeysUnavailable):
        fetch(f"http://127.0.0.1:{free_port()}/")


@pytest.mark.parametrize("key_id", [None, ""])
def test_a_token_without_a_key_id_asks_for_nothing(keys, server, key_id):
    with pytest.raises(InvalidToken):
        keys.key_for(key_id)
    assert server.paths == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(server, status):
    with serving(jwk(OTHER_RSA_KEY, "one")) as elsewhere:
        server.status, server.location = status, elsewhere.url
        with pytest.raises(KeysUnavailable):
            fetch(server.url)
        assert elsewhere.paths == []


@pytest.mark.parametrize("scheme", ["http_proxy", "all_proxy"])
def test_a_proxy_of_the_environment_is_not_asked(server, monkeypatch, scheme):
    monkeypatch.setenv(scheme, f"http://127.0.0.1:{free_port()}")
    assert set(fetch(server.url)) == {"one"}


SYMMETRIC = {"kty": "oct", "kid": "shared", "k": "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0"}
PASSED_OVER = {
    "symmetric": SYMMETRIC,
    "symmetric_by_alg": SYMMETRIC | {"alg": "HS256", "use": "sig"},
    "for_encryption": jwk(OTHER_RSA_KEY, "two", use="enc"),
    "without_id": {name: value for name, value in GOOD.items() if name != "kid"},
    "id_of_a_number": GOOD | {"kid": 7},
    "unknown_kind": {"kty": "XYZ", "kid": "two"},
    "kind_of_a_list": {"kty": ["RSA"], "kid": "two"},
    "unknown_algorithm": jwk(OTHER_RSA_KEY, "two", alg="XY999"),
    "algorithm_of_a_list": jwk(OTHER_RSA_KEY, "two", alg=["RS256"]),
    "number_for_a_modulus": {"kty": "RSA", "kid": "two", "n": 7, "e": "AQAB"},
    "empty_modulus": {"kty": "RSA", "kid": "two", "n": "", "e": ""},
    "not_on_the_curve": {"kty": "EC", "crv": "P-256", "kid": "two", "x": "AA", "y": "AA"},
    "text": "two",
    "null": None,
    "list": [],
    "empty": {},
}


@pytest.mark.parametrize("entry", PASSED_OVER.values(), ids=PASSED_OVER)
def test_an_entry_that_is_no_signature_key_does_not_hide_the_good_ones(server, entry):
    server.answer = {"keys": [entry, GOOD]}
    assert set(fetch(server.url)) == {"one"}


@pytest.mark.parametrize("entry", PASSED_OVER.values(), ids=PASSED_OVER)
def test_an_answer_without_any_signature_key_is_none(server, entry):
    server.answer = {"keys": [entry]}
    with pytest.raises(KeysUnavailable):
        fetch(server.url)


GARBAGE = {
    "empty": b"",
    "html": b"<html>we are down</html>",
    "not_utf8": b'{"keys": "\xff"}',
    "null": b"null",
    "list": b"[]",
    "number": b"7",
    "text": b'"keys"',
    "keys_missing": b"{}",
    "keys_null": b'{"keys": null}',
    "keys_a_number": b'{"keys": 7}',
    "keys_an_object": b'{"keys": {"one": {}}}',
    "keys_text": b'{"keys": "one"}',
    "keys_empty": b'{"keys": []}',
    "cut_off": json.dumps({"keys": [GOOD]}).encode()[:-5],
    "deep": b"[" * 100_000,
    "huge": b" " * 1_000_000 + json.dumps({"keys": [GOOD]}).encode(),
    "long_number": b'{"keys": ' + b"9" * 5000 + b"}",
}


@pytest.mark.parametrize("answer", GARBAGE.values(), ids=GARBAGE)
def test_garbage_is_no_answer(keys, server, answer):
    server.answer = answer
    with pytest.raises(KeysUnavailable):
        keys.key_for("one")


@pytest.mark.parametrize("answer", GARBAGE.values(), ids=GARBAGE)
def test_old_keys_outlive_garbage(keys, server, clock, answer):
    keys.key_for("one")
    server.answer = answer
    clock.now += 61
    assert keys.key_for("one")


def test_a_frozen_auth_service_is_given_up_and_holds_up_nobody_who_has_a_key(keys, server, clock):
    keys.key_for("one")
    server.thawed.clear()
    clock.now += 61
    asking = threading.Thread(target=keys.key_for, args=("one",))
    asking.start()
    wait_until(lambda: len(server.paths) == 2, 10, "the frozen service to be asked")
    assert keys.key_for("one")
    asking.join(20)
    assert not asking.is_alive()
