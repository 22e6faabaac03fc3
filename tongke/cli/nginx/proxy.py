"""What an nginx before the service is told, and the text that tells it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

import jinja2

from tongke import front
from tongke.errors import Invalid, Text

# A client on the thinnest line sends its headers in a second or two. Who takes longer than this
# holds a connection on purpose.
HEADER_LIMIT_S = 10
# For how long it is not asked anew whether somebody may have parts of a class that goes on. Asked
# every four seconds, that was more than half of what a viewer cost the web process; beyond twenty
# little is left to be won.
CLASS_RIGHT_KEPT_S = 20
# A school of hundreds stands behind one address, each browser with some six connections. Only what
# is far beyond a school is cut.
CONNECTIONS_OF_ONE_ADDRESS = 2000
# A class of sixty signs in within a minute; the service itself slows who guesses.
SIGN_INS_A_SECOND = 5
SIGN_INS_AT_ONCE = 120
# As the web process has it (`services.live.ingest.rtmp.server`).
APPLIANCES_OF_ONE_ADDRESS = 20
# An appliance that says nothing for so long is gone; the web process gives it half of that.
APPLIANCE_SILENCE_S = 20

# Where nginx keeps what it keeps: its image has the one, Debian's package the other.
STATE = Path("/var/cache/nginx")
DEBIAN_STATE = Path("/var/lib/nginx")
# Debian's service waits for this file.
DEBIAN_PID = Path("/run/nginx.pid")
# Its standard output is a socket, which cannot be opened by name; what lies here is rotated.
DEBIAN_ACCESS_LOG = Path("/var/log/nginx/access.log")
DEBIAN_USER = "www-data"
# Of its package libnginx-mod-stream.
DEBIAN_STREAM_MODULE = Path("/usr/lib/nginx/modules/ngx_stream_module.so")

# What goes into the text unquoted. Anything else could end a directive and begin another.
_PLAIN = re.compile(r"[A-Za-z0-9._:/\[\]@%+=-]+")


class BadProxy(Invalid):
    code = "bad-proxy"
    message = Text("这样的值不能写进 nginx 配置", "This cannot stand in nginx's configuration")
    remedy = Text(
        "地址写成 主机:端口，路径里不要有空格和分号",
        "Write addresses as host:port, and paths without spaces or semicolons",
    )


@dataclass(frozen=True)
class Proxy:
    """One nginx: where it listens, whom it asks, what it keeps and where.

    `public_url` is the address people type. Plain HTTP is sent there when it is of HTTPS; without
    it nginx knows the host that was asked for, and takes the port to be 443. `rtmp_port` is where
    the web processes take recording appliances, 0 for nowhere; `stream_module` the file of nginx's
    module for that, where it is not part of nginx itself. `listen_status` is where it tells of
    itself, None for nowhere. `pid` is the file of its number, None for one in `state`; `user` whom
    its workers run as, None for whom it was built for.
    """

    upstreams: tuple[str, ...]
    state: Path
    listen: str = "80"
    listen_tls: str = "443"
    certificate: Path | None = None
    key: Path | None = None
    cache_gb: int = 20
    public_url: str | None = None
    header_limit_s: int = HEADER_LIMIT_S
    class_right_kept_s: int = CLASS_RIGHT_KEPT_S
    connections: int = CONNECTIONS_OF_ONE_ADDRESS
    rtmp_port: int = 0
    listen_rtmp: str = "1935"
    stream_module: Path | None = None
    listen_status: str | None = None
    pid: Path | None = None
    access_log: Path = Path("/dev/stdout")
    user: str | None = None

    @property
    def pid_file(self) -> Path:
        return self.pid or self.state / "nginx.pid"

    @property
    def appliances(self) -> tuple[str, ...]:
        """Where the web processes take appliances."""
        return tuple(f"{name.rpartition(':')[0]}:{self.rtmp_port}" for name in self.upstreams)


def as_debians_service(proxy: Proxy) -> Proxy:
    """The same, as the nginx service of Debian and Ubuntu is started and looked after."""
    return replace(
        proxy,
        pid=DEBIAN_PID,
        access_log=DEBIAN_ACCESS_LOG,
        user=DEBIAN_USER,
        stream_module=proxy.stream_module or DEBIAN_STREAM_MODULE,
    )


def render(proxy: Proxy) -> str:
    """The whole `nginx.conf`.

    Raises:
        BadProxy: an address or a path holds what would mean something else there.
    """
    _check(proxy)
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - no HTML; `_check` admits nothing that needs escaping
    )
    return environment.get_template("nginx.conf.jinja").render(
        proxy=proxy,
        safe_url=_safe_url(proxy.public_url),
        sign_ins_a_second=SIGN_INS_A_SECOND,
        sign_ins_at_once=SIGN_INS_AT_ONCE,
        appliances_of_one_address=APPLIANCES_OF_ONE_ADDRESS,
        appliance_silence_s=APPLIANCE_SILENCE_S,
        status_path=front.STATUS_PATH,
        web_path=front.WEB_PATH,
    )


def _safe_url(public_url: str | None) -> str:
    """Where plain HTTP is sent: the address without what follows the host and its port."""
    parts = urlsplit(public_url or "")
    return f"https://{parts.netloc if parts.scheme == 'https' else '$host'}"


def _check(proxy: Proxy) -> None:
    written = {"--listen": proxy.listen, "--listen-tls": proxy.listen_tls}
    written |= {"--listen-rtmp": proxy.listen_rtmp}
    written |= {"--status": proxy.listen_status} if proxy.listen_status else {}
    written |= {f"--upstream {number}": name for number, name in enumerate(proxy.upstreams, 1)}
    if proxy.certificate and proxy.public_url:
        written["TONGKE_PUBLIC_URL"] = proxy.public_url
    paths = {"--state": proxy.state, "--certificate": proxy.certificate, "--key": proxy.key}
    paths |= {"--stream-module": proxy.stream_module}
    paths |= {"pid": proxy.pid_file, "access_log": proxy.access_log}
    written |= {name: str(path) for name, path in paths.items() if path is not None}
    faults = {
        name: BadProxy.message for name, value in written.items() if not _PLAIN.fullmatch(value)
    }
    if faults:
        raise BadProxy(faults)
