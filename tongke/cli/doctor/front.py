"""Checks of what people reach first: nginx, and the certificate that they are shown."""

from __future__ import annotations

import asyncio
import ssl
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509

from tongke import clock, front
from tongke.bootstrap import Ground
from tongke.cli.doctor import clocks
from tongke.cli.doctor.finding import Finding, note, ok, wrong
from tongke.cli.https import tls_context
from tongke.errors import Text
from tongke.settings import Settings

PATIENCE_S = 3.0
# An operator who looks once a fortnight still sees it coming.
EXPIRES_SOON = timedelta(days=21)


async def nginx(ground: Ground) -> Finding:
    """nginx answers, reaches a web process, and has room for those who come."""
    settings = ground.settings
    if settings.nginx_url is None:
        return _not_asked(settings)
    health = await front.ask(settings.nginx_url, PATIENCE_S)
    seen = f"{health.server}, {health.round_trip_s * 1000:.1f} ms"
    if not health.reaches_web:
        return wrong(
            "nginx",
            Text(f"{seen}，找不到网页进程", f"{seen}, reaches no web process"),
            Text(
                "看网页进程是否在运行，nginx 配置里 --upstream 的地址对不对",
                "See that a web process runs, and that nginx was given its address by --upstream",
            ),
        )
    if apart := clocks.apart("nginx", Text(seen, seen), health.clock_ahead_s):
        return apart
    if health.dropped:
        return note(
            "nginx",
            Text(
                f"{seen}，启动以来有 {health.dropped} 个连接没接住",
                f"{seen}, dropped {health.dropped} connections since its start",
            ),
            Text(
                "同时来的人太多：给它更多处理器，或再加一台 nginx",
                "Too many came at once: give it more processors, or add another nginx",
            ),
        )
    return ok("nginx", f"{seen}，{health.active} 个连接", f"{seen}, {health.active} connections")


def _not_asked(settings: Settings) -> Finding:
    if not settings.trusted_proxies:
        return note("nginx", Text("前面没有代理", "No proxy stands before the service"))
    return note(
        "nginx",
        Text("没有问：不知道它在哪里", "Not asked: where it tells of itself is not known"),
        Text(
            "用 tongke nginx --status 重新生成配置，再设 TONGKE_NGINX_URL",
            "Print its configuration anew with tongke nginx --status, then set TONGKE_NGINX_URL",
        ),
    )


async def https(ground: Ground) -> Finding:
    """People come by HTTPS, with a certificate that can be used and does not end soon."""
    settings = ground.settings
    if settings.tls_cert is not None:
        return await asyncio.to_thread(_own, settings, settings.tls_cert)
    address = urlsplit(settings.public_url or "")
    if address.scheme == "https" and address.hostname:
        return await _shown(address.hostname, address.port or 443)
    return _plain_http(settings)


def _own(settings: Settings, certificate: Path) -> Finding:
    """The certificate that the service itself shows. Raises what `tls_context` raises."""
    tls_context(settings)
    remedy = Text(
        "换上新的证书再重新启动；是 tongke cert 签发的，再运行它就行",
        "Put a new one in its place, and restart; tongke cert renews one that it made",
    )
    read = x509.load_pem_x509_certificate(certificate.read_bytes())
    return _ends(read.not_valid_after_utc, remedy)


async def _shown(host: str, port: int) -> Finding:
    """The certificate that nginx, or whatever ends TLS, shows to people."""
    anyone = ssl.create_default_context()
    # Whoever signed it: of a school's own authority this machine need not know.
    anyone.check_hostname = False
    anyone.verify_mode = ssl.CERT_NONE
    try:
        async with asyncio.timeout(PATIENCE_S):
            _, writer = await asyncio.open_connection(host, port, ssl=anyone)
    except (OSError, TimeoutError):
        return note(
            "https",
            Text(f"从这里够不着 {host}:{port}", f"{host}:{port} cannot be reached from here"),
            Text("从外面打开看看", "See from outside whether it can be opened"),
        )
    shown = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    writer.close()
    remedy = Text(
        "换上新的证书，再让 nginx 重新读取",
        "Put a new one in its place, and let nginx read it anew",
    )
    return _ends(x509.load_der_x509_certificate(shown).not_valid_after_utc, remedy)


def _ends(until: datetime, remedy: Text) -> Finding:
    if until - clock.now() < EXPIRES_SOON:
        over = until < clock.now()
        seen = Text(
            f"证书 {until.date()} {'已经' if over else ''}到期",
            f"The certificate {'ended' if over else 'ends'} on {until.date()}",
        )
        return wrong("https", seen, remedy)
    return ok(
        "https", f"证书有效至 {until.date()}", f"The certificate is valid until {until.date()}"
    )


def _plain_http(settings: Settings) -> Finding:
    local = settings.host in {"127.0.0.1", "::1", "localhost"}
    if local or settings.trusted_proxies:
        return ok("https", "只在本机或代理之后", "Behind a proxy, or for this machine alone")
    return wrong(
        "https",
        Text("向网络开放，却没有 HTTPS：不能登录", "Open to the network without HTTPS: no sign-in"),
        Text(
            "运行 tongke cert，再设置 TONGKE_TLS_CERT 和 TONGKE_TLS_KEY",
            "Run tongke cert, then set TONGKE_TLS_CERT and TONGKE_TLS_KEY",
        ),
    )
