"""Tokens that are nearly good; whole kinds of bad ones are in tests/functional/test_authentication.py"""

import base64
import json
import string

import jwt
import pytest

from bee_customers.errors import InvalidToken
from bee_customers.security.keys import FixedKey
from bee_customers.security.tokens import TokenVerifier
from tests.client import SECRET, Client, make_token
from tests.functional.problem_details import check_problem

LETTERS = string.ascii_letters + string.digits + "-_"


def verifier() -> TokenVerifier:
    return TokenVerifier(FixedKey(SECRET), algorithms=("HS256",), issuer="bee-auth", audience="bee-customers")


def decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def test_a_token_with_another_letter_anywhere_is_refused() -> None:
    """Two writings of one signature apart, whose last letter has bits that mean nothing."""
    good = make_token("customer")
    verifier().verify(good)
    signature = decoded(good.rpartition(".")[2])
    for at, letter in enumerate(good):
        for other in (LETTERS[(LETTERS.find(letter) + step) % 64] for step in (1, 7, 32)):
            changed = good[:at] + other + good[at + 1 :]
            if at == len(good) - 1 and decoded(changed.rpartition(".")[2]) == signature:
                continue
            with pytest.raises(InvalidToken):
                verifier().verify(changed)


def test_a_token_that_is_cut_or_drawn_out_is_refused() -> None:
    good = make_token("customer")
    longer = [good + end for end in (".", ".x", "x", "A" * 40, "\0", "\n", " x", "=", "%00", ",")]
    within = [good[:-9] + letter + good[-9:] for letter in "!=+/ \n\0é"]
    for bad in [*(good[:end] for end in range(len(good))), *longer, *within, "." + good, good + good]:
        with pytest.raises(InvalidToken):
            verifier().verify(bad)


HEADERS = [
    {"alg": "none"},
    {"alg": "NONE"},
    {"alg": "HS512"},
    {"alg": "RS256"},
    {"alg": ""},
    {"alg": None},
    {"alg": 0},
    {"alg": ["HS256"]},
    {"crit": ["exp"]},
    {"kid": 7},
    {"kid": {"a": 1}},
    {"b64": False, "crit": ["b64"]},
]


@pytest.mark.parametrize("header", HEADERS, ids=str)
def test_a_header_that_asks_for_other_rules_is_refused(anyone: Client, header: dict[str, object]) -> None:
    """Signed with the right secret, over the header as it is."""
    claims = decoded(make_token("admin").split(".")[1])
    named = jwt.utils.base64url_encode(json.dumps({"typ": "JWT", "alg": "HS256", **header}).encode())
    signed = named + b"." + jwt.utils.base64url_encode(claims)
    key = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
    signature = jwt.utils.base64url_encode(key.sign(signed, key.prepare_key(SECRET)))
    check_problem(anyone.with_token((signed + b"." + signature).decode()).get(""), 401, "unauthenticated")
