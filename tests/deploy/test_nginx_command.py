"""What `tongke nginx` prints, and what it refuses to print."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from tongke.cli import cli
from tongke.cli.nginx.proxy import BadProxy, Proxy, render


def test_the_command_prints_what_was_asked_for() -> None:
    asked = ["--upstream", "web-1:8600", "--upstream", "web-2:8600", "--certificate", "/tls/a.pem"]
    printed = CliRunner().invoke(cli, ["nginx", *asked])
    assert printed.exit_code == 0
    assert printed.output.count("server web-1:8600") == 3
    assert printed.output.count("server web-2:8600") == 3
    assert "return 308 https://$host$request_uri;" in printed.output
    assert "ssl_certificate_key /tls/a.pem;" in printed.output
    assert printed.output.count("{") == printed.output.count("}")


def test_appliances_pass_where_the_service_takes_them(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = ["--upstream", "web-1:8600", "--upstream", "[fd00::2]:8600"]
    assert "stream {" not in CliRunner().invoke(cli, ["nginx", *asked]).output
    monkeypatch.setenv("TONGKE_RTMP_PORT", "1936")
    asked += ["--listen-rtmp", "10.0.0.1:1935", "--stream-module", "/m/ngx_stream_module.so"]
    printed = CliRunner().invoke(cli, ["nginx", *asked]).output
    for line in ("server web-1:1936 ", "server [fd00::2]:1936 ", "listen 10.0.0.1:1935;"):
        assert printed.count(line) == 1
    assert "load_module /m/ngx_stream_module.so;" in printed
    assert printed.count("{") == printed.count("}")


@pytest.mark.parametrize(
    ("public", "sent"),
    [
        ("https://tongke.example.cn", "https://tongke.example.cn"),
        ("https://tongke.example.cn:8443/", "https://tongke.example.cn:8443"),
        ("http://tongke.example.cn", "https://$host"),
        ("", "https://$host"),
    ],
)
def test_plain_http_is_sent_to_the_address_that_people_type(
    monkeypatch: pytest.MonkeyPatch, public: str, sent: str
) -> None:
    monkeypatch.setenv("TONGKE_PUBLIC_URL", public)
    printed = CliRunner().invoke(cli, ["nginx", "--certificate", "/tls/a.pem"])
    assert f"return 308 {sent}$request_uri;" in printed.output


def test_an_address_that_would_mean_something_else_is_refused() -> None:
    for public in ("https://x; return 200 y", "https://$http_x"):
        proxy = Proxy(("web:1",), Path("/state"), certificate=Path("/a"), public_url=public)
        with pytest.raises(BadProxy):
            render(proxy)


@pytest.mark.parametrize("name", ["web:1; return 200 x", "web 1", "", "web\n:1"])
def test_what_would_mean_something_else_is_refused(name: str) -> None:
    with pytest.raises(BadProxy):
        render(Proxy(upstreams=(name,), state=Path("/state")))
