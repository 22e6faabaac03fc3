"""The health check of the compose file's store, on a real one that comes up."""

from __future__ import annotations

import io
import shutil
import subprocess

import urllib3
from minio import Minio

from tests.deploy.compose import SERVICES
from tests.servers import seaweedfs
from tests.servers.process import program_or_skip, short_folder


def test_a_store_that_is_healthy_keeps_what_it_is_given() -> None:
    """What comes up after it puts an object at once, and gives up after seconds."""
    program_or_skip("wget", "install Debian's wget")
    folder = short_folder("seaweedfs")
    store = seaweedfs.begin(folder)
    kind, test = SERVICES["seaweedfs"]["healthcheck"]["test"]
    assert kind == "CMD-SHELL"
    test = test.replace("http://127.0.0.1:8333", store.url)
    test = test.replace(":9333", f":{store.master_port}")
    with store.server:
        store.server.until(lambda: subprocess.run(["sh", "-c", test], check=False).returncode == 0)
        once = urllib3.PoolManager(retries=False, timeout=5)
        client = Minio(
            store.url.removeprefix("http://"),
            store.access_key,
            store.secret_key,
            secure=False,
            region=store.region,
            http_client=once,
        )
        client.make_bucket(store.bucket)
        client.put_object(store.bucket, "first", io.BytesIO(b"x"), 1)
    shutil.rmtree(folder)
