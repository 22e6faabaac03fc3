"""What a city runs, as plain processes of this machine: the real servers, two web nodes behind
nginx, workers on two machines, the scheduler. All of it is chosen by settings alone.

Each node has a data folder of its own, as another machine would: what two of them share is in the
servers, or it is lost.
"""

from __future__ import annotations

import json
import os
import sys
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.servers import nginx
from tests.servers.nginx import Nginx
from tests.servers.ports import free_port
from tests.servers.process import Server
from tongke.library.vocabulary import Queue
from tongke.settings import Settings

CHECKOUT = Path(__file__).parent.parent.parent

# The workers of two machines: media on one, documents and the index on the other.
WORKERS: Mapping[str, tuple[Queue, ...]] = {
    "worker-quick": (Queue.QUICK,),
    "worker-media": (Queue.THIN, Queue.LADDER),
    "worker-documents": (Queue.DOCUMENTS, Queue.INDEX),
}
WEB = ("web-1", "web-2")


class Topology:
    """One installation on the servers: its nodes, and nginx before them.

    `environment` is what all nodes are told, beside what is their own.
    """

    def __init__(self, environment: Mapping[str, str], folder: Path) -> None:
        self._folder = folder
        self._environment = {**environment, "TONGKE_TRUSTED_PROXIES": '["127.0.0.1/32"]'}
        self.ports = {name: free_port() for name in WEB}
        self.nodes = {name: self._web(name) for name in WEB}
        for name, queues in WORKERS.items():
            chosen = [word for queue in queues for word in ("--queue", queue.value)]
            self.nodes[name] = self._node(name, ["worker", *chosen], lambda: True)
        self.nodes["scheduler"] = self._node("scheduler", ["scheduler"], lambda: True)
        self.proxy: Nginx | None = None

    @property
    def url(self) -> str:
        """Where people go."""
        assert self.proxy is not None, "nginx does not run"
        return self.proxy.url

    def address(self, name: str) -> str:
        """Of a web node itself, past nginx: where the other finds it."""
        return f"http://127.0.0.1:{self.ports[name]}"

    def settings(self, name: str) -> Settings:
        """The settings of a node, or of a command that is run beside them."""
        said = {
            key.removeprefix("TONGKE_").lower(): value for key, value in self.told(name).items()
        }
        said["trusted_proxies"] = json.loads(said["trusted_proxies"])
        return Settings(_env_file=None, **said)

    def told(self, name: str) -> dict[str, str]:
        """What a node is told by its environment."""
        own = {"TONGKE_DATA_DIR": str(self._folder / name)}
        if name in self.ports:
            own["TONGKE_PORT"] = str(self.ports[name])
            own["TONGKE_NODE_URL"] = self.address(name)
        return {**self._environment, **own}

    def start(self) -> None:
        for node in self.nodes.values():
            node.begin()
        upstreams = tuple(f"127.0.0.1:{port}" for port in self.ports.values())
        self.proxy = nginx.start(self._folder_of("nginx"), upstreams)
        for node in self.nodes.values():
            node.until_ready()

    def end(self) -> None:
        for server in [*self.nodes.values(), *([self.proxy.server] if self.proxy else [])]:
            with server:
                pass

    def _web(self, name: str) -> Server:
        url = f"{self.address(name)}/healthz"

        def ready() -> bool:
            with urllib.request.urlopen(url, timeout=2) as answer:
                return bool(answer.status == 200)

        return self._node(name, ["serve", "--only", "web"], ready)

    def _node(self, name: str, arguments: list[str], ready: Callable[[], bool]) -> Server:
        # No setting of somebody's: an empty one counts as none.
        nothing = {key: "" for key in os.environ if key.startswith("TONGKE_")}
        return Server(
            name,
            [sys.executable, "-m", "tongke.cli", *arguments],
            self._folder_of(name),
            ready,
            environment={
                **nothing,
                **self.told(name),
                "PYTHONPATH": str(CHECKOUT),
                "LANG": "C.UTF-8",
            },
        )

    def _folder_of(self, name: str) -> Path:
        folder = self._folder / name
        folder.mkdir(exist_ok=True)
        return folder
