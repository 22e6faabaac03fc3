"""`tongke nginx`: the configuration of an nginx that stands before the web processes.

It is generated, so that what it says of limits and paths cannot drift from the service. It keeps to
what nginx 1.22 knows, which Debian 12 has. Why each part is as it is: docs/decisions/nginx.md.
"""

from __future__ import annotations

from pathlib import Path

import click

from tongke.cli.nginx.proxy import DEBIAN_STATE, STATE, Proxy, as_debians_service, render
from tongke.cli.words import say


@click.command(
    help=say(
        """打印 nginx 的配置：放在几个网页进程前面，上传不落盘，播放走缓存，照样逐人查权限。

        有证书就监听 HTTPS，并把 HTTP 转到 TONGKE_PUBLIC_URL（没有设就转到同名主机的 443
        端口）。网页进程要把 nginx 的地址写进 TONGKE_TRUSTED_PROXIES，否则一律拒绝。设了
        TONGKE_RTMP_PORT，录播主机的推流也从这里转过去。

        \b
        例：  tongke nginx --upstream 10.0.0.11:8600 --upstream 10.0.0.12:8600 > nginx.conf
              nginx -t -c "$PWD/nginx.conf"
              tongke nginx --certificate /etc/tls/site.pem --key /etc/tls/site.key
        Debian 的 nginx 服务：  tongke nginx --debian""",
        """Print the configuration of an nginx before the web processes: uploads pass unbuffered,
        media are kept and still handed out by each person's rights.

        With a certificate it serves HTTPS and sends HTTP to TONGKE_PUBLIC_URL, or without it to
        port 443 of the same host. The web processes must name nginx's address in
        TONGKE_TRUSTED_PROXIES. Where TONGKE_RTMP_PORT is set, recording appliances come this way
        too.

        \b
        Example:  tongke nginx --upstream 10.0.0.11:8600 --upstream 10.0.0.12:8600 > nginx.conf
                  nginx -t -c "$PWD/nginx.conf"
                  tongke nginx --certificate /etc/tls/site.pem --key /etc/tls/site.key
        For the nginx service of Debian:  tongke nginx --debian""",
    )
)
@click.option(
    "--upstream",
    "upstreams",
    multiple=True,
    metavar="HOST:PORT",
    help=say(
        "网页进程的地址，可以写几个；不写就是设置里的那个",
        "A web process, once for each; the settings' own when left out",
    ),
)
@click.option(
    "--listen",
    default="80",
    show_default=True,
    metavar="[HOST:]PORT",
    help=say("HTTP 监听的地址", "Where it listens for HTTP"),
)
@click.option(
    "--listen-tls",
    default="443",
    show_default=True,
    metavar="[HOST:]PORT",
    help=say("有证书时 HTTPS 监听的地址", "Where it listens for HTTPS, given a certificate"),
)
@click.option(
    "--listen-rtmp",
    default="1935",
    show_default=True,
    metavar="[HOST:]PORT",
    help=say(
        "设了 TONGKE_RTMP_PORT 时接录播主机的地址",
        "Where it listens for recording appliances, given TONGKE_RTMP_PORT",
    ),
)
@click.option(
    "--status",
    "listen_status",
    metavar="[HOST:]PORT",
    help=say(
        "在这里报告自己的情况，供 tongke doctor 和 /metrics 查问；不要对外开放",
        "Where it tells tongke doctor and /metrics of itself; not for the world",
    ),
)
@click.option(
    "--stream-module",
    type=click.Path(path_type=Path),
    help=say(
        "nginx 的 stream 模块，单独是一个文件时才写；用 --debian 时就是 libnginx-mod-stream 的那个",
        "nginx's stream module, where it is a file; with --debian that of libnginx-mod-stream",
    ),
)
@click.option(
    "--certificate",
    type=click.Path(path_type=Path),
    help=say("HTTPS 证书（PEM，含证书链）", "Certificate (PEM, with its chain) for HTTPS"),
)
@click.option(
    "--key",
    type=click.Path(path_type=Path),
    help=say(
        "证书的私钥；不写就在同一文件里", "The certificate's key, where it is not in its file"
    ),
)
@click.option(
    "--state",
    type=click.Path(path_type=Path),
    show_default=f"{STATE}; --debian: {DEBIAN_STATE}",
    help=say("nginx 放缓存的文件夹，要先有", "The folder of what nginx keeps; it has to be there"),
)
@click.option(
    "--debian",
    is_flag=True,
    help=say(
        "给 Debian、Ubuntu 的 nginx 服务用：进程号、日志、缓存放在它规定的地方",
        "For the nginx service of Debian and Ubuntu: its places of pid, log and what it keeps",
    ),
)
@click.option(
    "--cache-gb",
    type=click.IntRange(min=1),
    default=20,
    show_default=True,
    help=say("播放缓存的上限，GB", "How much of the media is kept, in GB"),
)
def nginx(
    upstreams: tuple[str, ...],
    listen: str,
    listen_tls: str,
    listen_rtmp: str,
    listen_status: str | None,
    stream_module: Path | None,
    certificate: Path | None,
    key: Path | None,
    state: Path | None,
    debian: bool,
    cache_gb: int,
) -> None:
    from tongke.cli.opening import load_settings

    settings = load_settings()
    proxy = Proxy(
        upstreams=upstreams or (f"{settings.host}:{settings.port}",),
        state=state or (DEBIAN_STATE if debian else STATE),
        listen=listen,
        listen_tls=listen_tls,
        certificate=certificate,
        key=key or certificate,
        cache_gb=cache_gb,
        public_url=settings.public_url,
        rtmp_port=settings.rtmp_port,
        listen_rtmp=listen_rtmp,
        stream_module=stream_module,
        listen_status=listen_status,
    )
    click.echo(render(as_debians_service(proxy) if debian else proxy), nl=False)
