"""The nginx before the web processes: how it is, where `tongke nginx --status` lets it tell."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

import aiohttp

from tongke import clock
from tongke.errors import Text, Unavailable

STATUS_PATH = "/status"
# Passed on to a web process: whether it reaches any.
WEB_PATH = "/healthz"

# `stub_status`: https://nginx.org/en/docs/http/ngx_http_stub_status_module.html
_STATUS = re.compile(
    r"Active connections: (?P<active>\d+)\s+"
    r"server accepts handled requests\s+(?P<accepted>\d+) (?P<handled>\d+) (?P<requests>\d+)"
)


class FrontAway(Unavailable):
    message = Text("nginx 没有应答：{reason}", "nginx does not answer: {reason}")
    remedy = Text(
        "看 nginx 是否在运行，配置是否带 --status，TONGKE_NGINX_URL 是否写对",
        "See that nginx runs with a configuration of --status, which TONGKE_NGINX_URL names",
    )


@dataclass(frozen=True)
class FrontHealth:
    """How nginx is. Counts are since it started.

    `dropped` connections were accepted and closed at once, for want of room. `clock_ahead_s` is to
    half a second: HTTP gives whole ones.
    """

    server: str
    round_trip_s: float
    clock_ahead_s: float
    active: int
    requests: int
    dropped: int
    reaches_web: bool


async def ask(url: str, patience_s: float) -> FrontHealth:
    """Ask the nginx that tells of itself at `url`.

    Raises:
        FrontAway: it does not answer within `patience_s`, or something else does.
    """
    patience = aiohttp.ClientTimeout(total=patience_s)
    try:
        async with aiohttp.ClientSession(url, timeout=patience) as http:
            began = time.perf_counter()
            async with http.get(STATUS_PATH) as response:
                said = await response.text()
            round_trip_s = time.perf_counter() - began
            here = clock.now()
            async with http.get(WEB_PATH) as passed_on:
                reaches_web = passed_on.status == 200
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        raise FrontAway(reason=str(error) or type(error).__name__) from error
    counted = _STATUS.match(said)
    if counted is None:
        raise FrontAway(reason=f"{url}{STATUS_PATH} HTTP {response.status}")
    there = parsedate_to_datetime(response.headers["Date"])
    return FrontHealth(
        server=response.headers.get("Server", "nginx"),
        round_trip_s=round_trip_s,
        clock_ahead_s=(there - here).total_seconds() + 0.5,
        active=int(counted["active"]),
        requests=int(counted["requests"]),
        dropped=int(counted["accepted"]) - int(counted["handled"]),
        reaches_web=reaches_web,
    )
