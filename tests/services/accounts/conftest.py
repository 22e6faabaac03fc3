"""The running service, with people who have a password."""

from __future__ import annotations

import secrets

import pytest
from sqlalchemy.orm import Session

from tests.services.accounts.door import PASSWORD, Door
from tests.services.house import House
from tongke.people.models import Account
from tongke.people.passwords import hash_password


@pytest.fixture(scope="session")
def hashed() -> str:
    return hash_password(PASSWORD)


@pytest.fixture
async def door(house: House, hashed: str) -> Door:
    """Names are new for each test, because all of them share one bus and its counters."""
    suffix = secrets.token_hex(4)

    def give_passwords(session: Session) -> dict[str, str]:
        usernames = {}
        for name, account_id in house.ids.items():
            account = session.get_one(Account, account_id)
            account.username, account.password_hash = f"{name}-{suffix}", hashed
            usernames[name] = account.username
        return usernames

    usernames = await house.ground.database.write(give_passwords)
    return Door(house, usernames)
