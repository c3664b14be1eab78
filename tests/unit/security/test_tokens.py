"""Every line of "Tokens" in the threat list: what does not hold is refused, and says nothing of itself."""

import time

import pytest
import time_machine

from bee_customers.errors import InvalidToken
from bee_customers.security.keys import FixedKey, JwksKeys
from bee_customers.security.permissions import Role
from bee_customers.security.tokens import BYTES_MOST, TokenVerifier
from tests.unit.security.jwks_server import serving
from tests.unit.security.signing import (
    EC_KEY,
    OTHER_RSA_KEY,
    RSA_KEY,
    forge_hs256,
    good_claims,
    jwk,
    public_pem,
    sign,
    unsigned,
    with_header,
)

ALGORITHMS = ("RS256", "ES256", "EdDSA")
PEM = public_pem(RSA_KEY)


class CountedKey(FixedKey):
    asked = 0

    def key_for(self, key_id):
        self.asked += 1
        return super().key_for(key_id)


def verifier(keys=None, algorithms=ALGORITHMS):
    return TokenVerifier(keys or FixedKey(PEM), algorithms=algorithms, issuer="bee-auth", audience="bee-customers")


def refusal(token, keys=None):
    with pytest.raises(InvalidToken) as refused:
        verifier(keys).verify(token)
    return str(refused.value)


def without(name):
    claims = good_claims()
    del claims[name]
    return claims


def test_a_good_token_names_its_subject_and_roles():
    claims = good_claims()
    identity = verifier().verify(sign(claims))
    assert (identity.subject, identity.roles) == (claims["sub"], {Role.ADMIN})


@pytest.mark.parametrize("algorithm", ["none", "None", "nOnE", "NONE", ""])
def test_an_unsigned_token_is_refused(algorithm):
    refusal(unsigned(good_claims(), algorithm))


def test_hs256_with_the_public_key_as_its_secret_is_refused():
    refusal(forge_hs256(good_claims(), PEM))
    refusal(forge_hs256(good_claims(), PEM.strip()))


def test_hs256_with_the_public_key_is_refused_even_where_hs256_is_accepted():
    with pytest.raises(InvalidToken):
        verifier(algorithms=("HS256",)).verify(forge_hs256(good_claims(), PEM))


def test_an_algorithm_that_is_not_listed_is_refused():
    with pytest.raises(InvalidToken):
        verifier(algorithms=("ES256",)).verify(sign(good_claims()))


def test_another_key_is_refused():
    refusal(sign(good_claims(), OTHER_RSA_KEY))


@pytest.mark.parametrize(
    ("claim", "value", "reason"),
    [
        ("iss", "somebody", "the token is from another issuer"),
        ("iss", ["bee-auth"], "the token is from another issuer"),
        ("aud", "something", "the token is for another audience"),
        ("aud", ["something"], "the token is for another audience"),
        ("exp", 1, "the token has expired"),
        ("nbf", 4_000_000_000, "the token is not valid yet"),
    ],
)
def test_a_wrong_claim_is_refused_with_its_reason(claim, value, reason):
    assert refusal(sign(good_claims(**{claim: value}))) == reason


@pytest.mark.parametrize("claim", ["exp", "sub", "iss", "aud"])
def test_a_missing_claim_is_refused(claim):
    assert refusal(sign(without(claim))) == "the token lacks a required claim"


@pytest.mark.parametrize("name", ["exp", "nbf", "iat"])
@pytest.mark.parametrize(
    "value",
    ["4000000000", "soon", "", 1e300, -1, float("nan"), float("inf"), True, [4_000_000_000], {}, 2**70, 10**400],
    ids=lambda value: str(value)[:12],
)
def test_a_time_that_is_no_time_is_refused(name, value):
    refusal(sign(good_claims(**{name: value})))


@pytest.mark.parametrize("subject", ["", " \n", "a\nb", "x" * 256, 7, None, ["a"], "\u202e"], ids=repr)
def test_a_subject_that_cannot_be_used_is_refused(subject):
    refusal(sign(good_claims(sub=subject)))


@pytest.mark.parametrize(
    "payload",
    [b"", b"null", b"[]", b"7", b'"text"', b"\xff\xfe", b"{", b"[" * 6000],
    ids=lambda raw: repr(raw[:9]),
)
def test_a_payload_that_is_no_object_is_refused(payload):
    refusal(sign(payload))


@pytest.mark.parametrize(
    "token", ["", ".", "..", "...", "a.b", "a.b.c", "é.é.é", "\0", "€" * 100, "=" * 50, "e30.e30.", "\ud800.a.b"]
)
def test_what_is_no_token_at_all_is_refused(token):
    refusal(token)


