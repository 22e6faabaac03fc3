"""Which secrets a production start refuses: placeholders, those that everybody knows, and none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import parse_qs, unquote, urlsplit

from sqlalchemy import make_url

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
# Behind the question mark of an address: of libpq, and of redis-py.
_HOSTS, _PASSWORD = ("host", "hostaddr"), "password"


def weak_secrets(settings: Settings) -> list[str]:
    """The settings whose secret is missing, known or short, by the names of the environment."""
    weak = (name for name, secret in _secrets(settings) if _is_weak(name, secret))
    return [f"TONGKE_{name.upper()}" for name in dict.fromkeys(weak)]


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
    """The passwords in an address, which may also stand in its query, as the hosts may. One
    without a host, or on this machine, may have none."""
    if address is None:
        return
    host, password, query = _of_database(address) if name == "database_url" else _parts(address)
    asked = ",".join([host or "", *(each for key in _HOSTS for each in query.get(key, ()))])
    # A path is that of a socket, as is a name with @ before it.
    elsewhere = [
        each for each in asked.split(",") if each and each[0] not in "/@" and each not in OWN_HOSTS
    ]
    passwords = [*query.get(_PASSWORD, ()), *([] if password is None else [password])]
    if elsewhere and not passwords:
        passwords = [""]
    for each in passwords:
        yield name, each


def _of_database(address: str) -> tuple[str | None, str | None, Mapping[str, Sequence[str]]]:
    """The host, the password and the query, as SQLAlchemy reads them."""
    url = make_url(address)
    return url.host, url.password, url.normalized_query


def _parts(address: str) -> tuple[str | None, str | None, Mapping[str, Sequence[str]]]:
    parts = urlsplit(address)
    password = None if parts.password is None else unquote(parts.password)
    return parts.hostname, password, parse_qs(parts.query, keep_blank_values=True)


def _is_weak(name: str, secret: str) -> bool:
    shortest = SHORTEST_METRICS_TOKEN if name == "metrics_token" else SHORTEST
    return secret.lower() in KNOWN or len(secret) < shortest
