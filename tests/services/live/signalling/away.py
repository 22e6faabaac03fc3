"""A database that is away at one moment. SQLite never is, and a PostgreSQL that is stopped tells
nobody which statement it will miss: so what is asked of the real one is refused here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.services.house import House
from tongke.storage.retrying import DatabaseAway


class Away:
    """Refuses one function, written or read, for as long as `error` is set."""

    def __init__(
        self, house: House, monkeypatch: pytest.MonkeyPatch, refused: Callable[..., Any]
    ) -> None:
        self.error: Exception | None = None
        self.refusals = 0
        for name in ("read", "write"):
            asked = getattr(house.ground.database, name)
            monkeypatch.setattr(house.ground.database, name, self._refusing(asked, refused))

    def leave(self, error: Exception | None = None) -> None:
        self.error, self.refusals = error or DatabaseAway(), 0

    def come_back(self) -> None:
        self.error = None

    def _refusing(self, asked: Callable[..., Any], refused: Callable[..., Any]) -> Any:
        async def ask(query: Callable[..., Any], *more: Any, **named: Any) -> Any:
            if self.error is not None and query is refused:
                self.refusals += 1
                raise self.error
            return await asked(query, *more, **named)

        return ask
