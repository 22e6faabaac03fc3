"""A certificate authority of the school's own, and the server's certificate under it.

On a local network no public authority gives a certificate for `192.168.…`, and browsers give
camera, microphone and Secure cookies to HTTPS only. So the school trusts an authority of its own
once on each device; the server's certificate can then be renewed without touching them again.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tongke import clock

AUTHORITY_DAYS = 10 * 365
# Apple refuses server certificates of more than 825 days, from private authorities too.
SERVER_DAYS = 820
# Clocks of classroom devices are behind; a certificate "not yet valid" looks like a broken one.
BACKDATED = timedelta(days=2)

AUTHORITY_CERT, AUTHORITY_KEY = "authority.pem", "authority.key"
SERVER_CERT, SERVER_KEY = "server.pem", "server.key"


@dataclass(frozen=True)
class Signer:
    """An authority: its certificate and the key that signs."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


@dataclass(frozen=True)
class Issued:
    """What was written: the files, the names in it, until when, the authority's fingerprint."""

    authority: Path
    certificate: Path
    key: Path
    names: tuple[str, ...]
    expires_at: datetime
    fingerprint: str


def issue(folder: Path, names: Sequence[str]) -> Issued:
    """Write a server certificate for these names and addresses; the authority is kept or made.

    `names` are host names and IP addresses, the first also as the subject.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    signer = _authority(folder)
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _server_certificate(signer, key, names)
    # Servers send the chain; with the authority in it, a browser can show what to trust.
    chain = _pem(certificate) + _pem(signer.certificate)
    _write(folder / SERVER_KEY, _key_pem(key), secret=True)
    _write(folder / SERVER_CERT, chain)
    return Issued(
        authority=folder / AUTHORITY_CERT,
        certificate=folder / SERVER_CERT,
        key=folder / SERVER_KEY,
        names=tuple(names),
        expires_at=certificate.not_valid_after_utc,
        fingerprint=signer.certificate.fingerprint(hashes.SHA256()).hex(":").upper(),
    )


def _authority(folder: Path) -> Signer:
    """The authority in this folder, made when there is none or it ends before a new certificate."""
    try:
        found = _read_authority(folder)
    except FileNotFoundError:
        return _new_authority(folder)
    lasts = found.certificate.not_valid_after_utc > clock.now() + timedelta(days=SERVER_DAYS)
    return found if lasts else _new_authority(folder)


def _read_authority(folder: Path) -> Signer:
    certificate = x509.load_pem_x509_certificate((folder / AUTHORITY_CERT).read_bytes())
    key = serialization.load_pem_private_key((folder / AUTHORITY_KEY).read_bytes(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey), "it is of our own making"
    return Signer(certificate, key)


def _new_authority(folder: Path) -> Signer:
    key = ec.generate_private_key(ec.SECP256R1())
    # The year tells two of them apart in a device's list.
    name = _name(f"同课 校园网证书颁发机构 {clock.today().year}")
    certificate = (
        _builder(name, name, key.public_key(), AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(signs_certificates=True), critical=True)
        .sign(key, hashes.SHA256())
    )
    _write(folder / AUTHORITY_KEY, _key_pem(key), secret=True)
    _write(folder / AUTHORITY_CERT, _pem(certificate))
    return Signer(certificate, key)


def _server_certificate(
    signer: Signer, key: ec.EllipticCurvePrivateKey, names: Sequence[str]
) -> x509.Certificate:
    authority_key_id = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.key.public_key())
    server_use = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    subject = _name(names[0])
    return (
        _builder(subject, signer.certificate.subject, key.public_key(), SERVER_DAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(signs_certificates=False), critical=True)
        .add_extension(server_use, critical=False)
        .add_extension(
            x509.SubjectAlternativeName([_alternative(name) for name in names]), critical=False
        )
        .add_extension(authority_key_id, critical=False)
        .sign(signer.key, hashes.SHA256())
    )


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, days: int
) -> x509.CertificateBuilder:
    now = clock.now()
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATED)
        # Counted from the first day, as Apple's limit is.
        .not_valid_after(now - BACKDATED + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common[:64])])


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _write(path: Path, content: bytes, *, secret: bool = False) -> None:
    """Whole or not at all; a key is never readable by others, not even for a moment."""
    beside = path.with_name(path.name + ".new")
    beside.unlink(missing_ok=True)
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if secret else 0o644)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
