"""The nginx of the tests, and the port behind which it looks for the web process."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tests.servers.nginx import Nginx


@dataclass(frozen=True)
class Front:
    running: Nginx
    upstream_port: int

    @property
    def url(self) -> str:
        return self.running.url

    def kept(self, folder: str) -> list[Path]:
        """What nginx has written into a folder of its state."""
        return [path for path in (self.running.state / folder).rglob("*") if path.is_file()]
