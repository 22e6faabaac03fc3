"""Certificates as a browser would check them."""

from __future__ import annotations

import json
import socket
import ssl
import stat
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509

from tests.cli.conftest import Run
from tongke import clock
from tongke.cli.cert import own_names
from tongke.cli.certificates import AUTHORITY_CERT, issue


def handshake(folder: Path, authority: Path, name: str) -> str:
    """A real TLS handshake with a client that trusts the authority and asks for this name."""
    server_side = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server_side.load_cert_chain(folder / "server.pem", folder / "server.key")
    client_side = ssl.create_default_context(cafile=authority)
    here, there = socket.socketpair()

    def serve() -> None:
        try:
            with server_side.wrap_socket(there, server_side=True) as line:
                line.sendall(b"hello")
        except ssl.SSLError:
            pass  # the client says what it did not like

    served = threading.Thread(target=serve)
    served.start()
    try:
        with client_side.wrap_socket(here, server_hostname=name) as line:
            return line.recv(5).decode()
    finally:
        served.join()


@pytest.mark.parametrize("name", ["192.168.1.20", "tongke.lan", "::1"])
def test_a_device_that_trusts_the_authority_accepts_the_server(tmp_path: Path, name: str) -> None:
    issued = issue(tmp_path, ["tongke.lan", "192.168.1.20", "::1"])
    assert handshake(tmp_path, issued.authority, name) == "hello"


def test_it_is_refused_under_another_name(tmp_path: Path) -> None:
    issued = issue(tmp_path, ["tongke.lan"])
    with pytest.raises(ssl.SSLCertVerificationError, match="mismatch"):
        handshake(tmp_path, issued.authority, "elsewhere.lan")


def test_renewing_keeps_the_authority_that_devices_trust(tmp_path: Path) -> None:
    first = issue(tmp_path, ["tongke.lan"])
    trusted = tmp_path / "copied.pem"
    trusted.write_bytes(first.authority.read_bytes())
    second = issue(tmp_path, ["new.lan"])
    assert second.fingerprint == first.fingerprint
    assert handshake(tmp_path, trusted, "new.lan") == "hello"


def test_keys_are_the_owners_alone(tmp_path: Path) -> None:
    issue(tmp_path / "tls", ["tongke.lan"])
    for key in (tmp_path / "tls").glob("*.key"):
        assert stat.S_IMODE(key.stat().st_mode) == 0o600


def test_no_certificate_lasts_longer_than_apple_allows(tmp_path: Path) -> None:
    issued = issue(tmp_path, ["tongke.lan"])
    certificate = x509.load_pem_x509_certificate(issued.certificate.read_bytes())
    lasts = certificate.not_valid_after_utc - certificate.not_valid_before_utc
    assert lasts <= timedelta(days=825)
    assert certificate.not_valid_before_utc < clock.now() < certificate.not_valid_after_utc


def test_the_authority_signs_servers_and_no_other_authority(tmp_path: Path) -> None:
    issue(tmp_path, ["tongke.lan"])
    authority = x509.load_pem_x509_certificate((tmp_path / AUTHORITY_CERT).read_bytes())
    constraints = authority.extensions.get_extension_for_class(x509.BasicConstraints)
    assert constraints.critical
    assert (constraints.value.ca, constraints.value.path_length) == (True, 0)


def test_the_command_says_where_things_are(run: Run, folder: Path) -> None:
    result = json.loads(run("cert", "192.168.1.20", "Tongke.LAN", "--json").stdout)
    assert result["names"] == ["192.168.1.20", "tongke.lan"]
    assert Path(result["certificate"]).is_relative_to(folder)
    said = run("cert", "192.168.1.20").stdout
    assert f"TONGKE_TLS_CERT={result['certificate']}" in said
    assert result["authority_sha256"] in said


@pytest.mark.parametrize(
    "name", ["http://tongke.lan", "a b", "-x.lan", "x" * 64 + ".lan", "300.1.1.1/8"]
)
def test_what_is_no_name_is_refused(run: Run, folder: Path, name: str) -> None:
    result = run("cert", "--", name)
    assert result.exit_code == 1
    assert name in result.stderr
    assert not (folder / "tls").exists()


def test_a_machine_knows_its_own_names() -> None:
    assert {"localhost", "127.0.0.1", "::1"} <= set(own_names())
