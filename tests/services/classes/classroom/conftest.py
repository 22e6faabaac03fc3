"""Telephones."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from typing import Final

import pytest
from aiohttp import ClientSession, DummyCookieJar, TCPConnector

# One for each school whose phones do something that shuts its address out.
_OTHER_ADDRESSES: Final = itertools.count(2)


def _telephones(address: str) -> ClientSession:
    """Each request shows its own cookie, and none is kept between them."""
    # As many lines as there are phones: aiohttp's own bound is a hundred.
    connector = TCPConnector(limit=0, local_addr=(address, 0))
    return ClientSession(connector=connector, cookie_jar=DummyCookieJar())


@pytest.fixture
async def phones() -> AsyncIterator[ClientSession]:
    async with _telephones("127.0.0.1") as session:
        yield session


@pytest.fixture
async def guessing() -> AsyncIterator[ClientSession]:
    """Those of a school of its own: who guesses there slows nobody else down."""
    async with _telephones(f"127.0.0.{next(_OTHER_ADDRESSES)}") as session:
        yield session


@pytest.fixture
async def elsewhere() -> AsyncIterator[ClientSession]:
    """Those of a school where no class is held."""
    async with _telephones(f"127.0.0.{next(_OTHER_ADDRESSES)}") as session:
        yield session
