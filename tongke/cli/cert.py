"""`tongke cert`: HTTPS for a local network, and how to make devices trust it."""

from __future__ import annotations

import re
import socket
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tongke.cli.output import json_option, print_json
from tongke.cli.words import say
from tongke.errors import Invalid, Text

if TYPE_CHECKING:
    from tongke.cli.certificates import Issued

# RFC 1123, 2.1; with a leading star for a whole domain.
HOST_NAME = re.compile(
    r"(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
)

BAD_NAME = Text(
    "“{name}”不是域名，也不是 IP 地址", "“{name}” is neither a host name nor an IP address"
)

# A public address, to which nothing is sent: the kernel only says from where it would be.
ANYWHERE = ("192.0.2.1", 9)


@click.command(
    help=say(
        """为校园网签发 HTTPS 证书：第一次建一个自己的证书颁发机构，以后只续服务器证书。

        NAMES 是别人访问本机时用的域名和 IP 地址；不写就用本机名和本机地址。

        \b
        例：  tongke cert 192.168.1.20 tongke.lan""",
        """Make an HTTPS certificate for a local network: at first an authority of your own, later
        only the server's certificate anew.

        NAMES are the host names and IP addresses people type; without any, this machine's own.

        \b
        Example:  tongke cert 192.168.1.20 tongke.lan""",
    )
)
@click.argument("names", nargs=-1)
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    help=say("写到这里；默认是数据文件夹下的 tls", "Write here; tls in the data folder by default"),
)
@json_option
def cert(names: tuple[str, ...], folder: Path | None, as_json: bool) -> None:
    from tongke.cli.certificates import issue
    from tongke.cli.opening import load_settings

    wanted = [_checked(name) for name in names] or own_names()
    issued = issue(folder or load_settings().data_dir / "tls", wanted)
    if as_json:
        print_json(
            {
                "authority": str(issued.authority),
                "certificate": str(issued.certificate),
                "key": str(issued.key),
                "names": issued.names,
                "expires_at": issued.expires_at.isoformat(),
                "authority_sha256": issued.fingerprint,
            }
        )
    else:
        click.echo(_explanation(issued))


def own_names() -> list[str]:
    """What this machine is called on its network, and on itself."""
    found = [socket.gethostname().lower(), *_own_addresses(), "localhost", "127.0.0.1", "::1"]
    return [name for name in dict.fromkeys(found) if _is_name(name)]


def _own_addresses() -> list[str]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(ANYWHERE)
        except OSError:
            return []
        return [probe.getsockname()[0]]


def _checked(name: str) -> str:
    lower = name.strip().lower()
    if not _is_name(lower):
        raise Invalid({"names": BAD_NAME.format(name=name)})
    return lower


def _is_name(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return len(name) <= 253 and HOST_NAME.fullmatch(name) is not None
    return True


def _explanation(issued: Issued) -> str:
    until = issued.expires_at.date()
    return say(
        f"""证书已签发，有效期至 {until}，用于：{"、".join(issued.names)}

1. 让同课使用它（写进 .env，再重新启动）：
   TONGKE_TLS_CERT={issued.certificate}
   TONGKE_TLS_KEY={issued.key}

2. 让每台设备信任它，只需一次。把这个文件拷过去（它不含私钥，可以公开）：
   {issued.authority}
   Windows      双击 → 安装证书 → 本地计算机 → 受信任的根证书颁发机构
   macOS        双击加入“系统”钥匙串 → 设为“始终信任”
   Android      设置 → 安全 → 加密与凭据 → 安装证书 → CA 证书
   iPhone/iPad  打开文件安装描述文件 → 设置 → 通用 → 关于本机 → 证书信任设置 → 打开它
   Firefox      设置 → 隐私与安全 → 查看证书 → 证书颁发机构 → 导入
   安装时核对指纹（SHA-256）：
   {issued.fingerprint}

私钥 {issued.authority.with_suffix(".key")} 能签发任何证书：不要拷出这台服务器。""",
        f"""Certificate made, valid until {until}, for: {", ".join(issued.names)}

1. Let Tongke use it (put this into .env, then start it anew):
   TONGKE_TLS_CERT={issued.certificate}
   TONGKE_TLS_KEY={issued.key}

2. Let every device trust it, once. Copy this file there (no key is in it):
   {issued.authority}
   Windows      open it > Install Certificate > Local Machine > Trusted Root Authorities
   macOS        open it, add it to the System keychain > Always Trust
   Android      Settings > Security > Encryption > Install a certificate > CA certificate
   iPhone/iPad  open it, install the profile > General > About > Certificate Trust Settings
   Firefox      Settings > Privacy & Security > View Certificates > Authorities > Import
   Compare the fingerprint (SHA-256) when asked:
   {issued.fingerprint}

The key {issued.authority.with_suffix(".key")} can sign any certificate: keep it on this server.""",
    )
