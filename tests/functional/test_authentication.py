"""Bearer tokens at the door of the API"""

import base64
import datetime
import json
import re
import time
from typing import Any

import jwt
import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.client import SECRET, Client, make_token
from tests.functional.problem_details import check_problem

OTHER_SECRET = "another shared secret, which nobody here knows"


def refused(client: Client, authorization: str) -> str:
    """Assert a 401 for this header; returns its challenge."""
    response = client.get("", Authorization=authorization)
    check_problem(response, 401, "unauthenticated")
    return str(response.headers["WWW-Authenticate"])


def part(value: Any) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def unsigned(header: Any, **claims: Any) -> str:
    payload = jwt.decode(make_token("admin", **claims), options={"verify_signature": False})
    return f"{part(header)}.{part(payload)}."


def test_without_a_token_the_challenge_names_no_error(anyone: Client) -> None:
    response = anyone.get("")
    check_problem(response, 401, "unauthenticated")
    assert response.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("header", ["Basic YTpi", "Token x", "bear er", ""])
def test_another_scheme_is_no_token(anyone: Client, header: str) -> None:
    assert refused(anyone, header) == "Bearer"


@pytest.mark.parametrize("scheme", ["Bearer ", "bearer ", "BEARER  "])
def test_the_scheme_is_read_without_case(anyone: Client, scheme: str) -> None:
    assert anyone.get("", Authorization=scheme + make_token("admin")).status_int == 200


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": int(time.time()) - 31},
        {"exp": 0},
        {"exp": -1},
        {"exp": None},
        {"exp": "9999999999"},
        {"exp": 1e300},
        {"exp": 2**63},
        {"exp": True},
        {"nbf": int(time.time()) + 3600},
        {"nbf": "now"},
        {"iat": int(time.time()) + 3600},
        {"iss": "someone-else"},
        {"iss": None},
        {"aud": "someone-else"},
        {"aud": ["x", "y"]},
        {"aud": None},
        {"aud": []},
        {"sub": None},
        {"sub": 7},
        {"sub": "x" * 256},
        {"sub": "a\nb"},
        {"roles": {"admin": True}},
        {"role": 7},
        {"business_id": "not an id"},
        {"business_id": {"id": 1}},
        {"business_id": 7},
    ],
    # the same in every process of a run, whatever the time
    ids=lambda claims: re.sub(r"\b1\d{9}\b", "TIME", str(claims)),
)
def test_a_claim_that_does_not_hold_is_refused(anyone: Client, claims: dict[str, Any]) -> None:
    assert refused(anyone, f"Bearer {make_token('admin', **claims)}").startswith('Bearer error="invalid_token"')


def test_an_empty_subject_is_refused(anyone: Client) -> None:
    token = jwt.encode(
        jwt.decode(make_token("admin"), options={"verify_signature": False}) | {"sub": ""},
        SECRET,
        algorithm="HS256",
    )
    refused(anyone, f"Bearer {token}")


