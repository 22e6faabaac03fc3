"""What the log says of a request, and what it must not."""

from __future__ import annotations

import pytest
import structlog

from tests.services.house import House


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
