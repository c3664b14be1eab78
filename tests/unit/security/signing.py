"""Keys and raw tokens for the tests of security, forged ones included."""

import base64
import hashlib
import hmac
import json
import time
import uuid

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())
_ALGORITHMS = {"RS256": jwt.algorithms.RSAAlgorithm, "ES256": jwt.algorithms.ECAlgorithm}


def public_pem(key):
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def jwk(key, kid, algorithm="RS256", **members):
    return {"kid": kid, "use": "sig", **_ALGORITHMS[algorithm].to_jwk(key.public_key(), as_dict=True), **members}


def good_claims(**claims):
    now = int(time.time())
    standard = {
        "iss": "bee-auth",
        "aud": "bee-customers",
        "sub": str(uuid.uuid4()),
        "roles": ["admin"],
        "iat": now,
        "exp": now + 600,
    }
    return standard | claims


def sign(claims, key=RSA_KEY, algorithm="RS256", **header):
    """A token with any JSON values for claims; bytes are taken as the payload they are."""
    payload = claims if isinstance(claims, bytes) else json.dumps(claims).encode()
    return jwt.PyJWS().encode(payload, key, algorithm, headers=header)


def forge_hs256(claims, secret):
    """HS256 with any secret, a PEM included, which PyJWT itself would refuse to sign with."""
    parts = [_encode(json.dumps(part).encode()) for part in ({"alg": "HS256", "typ": "JWT"}, claims)]
    signature = hmac.digest(secret.encode(), ".".join(parts).encode(), hashlib.sha256)
    return ".".join([*parts, _encode(signature)])


def unsigned(claims, algorithm="none"):
    return ".".join([_encode(json.dumps({"alg": algorithm}).encode()), _encode(json.dumps(claims).encode()), ""])


def with_header(token, header):
    """The token with another header, its signature no longer fitting."""
    return ".".join([_encode(json.dumps(header).encode()), *token.split(".")[1:]])


def _encode(raw):
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
