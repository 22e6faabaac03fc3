"""Whose turn it is in a class: what is asked for is decided one after the other."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Final

from tongke.live.vocabulary import Role, Who

# She steers the class, and Tongke says what is so.
_FIRST: Final = frozenset({Role.LEAD, Role.SERVER})


class Turns:
    """The lead and Tongke go first. Two hundred phones that answer at once wait for each other, and
    only one of them is ever ahead of her."""

    def __init__(self) -> None:
        self._deciding = asyncio.Lock()
        # Of the others, who is next.
        self._others = asyncio.Lock()

    @contextlib.asynccontextmanager
    async def of(self, who: Who) -> AsyncIterator[None]:
        """Somebody's turn, for as long as the block runs."""
        others = contextlib.nullcontext() if who.role in _FIRST else self._others
        async with others, self._deciding:
            yield
