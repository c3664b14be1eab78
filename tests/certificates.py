"""Certificates for the servers of the tests, signed by an authority that nobody else knows."""

import datetime
import secrets
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

_DAY = datetime.timedelta(days=1)


class Authority:
    """Its own certificate is at `.file`, in PEM."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _named(f"authority {secrets.token_hex(4)}")
        self.file = self._write("authority.pem", self._sign(self._name, self._key, is_authority=True))

    def issue(self, host: str) -> tuple[Path, Path]:
        """The files of a certificate for a host and of its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self._write(f"{host}.pem", self._sign(_named(host), key, host))
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
        return certificate, self._write(f"{host}.key", pem)

    def _sign(
        self, name: x509.Name, key: ec.EllipticCurvePrivateKey, host: str = "", *, is_authority: bool = False
    ) -> bytes:
        now = datetime.datetime.now(datetime.UTC)
        builder = (
            x509.CertificateBuilder(self._name, name, key.public_key(), x509.random_serial_number())
            .not_valid_before(now - _DAY)
            .not_valid_after(now + _DAY)
            .add_extension(x509.BasicConstraints(is_authority, None), critical=True)
        )
        if host:
            builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        return builder.sign(self._key, hashes.SHA256()).public_bytes(Encoding.PEM)

    def _write(self, name: str, content: bytes) -> Path:
        path = self._directory / name
        path.write_bytes(content)
        return path


def _named(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])