def forgeries() -> dict[str, str]:
    good = make_token("admin")
    header, payload, signature = good.split(".")
    stronger = part(
        {**json.loads(base64.urlsafe_b64decode(payload + "==")), "roles": ["admin", "internal_service"]}
    )
    rsa_key = rsa.generate_private_key(65537, 2048)
    own = {"kty": "oct", "k": part(OTHER_SECRET.encode())}
    extra = {
        "jwk": own,
        "jku": "http://127.0.0.1:1/keys.json",
        "x5u": "http://127.0.0.1:1/cert.pem",
        "kid": "../../dev/null",
    }
    claims = jwt.decode(good, options={"verify_signature": False})
    return {
        "another key": make_token("admin", key=OTHER_SECRET),
        "another algorithm": make_token("admin", key=SECRET * 2, algorithm="HS512"),
        "RS256": jwt.encode(claims, rsa_key, algorithm="RS256"),
        "changed payload": f"{header}.{stronger}.{signature}",
        "no signature": f"{header}.{payload}.",
        "cut signature": good[:-4],
        "two parts": f"{header}.{payload}",
        "four parts": f"{good}.x",
        "alg none": unsigned({"alg": "none"}),
        "alg None": unsigned({"alg": "None"}),
        "alg missing": unsigned({"typ": "JWT"}),
        "alg a list": unsigned({"alg": ["HS256"]}),
        "header no object": f"{part([1])}.{payload}.{signature}",
        "header null": f"{part(None)}.{payload}.{signature}",
        "payload no object": jwt.api_jws.encode(b"[1]", SECRET, algorithm="HS256"),
        "payload no JSON": jwt.api_jws.encode(b"\xff", SECRET, algorithm="HS256"),
        "payload deep": jwt.api_jws.encode(b"[" * 5000, SECRET, algorithm="HS256"),
        "critical extension": jwt.encode(claims, SECRET, algorithm="HS256", headers={"crit": ["exp2"], "exp2": 1}),
        "long": make_token("admin", padding="x" * 8192),
        "a megabyte": "x" * 1_000_000,
        "empty": "",
        "dots": "..",
        "spaces": "a b c",
        "latin-1": "é.é.é",
        **{
            f"own {name}": jwt.encode(claims, OTHER_SECRET, headers={name: value}) for name, value in extra.items()
        },
    }


@pytest.mark.parametrize("name", forgeries())
def test_a_forged_token_is_refused(anyone: Client, name: str) -> None:
    refused(anyone, f"Bearer {forgeries()[name]}")


@pytest.mark.parametrize("kid", ["../../etc/passwd", "' OR 1=1 --", "x" * 2000, "http://127.0.0.1:1/"])
def test_a_key_id_leads_nowhere(anyone: Client, kid: str) -> None:
    claims = jwt.decode(make_token("admin"), options={"verify_signature": False})
    refused(anyone, f"Bearer {jwt.encode(claims, OTHER_SECRET, headers={'kid': kid})}")


def test_a_token_within_the_leeway_holds(anyone: Client) -> None:
    now = int(time.time())
    for claims in ({"exp": now - 15}, {"exp": now + 99, "nbf": now + 15}):
        assert anyone.as_("admin", **claims).get("").status_int == 200


def test_a_token_that_was_good_expires(anyone: Client) -> None:
    now = datetime.datetime.now(datetime.UTC)
    admin = anyone.as_("admin", exp=int(now.timestamp()) + 20)
    with time_machine.travel(now + datetime.timedelta(seconds=45), tick=True):
        assert admin.get("").status_int == 200
    with time_machine.travel(now + datetime.timedelta(seconds=55), tick=True):
        check_problem(admin.get(""), 401, "unauthenticated")


@pytest.mark.parametrize(
    "claims",
    [
        {"role": "admin"},
        {"role": ["admin"]},
        {"roles": "admin"},
        {"roles": ["x", "admin"]},
        {"aud": ["y", "bee-customers"]},
    ],
    ids=str,
)
def test_roles_and_audience_may_be_one_or_a_list(anyone: Client, claims: dict[str, Any]) -> None:
    role = () if "aud" not in claims else ("admin",)
    assert anyone.as_(*role, **claims).get("").status_int == 200


@pytest.mark.parametrize("roles", [[], ["superuser"], ["ADMIN"], ["admin "], ["customer"], ["internal_service"]])
def test_a_good_token_without_the_role_is_forbidden(anyone: Client, roles: list[str]) -> None:
    response = anyone.as_(*roles).get("")
    check_problem(response, 403, "forbidden")
    assert response.headers["WWW-Authenticate"] == 'Bearer error="insufficient_scope"'


def test_who_may_not_is_told_before_the_body_is_read(anyone: Client, admin: Client) -> None:
    check_problem(anyone.post(b"{", Content_Type="text/plain"), 401)
    check_problem(admin.post(b"{", Content_Type="text/plain"), 403)


def test_a_refusal_repeats_nothing_of_the_token(anyone: Client) -> None:
    token = make_token("admin", key=OTHER_SECRET, subject="canary-subject")
    response = anyone.with_token(token).get("")
    for piece in (*token.split("."), "canary", OTHER_SECRET, SECRET):
        assert piece not in response.text + str(response.headers)
