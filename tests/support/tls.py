"""Certificates that tests sign themselves."""

from __future__ import annotations

import datetime as dt
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


def make_certificate(
    folder: Path,
    now: dt.datetime,
    *,
    days: float = 365,
    begins: float = -1,
    host: str = "localhost",
) -> tuple[Path, Path]:
    """A certificate for `host`, a name or an address, and 127.0.0.1, with its key: two files of
    mode 0600."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    names: list[x509.GeneralName] = [x509.IPAddress(ip_address("127.0.0.1"))]
    names.append(x509.IPAddress(ip_address(host)) if host[0].isdecimal() else x509.DNSName(host))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + dt.timedelta(days=begins))
        .not_valid_after(now + dt.timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    folder.mkdir(parents=True, exist_ok=True)
    files = folder / "certificate.pem", folder / "key.pem"
    encoding = serialization.Encoding.PEM
    plain = serialization.NoEncryption()
    files[0].write_bytes(certificate.public_bytes(encoding))
    files[1].write_bytes(key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, plain))
    for file in files:
        file.chmod(0o600)
    return files
