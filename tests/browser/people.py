"""The demonstration's people, as a program speaks for them: to prepare what a page then shows."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

from playwright.sync_api import APIRequestContext, APIResponse, Playwright, StorageState

from tests.waiting import until
from tongke.cli.demo.world import PASSWORD

API = "/api/v1"


class Person:
    """An account that is signed in: its API, and the cookie that its pages share."""

    def __init__(self, playwright: Playwright, url: str, username: str) -> None:
        self._request: APIRequestContext = playwright.request.new_context(base_url=url)
        answer = self._request.post(
            f"{API}/session", data={"username": username, "password": PASSWORD}
        )
        assert answer.ok, answer.text()
        said = answer.json()
        self.me: dict[str, Any] = said["me"]
        self._headers = {"X-CSRF-Token": said["csrf_token"]}

    @property
    def state(self) -> StorageState:
        """What a browser of this person keeps."""
        return self._request.storage_state()

    def ask(self, path: str) -> APIResponse:
        return self._request.get(path)

    def get(self, path: str) -> Any:
        answer = self.ask(API + path)
        assert answer.ok, answer.text()
        return answer.json()

    def send(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """What was answered to a request that changes something."""
        answer = self._request.fetch(API + path, method=method, data=body, headers=self._headers)
        assert answer.ok, answer.text()
        return answer.json() if answer.body() else None

    def sees(self, resource_id: int) -> bool:
        return self.ask(f"{API}/resources/{resource_id}").status == 200

    def titles(self, query: str) -> list[str]:
        """What a search finds, the best first."""
        found = self.get(f"/search?q={query}")["items"]
        return [hit["resource"]["title"] for hit in found]

    def resource(self, title: str) -> int:
        """The id of what this person sees under that title."""
        items = self.get("/resources?limit=100")["items"]
        (number,) = (item["id"] for item in items if item["title"] == title)
        return int(number)

    def upload(self, file: Path, **said: str) -> int:
        """Upload a file in one request (tus 1.0.0, creation-with-upload); the resource's id."""
        words = {"filename": file.name, **said}
        metadata = ",".join(
            f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in words.items()
        )
        body = file.read_bytes()
        answer = self._request.post(
            f"{API}/uploads",
            data=body,
            headers={
                **self._headers,
                "Tus-Resumable": "1.0.0",
                "Upload-Length": str(len(body)),
                "Upload-Metadata": metadata,
                "Content-Type": "application/offset+octet-stream",
            },
        )
        assert answer.ok, answer.text()
        return int(answer.headers["tongke-resource"])

    def publish(self, file: Path, **said: str) -> int:
        """Upload a file and wait until it is published; the resource's id."""
        number = self.upload(file, **said)
        until(lambda: self.state_of(number) == "published", what=f"{file.name} is published")
        return number

    def state_of(self, resource_id: int) -> str:
        return str(self.get(f"/resources/{resource_id}")["state"])
