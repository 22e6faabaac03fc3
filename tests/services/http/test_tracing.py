"""What the log says of a request, and what it must not."""

from __future__ import annotations

import pytest
import structlog
from pytest_aiohttp.plugin import AiohttpClient

from services.app import behind_proxies, create_app
from tests.services.house import House
from tongke.bootstrap import Ground


@pytest.mark.parametrize(
    ("path", "written"),
    [
        ("/library?q=a", "/library"),
        # Who reads the log could take a seat in the class, or read the calendar.
        ("/q/123456", "/q/{code}"),
        ("/calendar/dGhpcyBpcyBhIHNlY3JldA.ics", "/calendar/{secret}.ics"),
    ],
)
async def test_an_address_that_opens_something_is_not_written(
    house: House, path: str, written: str
) -> None:
    with structlog.testing.capture_logs() as said:
        await house.ask("zhou", "GET", path)
    assert [line["path"] for line in said if line["event"] == "request"] == [written]


async def test_an_answer_through_a_proxy_has_the_number_that_is_spoken_of_it(
    ground: Ground, aiohttp_client: AiohttpClient
) -> None:
    app = create_app(ground)
    await behind_proxies(app, ["127.0.0.0/8"])
    through = await aiohttp_client(app)
    said = {"X-Forwarded-For": "198.51.100.7", "X-Forwarded-Proto": "https"}
    made = await through.get("/api/v1/me", headers=said)
    assert made.headers["X-Request-Id"] == (await made.json())["request_id"]
    given = await through.get("/healthz", headers={**said, "X-Request-Id": "county-platform-1"})
    assert given.headers["X-Request-Id"] == "county-platform-1"