def test_a_token_too_long_is_refused_before_any_work():
    keys = CountedKey(PEM)
    refusal(sign(good_claims(padding="x" * 1_000_000)), keys)
    assert keys.asked == 0


def test_a_token_of_the_longest_length_is_taken():
    claims = good_claims(padding="")
    claims["padding"] = "x" * ((BYTES_MOST - len(sign(claims))) * 3 // 4)
    token = sign(claims)
    assert BYTES_MOST - 4 <= len(token) <= BYTES_MOST
    assert verifier().verify(token).subject == claims["sub"]


@pytest.mark.parametrize(
    "key_id", ["../../etc/passwd", "/dev/null", "' OR 1=1 --", "other", "", "__class__", "a" * 4000], ids=repr
)
def test_a_key_id_is_only_ever_looked_up(key_id):
    with serving(jwk(RSA_KEY, "one")) as server:
        refusal(sign(good_claims(), kid=key_id), JwksKeys(server.url))
        assert set(server.paths) <= {"/.well-known/jwks.json"}


@pytest.mark.parametrize("key_id", [7, None, ["one"], {"kid": "one"}], ids=repr)
def test_a_key_id_that_is_no_text_is_refused(key_id):
    with serving(jwk(RSA_KEY, "one")) as server:
        refusal(with_header(sign(good_claims()), {"alg": "RS256", "kid": key_id}), JwksKeys(server.url))


@pytest.mark.parametrize("header", ["jwk", "jku", "x5u"])
def test_keys_that_a_token_brings_itself_are_ignored(header):
    foreign = jwk(OTHER_RSA_KEY, "one")
    with serving(foreign) as attacker, serving(jwk(RSA_KEY, "one")) as server:
        brought = foreign if header == "jwk" else attacker.url
        refusal(sign(good_claims(), OTHER_RSA_KEY, kid="one", **{header: brought}), JwksKeys(server.url))
        assert attacker.paths == []


def test_a_token_for_nobody_is_refused():
    refusal(sign(good_claims(aud=[])))


def test_a_key_is_used_with_its_own_algorithm_only():
    with serving(jwk(EC_KEY, "one", "ES256")) as server:
        refusal(sign(good_claims(), RSA_KEY, kid="one"), JwksKeys(server.url))
        assert verifier(JwksKeys(server.url)).verify(sign(good_claims(), EC_KEY, "ES256", kid="one")).subject


@pytest.mark.parametrize(("age", "holds"), [(0, True), (29, True), (31, False), (3600, False)])
def test_clocks_may_differ_by_30_seconds_at_the_end(age, holds):
    token = sign(good_claims(exp=int(time.time()) - age))
    if holds:
        assert verifier().verify(token).subject
    else:
        assert refusal(token) == "the token has expired"


@pytest.mark.parametrize(("ahead", "holds"), [(28, True), (3600, False)])
def test_clocks_may_differ_by_30_seconds_at_the_start(ahead, holds):
    token = sign(good_claims(nbf=int(time.time()) + ahead))
    if holds:
        assert verifier().verify(token).subject
    else:
        assert refusal(token) == "the token is not valid yet"


def test_a_token_is_checked_once_a_minute():
    keys = CountedKey(PEM)
    remembering = verifier(keys)
    with time_machine.travel(time.time(), tick=False) as clock:
        token = sign(good_claims())
        for _ in range(3):
            remembering.verify(token)
            clock.shift(19)
        assert keys.asked == 1
        clock.shift(4)
        remembering.verify(token)
    assert keys.asked == 2


def test_a_remembered_token_expires_all_the_same():
    remembering = verifier()
    with time_machine.travel(time.time(), tick=False) as clock:
        token = sign(good_claims(exp=int(time.time()) + 5))
        remembering.verify(token)
        clock.shift(34)
        assert remembering.verify(token)
        clock.shift(2)
        with pytest.raises(InvalidToken, match="expired"):
            remembering.verify(token)


def test_a_refused_token_is_not_remembered_as_good():
    remembering = verifier()
    token = sign(good_claims(), OTHER_RSA_KEY)
    for _ in range(2):
        with pytest.raises(InvalidToken):
            remembering.verify(token)


def test_a_reason_repeats_nothing_of_the_token():
    secret = "looks-personal"
    assert secret not in refusal(sign(good_claims(iss=secret, sub=secret)))
    assert secret not in refusal(sign(good_claims(business_id=secret)))
