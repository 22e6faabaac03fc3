"""How the settings that are no plain number or word have to be written: addresses, networks, names.

Whoever reads a value later would only say in the middle of a start that it cannot. What is said
here names no value that may hold a password.
"""

from __future__ import annotations

import json
import re
from ipaddress import ip_network
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

from tongke.errors import Text

MOST_PORT = 65535
# https://www.elastic.co/guide/en/elasticsearch/reference/8.19/indices-create-index.html
# Ours begin so, and go on with a format and a number of 32 digits, of 255 bytes in all.
_INDEX = re.compile(r"[a-z0-9][a-z0-9._-]{0,199}")
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")


class Unusable(ValueError):
    """What a setting has to be that it is not."""

    def __init__(self, zh: str, en: str) -> None:
        self.text = Text(zh, en)
        super().__init__(en)


class Form(NamedTuple):
    """How an address is written. `login`: a name and a password may stand in it; `port`: it has to
    name one; `path`: it may have one; `word`: what may be written instead."""

    schemes: tuple[str, ...]
    example: str
    login: bool = False
    port: bool = False
    path: bool = True
    word: str = ""


HTTP = ("http", "https")
FORMS = {
    "public_url": Form(HTTP, "https://tongke.example.cn"),
    "nginx_url": Form(HTTP, "http://10.0.0.11:8081"),
    "node_url": Form(HTTP, "http://10.0.0.12:8600", word="auto"),
    "database_url": Form(
        ("postgresql", "postgres", "sqlite"), "postgresql://tongke:…@10.0.0.5:5432/tongke"
    ),
    "s3_url": Form(HTTP, "http://10.0.0.5:8333", path=False),
    "elasticsearch_url": Form(HTTP, "https://10.0.0.5:9200", login=True, port=True),
    "bus_url": Form(("redis", "rediss", "unix"), "redis://:…@10.0.0.5:6379/0", login=True),
    "otlp_endpoint": Form(HTTP, "http://10.0.0.5:4318", login=True),
}


def address(name: str, value: str) -> str:
    """The address itself, as the setting `name` may have it. Raises `Unusable`."""
    form = FORMS[name]
    if form.word and value == form.word:
        return value
    scheme, separator, _ = value.partition("://")
    # SQLAlchemy's may name a driver, as postgresql+psycopg does.
    if not separator or scheme.split("+")[0] not in form.schemes:
        known = [f"{each}://" for each in form.schemes]
        raise Unusable(
            f"要以 {'、'.join(known)} 开头，例如 {form.example}",
            f"has to begin with {' or '.join(known)}, as in {form.example}",
        )
    if name == "database_url":
        _of_database(value, form)
    elif scheme == "unix":
        _of_socket(value)
    else:
        _of_server(_parts(value, form), form)
        if name == "bus_url":
            _numbered(urlsplit(value).path)
    return value


def _of_server(parts: SplitResult, form: Form) -> None:
    if not parts.hostname:
        raise Unusable(f"缺主机名，写成 {form.example}", f"names no host: write {form.example}")
    if "@" in parts.netloc and not form.login:
        raise Unusable(
            f"地址里不能写用户名和密码，写成 {form.example}；S3 的密钥写在 TONGKE_S3_ACCESS_KEY 和 "
            "TONGKE_S3_SECRET_KEY 里",
            f"may have no name and password in it: write {form.example}; keys of S3 go into"
            " TONGKE_S3_ACCESS_KEY and TONGKE_S3_SECRET_KEY",
        )
    if form.port and parts.port is None:
        raise Unusable(f"要写明端口，例如 {form.example}", f"has to name a port: {form.example}")
    if not form.path and (parts.path.strip("/") or parts.query):
        raise Unusable(
            f"主机和端口后面不能再写什么，例如 {form.example}",
            f"ends with the port: write {form.example}",
        )


def _parts(value: str, form: Form) -> SplitResult:
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        raise _unreadable(form) from None
    if port == 0:
        raise _unreadable(form)
    return parts


def _unreadable(form: Form) -> Unusable:
    return Unusable(
        f"读不懂：端口要是 1 到 {MOST_PORT} 的数字，密码里的 / ? # @ [ ] 要写成 %2F %3F %23 %40 %5B"
        f" %5D，例如 {form.example}",
        f"cannot be read: the port is a number from 1 to {MOST_PORT}, and in a password / ? # @ [ ]"
        f" are written %2F %3F %23 %40 %5B %5D, as in {form.example}",
    )


def _of_database(value: str, form: Form) -> None:
    """As SQLAlchemy reads it, whose way with passwords is its own."""
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        port = make_url(value).port
    except (ValueError, ArgumentError):
        raise _unreadable(form) from None
    if port is not None and not 0 < port <= MOST_PORT:
        raise _unreadable(form)


def _of_socket(value: str) -> None:
    parts = urlsplit(value)
    if parts.hostname or not parts.path.startswith("/"):
        raise Unusable(
            "要写套接字的完整路径，例如 unix:///run/valkey.sock",
            "has to name the whole path of a socket: unix:///run/valkey.sock",
        )


def _numbered(path: str) -> None:
    if path.strip("/") and not path.strip("/").isdecimal():
        raise Unusable(
            "端口后面只能是库的编号，例如 redis://10.0.0.5:6379/0",
            "behind the port may only be a database's number: redis://10.0.0.5:6379/0",
        )


def networks(value: object) -> object:
    """Networks of a JSON list, or with commas between them. Raises `Unusable`."""
    if isinstance(value, str):
        if value.lstrip().startswith("["):
            value = _json(value, '["10.0.0.0/24", "10.0.1.5/32"]')
        else:
            value = [part.strip() for part in str(value).split(",") if part.strip()]
    if isinstance(value, list):
        for each in value:
            _network(each)
    return value


def _network(value: object) -> None:
    try:
        ip_network(str(value))
    except ValueError:
        pass
    else:
        return
    try:
        meant = ip_network(str(value), strict=False)
    except ValueError:
        raise Unusable(
            f"{value} 不是网段，写成 10.0.0.0/24 这样",
            f"{value} is no network: write it like 10.0.0.0/24",
        ) from None
    alone = f"{str(value).partition('/')[0]}/{meant.max_prefixlen}"
    raise Unusable(
        f"{value} 是网段里的一台机器：整个网段写 {meant}，只这一台写 {alone}",
        f"{value} is a machine in a network: write {meant} for all of it, or {alone}",
    )


def ice_servers(value: object) -> object:
    """Servers of a JSON list. Raises `Unusable`."""
    if isinstance(value, str):
        return _json(value, '[{"urls": "stun:10.0.0.5:3478"}]')
    return value


def _json(value: str, example: str) -> object:
    try:
        return json.loads(value)
    except ValueError:
        raise Unusable(
            f"不是 JSON 列表，写成 {example}；.env 里整个列表外面加单引号",
            f"is no JSON list: write {example}, in .env with single quotes around it",
        ) from None


def index_name(value: str) -> str:
    """Raises `Unusable`."""
    if not _INDEX.fullmatch(value):
        raise Unusable(
            "只能用小写字母、数字和 - _ .，以字母或数字开头，例如 tongke",
            "may have lower-case letters, digits, - _ and . only, and begins with a letter or a"
            " digit: tongke",
        )
    return value


def bucket_name(value: str) -> str:
    """Raises `Unusable`."""
    if not _BUCKET.fullmatch(value):
        raise Unusable(
            "要 3 到 63 个字符，只能用小写字母、数字和 - .，例如 tongke",
            "has 3 to 63 lower-case letters, digits, - and . only: tongke",
        )
    return value
