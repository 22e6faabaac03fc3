"""A real Elasticsearch of one node, without Docker and without root.

The distribution is the one that Elasticsearch publishes for integration tests as a Maven artifact:
the server without its modules. It is fetched once and kept unpacked in the user's cache. What it
lacks (painless, the `cjk` and `ngram` filters, `GET /`, delete by query), Tongke must not need. Nor
can it keep users and API keys of its own, whose index asks for a filter that it has not: users of a
test stand in its files.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import tempfile
import urllib.request
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from tests.servers.ports import free_port
from tests.servers.process import Missing, Server, cache, program

VERSION = "8.19.21"
ARTIFACT = f"org.elasticsearch.distribution.integ-test-zip:elasticsearch:{VERSION}:zip"

# Enough for some 100,000 small documents.
HEAP_MEBIBYTES = 512
FETCH_LIMIT_S = 600
# Who may do everything, and the name of that user's first password in the keystore.
USER, PASSWORD = "elastic", "bootstrap.password"
NOBODY: Mapping[str, Mapping[str, Any]] = MappingProxyType({})
# Code that runs for minutes is not worth compiling well: it starts for half the work.
BRIEFLY = "-XX:TieredStopAtLevel=1"

# Paths of the packaged server, which this one has not; the JVM will not start with them.
_PACKAGED_OPTIONS = ("Xlog", "ErrorFile", "HeapDump")

_CONFIGURATION = """\
cluster.name: tongke-tests
node.name: one
discovery.type: single-node
network.host: 127.0.0.1
http.port: {http_port}
transport.port: {transport_port}
xpack.security.enabled: {security}
xpack.security.http.ssl.enabled: false
# A test machine's disk may be nearly full.
cluster.routing.allocation.disk.threshold_enabled: false
path.data: {folder}/data
path.logs: {folder}/logs
"""


@dataclass(frozen=True)
class Elasticsearch:
    """A node that runs, and its address, with the password of `elastic` where it asks for one."""

    server: Server
    url: str


def start(
    folder: Path,
    heap_mebibytes: int = HEAP_MEBIBYTES,
    *,
    briefly: bool = False,
    password: str | None = None,
    rights: Mapping[str, Mapping[str, Any]] = NOBODY,
) -> Elasticsearch:
    """Start a node with its data in `folder`, which another user can reach. Raises `Missing`.

    `briefly` is for who measures nothing: it is ready sooner, and then slower at its work. With
    `password`, that of the user `elastic`, it asks who calls, as that of `docker-compose.yml` does;
    `rights` names other users, of the same password, with what the role of each may do.
    """
    found = begin(folder, heap_mebibytes, briefly=briefly, password=password, rights=rights)
    found.server.until_ready()
    return found


def begin(
    folder: Path,
    heap_mebibytes: int = HEAP_MEBIBYTES,
    *,
    briefly: bool = False,
    password: str | None = None,
    rights: Mapping[str, Mapping[str, Any]] = NOBODY,
) -> Elasticsearch:
    """The same without waiting until it is ready, so that others come up beside it."""
    home = distribution()
    http_port, transport_port = free_port(), free_port()
    configuration, options = folder / "config", [BRIEFLY] if briefly else []
    settings = _CONFIGURATION.format(
        folder=folder,
        http_port=http_port,
        transport_port=transport_port,
        security=str(password is not None).lower(),
    )
    _configure(home, configuration, folder, settings)
    url = f"http://127.0.0.1:{http_port}"
    environment = {
        "ES_PATH_CONF": str(configuration),
        "ES_JAVA_HOME": str(_java_home()),
        "ES_JAVA_OPTS": " ".join([*options, f"-Xms{heap_mebibytes}m -Xmx{heap_mebibytes}m"]),
        # Of the launcher, a program of its own.
        "CLI_JAVA_OPTS": " ".join(options),
        "ES_TMPDIR": str(folder / "tmp"),
    }
    if password is not None:
        # As the image of `docker-compose.yml` does before it starts.
        _tool(home, environment, ["keystore", "add", "--force", "--stdin", PASSWORD], password)
        roles = [f"{name}: {json.dumps(role)}\n" for name, role in rights.items()]
        (configuration / "roles.yml").write_text("".join(roles))
        for name in rights:
            _tool(home, environment, ["users", "useradd", name, "-p", password, "-r", name])
    server = Server(
        "elasticsearch",
        [home / "bin" / "elasticsearch"],
        folder,
        lambda: _is_ready(url, password),
        environment=environment,
        as_other_user=True,
    )
    server.begin()
    asked_by = f"{USER}:{password}@" if password is not None else ""
    return Elasticsearch(server, url.replace("://", f"://{asked_by}"))


def _tool(home: Path, environment: Mapping[str, str], words: Sequence[str], said: str = "") -> None:
    """Run one of its programs before the node starts."""
    subprocess.run(
        [home / "bin" / f"elasticsearch-{words[0]}", *words[1:]],
        input=said.encode(),
        env={**os.environ, **environment},
        check=True,
        capture_output=True,
    )


def distribution() -> Path:
    """The unpacked distribution, fetched when it is not there yet. Raises `Missing`."""
    _java_home()
    kept = cache() / f"elasticsearch-{VERSION}"
    if not kept.exists():
        _fetch(kept)
    return kept


def _fetch(kept: Path) -> None:
    maven = program("mvn", "for Elasticsearch install Maven (Debian: apt install maven)")
    with tempfile.TemporaryDirectory(dir=kept.parent) as scratch:
        copy = ["dependency:copy", f"-Dartifact={ARTIFACT}", f"-DoutputDirectory={scratch}"]
        done = subprocess.run(
            [maven, "-q", "-B", *copy],
            cwd=scratch,
            capture_output=True,
            text=True,
            timeout=FETCH_LIMIT_S,
            check=False,
        )
        if done.returncode:
            raise Missing(f"Maven could not fetch {ARTIFACT}: {done.stdout[-500:]}")
        _unpack(Path(scratch) / f"elasticsearch-{VERSION}.zip", Path(scratch))
        unpacked = Path(scratch) / f"elasticsearch-{VERSION}"
        if not kept.exists():
            unpacked.rename(kept)


def _unpack(archive: Path, folder: Path) -> None:
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(folder)
    for path in folder.rglob("*"):
        is_program = path.parent.name == "bin" and not path.suffix
        path.chmod(0o755 if path.is_dir() or is_program else 0o644)


def _configure(home: Path, configuration: Path, folder: Path, settings: str) -> None:
    shutil.copytree(home / "config", configuration)
    options = (configuration / "jvm.options").read_text().splitlines()
    kept = [line for line in options if not any(word in line for word in _PACKAGED_OPTIONS)]
    (configuration / "jvm.options").write_text("\n".join(kept) + "\n")
    (configuration / "elasticsearch.yml").write_text(settings)
    (folder / "tmp").mkdir()


def _java_home() -> Path:
    """The home of the Java on PATH."""
    return (
        program("java", "for Elasticsearch install Java 17 or later (Debian: default-jre)")
        .resolve()
        .parents[1]
    )


def _is_ready(url: str, password: str | None) -> bool:
    address = f"{url}/_cluster/health?wait_for_status=yellow&timeout=1s"
    said = base64.b64encode(f"{USER}:{password}".encode()).decode()
    headers = {} if password is None else {"Authorization": f"Basic {said}"}
    with urllib.request.urlopen(urllib.request.Request(address, headers=headers), timeout=2) as got:
        return bool(json.load(got)["status"] in {"yellow", "green"})
