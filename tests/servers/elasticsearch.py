"""A real Elasticsearch of one node, without Docker and without root.

The distribution is the one that Elasticsearch publishes for integration tests as a Maven artifact:
the server without its modules. It is fetched once and kept unpacked in the user's cache. What it
lacks (painless, the `cjk` and `ngram` filters, `GET /`, delete by query), Tongke must not need.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
import urllib.request
import zipfile
from dataclasses import dataclass
from pathlib import Path

from tests.servers.process import Missing, Server, cache, free_port, program

VERSION = "8.19.21"
ARTIFACT = f"org.elasticsearch.distribution.integ-test-zip:elasticsearch:{VERSION}:zip"

# Enough for some 100,000 small documents.
HEAP_MEBIBYTES = 512
FETCH_LIMIT_S = 600
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
xpack.security.enabled: false
# A test machine's disk may be nearly full.
cluster.routing.allocation.disk.threshold_enabled: false
path.data: {folder}/data
path.logs: {folder}/logs
"""


@dataclass(frozen=True)
class Elasticsearch:
    """A node that runs, and its address."""

    server: Server
    url: str


def start(
    folder: Path, heap_mebibytes: int = HEAP_MEBIBYTES, *, briefly: bool = False
) -> Elasticsearch:
    """Start a node with its data in `folder`, which another user can reach. Raises `Missing`.

    `briefly` is for who measures nothing: it is ready sooner, and then slower at its work.
    """
    home = distribution()
    http_port, transport_port = free_port(), free_port()
    configuration = folder / "config"
    _configure(home, configuration, folder, http_port, transport_port)
    url, options = f"http://127.0.0.1:{http_port}", [BRIEFLY] if briefly else []
    server = Server(
        "elasticsearch",
        [home / "bin" / "elasticsearch"],
        folder,
        lambda: _is_ready(url),
        environment={
            "ES_PATH_CONF": str(configuration),
            "ES_JAVA_HOME": str(_java_home()),
            "ES_JAVA_OPTS": " ".join([*options, f"-Xms{heap_mebibytes}m -Xmx{heap_mebibytes}m"]),
            # Of the launcher, a program of its own.
            "CLI_JAVA_OPTS": " ".join(options),
            "ES_TMPDIR": str(folder / "tmp"),
        },
        as_other_user=True,
    )
    server.start()
    return Elasticsearch(server, url)


def distribution() -> Path:
    """The unpacked distribution, fetched when it is not there yet. Raises `Missing`."""
    _java_home()
    kept = cache() / f"elasticsearch-{VERSION}"
    if not kept.exists():
        _fetch(kept)
    return kept


def _fetch(kept: Path) -> None:
    maven = program("mvn", "install Maven (Debian: apt install maven)")
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


def _configure(
    home: Path, configuration: Path, folder: Path, http_port: int, transport_port: int
) -> None:
    shutil.copytree(home / "config", configuration)
    options = (configuration / "jvm.options").read_text().splitlines()
    kept = [line for line in options if not any(word in line for word in _PACKAGED_OPTIONS)]
    (configuration / "jvm.options").write_text("\n".join(kept) + "\n")
    (configuration / "elasticsearch.yml").write_text(
        _CONFIGURATION.format(folder=folder, http_port=http_port, transport_port=transport_port)
    )
    (folder / "tmp").mkdir()


def _java_home() -> Path:
    """The home of the Java on PATH."""
    return (
        program("java", "install Java 17 or later (Debian: apt install default-jre)")
        .resolve()
        .parents[1]
    )


def _is_ready(url: str) -> bool:
    address = f"{url}/_cluster/health?wait_for_status=yellow&timeout=1s"
    with urllib.request.urlopen(address, timeout=2) as answer:
        return bool(json.load(answer)["status"] in {"yellow", "green"})
