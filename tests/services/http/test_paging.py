"""An address whose cursor is none of ours is refused, not tripped over."""

from __future__ import annotations

import pytest

from tests.services.house import House


@pytest.mark.parametrize("cursor", ["x" * 401, "0", "LTE=", "\ufdfa"])
@pytest.mark.parametrize(
    ("who", "path"),
    [
        ("zhou", "/mine"),
        ("head", "/people"),
        ("county", "/review"),
        ("county", "/api/v1/reviews"),
        ("zhou", "/api/v1/resources"),
    ],
)
async def test_a_cursor_that_is_none_is_refused(
    house: House, who: str, path: str, cursor: str
) -> None:
    response = await house.ask(who, "GET", path, params={"cursor": cursor})
    assert response.status == 422
