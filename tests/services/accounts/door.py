"""A browser at the service's door: keeps its cookies, and the CSRF token of its session."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from aiohttp import ClientResponse

from tests.services.house import House

PASSWORD = "湘江北去橘子洲头"
OTHER_PASSWORD = "里耶秦简三万六千枚"


@dataclass
class Door:
    house: House
    usernames: dict[str, str]
    csrf: str = ""

    async def sign_in(self, name: str, password: str = PASSWORD) -> ClientResponse:
        said = {"username": self.usernames.get(name, name), "password": password}
        response = await self.send("POST", "/api/v1/session", json=said)
        if response.status == 200:
            self.csrf = (await response.json())["csrf_token"]
        return response

    async def send(self, method: str, path: str, **more: Any) -> ClientResponse:
        headers = {"X-CSRF-Token": self.csrf, **more.pop("headers", {})}
        return await self.house.client.request(
            method, path, headers=headers, allow_redirects=False, **more
        )

    async def post(self, path: str, **fields: str) -> ClientResponse:
        """A form, as a page sends it."""
        return await self.house.client.post(
            path, data={"csrf_token": self.csrf, **fields}, allow_redirects=False
        )

    async def me(self) -> int:
        return (await self.send("GET", "/api/v1/me")).status

    def forget(self, *names: str) -> None:
        """Lose cookies, as another browser would not have them."""
        jar = self.house.client.session.cookie_jar
        jar.clear(lambda cookie: not names or cookie.key in names)
