"""The door that all of these try: an account inside it, and an upload that is begun."""

from __future__ import annotations

import re

from tests.services.house import House, session_cookie

TUS = {"Tus-Resumable": "1.0.0"}


async def enter(house: House, name: str) -> str:
    """Give the client a session of this person; its CSRF token."""
    cookie = await session_cookie(house, name)
    house.client.session.cookie_jar.update_cookies(cookie)
    page = await (await house.client.get("/settings")).text()
    found = re.search(r'name="csrf_token" value="(\w+)"', page)
    assert found
    return found[1]


def begin(length: int, **more: str) -> dict[str, str]:
    return {**TUS, "Upload-Length": str(length), "Upload-Metadata": "filename YS5tcDQ=", **more}
