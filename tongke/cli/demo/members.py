"""The inhabitants who fill the library, each with an API token for as long as that takes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager

import aiohttp
from sqlalchemy.orm import Session

from tongke.bootstrap import Ground
from tongke.cli.demo import world
from tongke.cli.demo.client import Member
from tongke.cli.words import say
from tongke.people import sign_in
from tongke.people.queries import viewer_of

TOKEN_NAME = "tongke demo"  # noqa: S105 - what the token is for
# The class goes on for as long as the demonstration runs.
TOKEN_DAYS = 30


@asynccontextmanager
async def members(ground: Ground, url: str) -> AsyncIterator[dict[str, Member]]:
    """Authors and officers by user name; their tokens are revoked when the block ends."""
    usernames = {*world.AUTHORS.values(), *world.OFFICERS}
    tokens = await ground.database.write(give_tokens, usernames, TOKEN_NAME)
    # Our own service on this machine; its certificate names the addresses that people type.
    connector = aiohttp.TCPConnector(ssl=False)
    # A file of the library takes a second; a machine that encodes beside it, several.
    patience = aiohttp.ClientTimeout(total=300, sock_read=60)
    try:
        async with aiohttp.ClientSession(url, connector=connector, timeout=patience) as http:
            language = say("zh", "en")
            yield {name: Member(http, token, language) for name, token in tokens.items()}
    finally:
        await ground.database.write(_take_tokens, usernames, TOKEN_NAME)


def give_tokens(session: Session, usernames: Collection[str], name: str) -> dict[str, str]:
    """User name -> secret. What a run that was killed left behind is revoked."""
    _take_tokens(session, usernames, name)
    given = {}
    for username, number in world.account_ids(session).items():
        viewer = viewer_of(session, number) if username in usernames else None
        if viewer is not None:
            _, given[username] = sign_in.add_api_token(session, viewer, name, TOKEN_DAYS)
    return given


def _take_tokens(session: Session, usernames: Collection[str], name: str) -> None:
    for username, number in world.account_ids(session).items():
        if username in usernames:
            for token in sign_in.api_tokens(session, number):
                if token.name == name:
                    session.delete(token)
