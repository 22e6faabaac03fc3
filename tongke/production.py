"""Which secrets a production start refuses: placeholders, those that everybody knows, and none."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

from tongke.settings import Settings

# The placeholder of .env.example, and what is tried first by whoever finds an open port.
KNOWN = frozenset(
    {"", "admin", "changeme", "change-me", "elastic", "minioadmin", "password", "postgres"}
    | {"redis", "root", "s3cret", "secret", "tongke", "valkey", "123456", "12345678"}
)
# 64 bits in hexadecimal digits: nobody guesses those over a network.
SHORTEST = 16
# It opens without a name beside it, to whoever reaches the port, and does not end: 96 bits.
SHORTEST_METRICS_TOKEN = 24
# A part on this machine may ask for no password: who is here already is past it.
OWN_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})


def weak_secrets(settings: Settings) -> list[str]:
    """The settings whose secret is missing, known or short, by the names of the environment."""
    return [
        f"TONGKE_{name.upper()}" for name, secret in _secrets(settings) if _is_weak(name, secret)
    ]


def _secrets(settings: Settings) -> Iterator[tuple[str, str]]:
    """Every secret that the settings use, or should: an empty one where there is none."""
    for name in ("database_url", "bus_url"):
        yield from _in_address(name, getattr(settings, name))
    if settings.s3_url:
        key = settings.s3_secret_key
        yield "s3_secret_key", key.get_secret_value() if key else ""
    if settings.metrics_token:
        yield "metrics_token", settings.metrics_token.get_secret_value()
    for server in settings.ice_servers:
        # STUN asks for none.
        if server.credential or any(url.startswith("turn") for url in server.urls):
            yield "ice_servers", server.credential.get_secret_value() if server.credential else ""
    if settings.elasticsearch_api_key:
        yield "elasticsearch_api_key", settings.elasticsearch_api_key.get_secret_value()
    else:
        yield from _in_address("elasticsearch_url", settings.elasticsearch_url)


def _in_address(name: str, address: str | None) -> Iterator[tuple[str, str]]:
    """The password in an address. One without a host, or on this machine, may have none."""
    parts = urlsplit(address or "")
    needed = parts.hostname is not None and parts.hostname not in OWN_HOSTS
    if parts.password is not None or needed:
        yield name, unquote(parts.password or "")


def _is_weak(name: str, secret: str) -> bool:
    shortest = SHORTEST_METRICS_TOKEN if name == "metrics_token" else SHORTEST
    return secret.lower() in KNOWN or len(secret) < shortest
