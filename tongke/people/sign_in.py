"""Sessions and API tokens: how a request proves whose it is.

Both are rows, so both can be listed and ended, and ending works at once. The secret itself is
with the browser or the program only (see `secret`).

A password is checked outside any transaction, because Argon2 takes its time. `start` therefore
is given the hash that was checked, and starts nothing when it is no longer the account's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from tongke import clock
from tongke.errors import Invalid, NotFound, Text
from tongke.people.audience import RoleName, Viewer
from tongke.people.errors import RoomDevice, SignInFailed, TooManyTokens
from tongke.people.models import (
    Account,
    ApiToken,
    CalendarAddress,
    LoginSession,
    account_thing,
)
from tongke.people.queries import viewer_of
from tongke.people.secret import digest, new_api_token, new_secret
from tongke.storage.database import table_of, tell_of_rights

ADDRESS_MAX = 60
USER_AGENT_MAX = 200

API_TOKEN_DAYS = 90
# A year: a school year passes, and whoever keeps the program still knows of it.
API_TOKEN_DAYS_MAX = 366
API_TOKENS_MAX = 20
TOKEN_NAME_MAX = 60

BAD_TOKEN_NAME = Text(
    f"请写明给什么用，不超过 {TOKEN_NAME_MAX} 个字",
    f"Say what it is for, in {TOKEN_NAME_MAX} letters",
)
BAD_TOKEN_DAYS = Text(
    f"有效期为 1 到 {API_TOKEN_DAYS_MAX} 天", f"It holds 1 to {API_TOKEN_DAYS_MAX} days"
)


@dataclass(frozen=True)
class Credentials:
    """What a sign-in is checked against; `known_address` when a live session came from there."""

    account_id: int
    password_hash: str | None
    known_address: bool


@dataclass(frozen=True)
class SignedIn:
    """Who a secret speaks for; `session_id` is None when it is an API token's."""

    viewer: Viewer
    session_id: int | None


def credentials(session: Session, username: str, address: str) -> Credentials | None:
    """Of an enabled account with this user name (as `username_meant` gives it)."""
    account = session.scalar(
        select(Account).where(Account.username == username, Account.disabled_at.is_(None))
    )
    if account is None:
        return None
    known = session.scalar(
        select(LoginSession.id)
        .where(
            LoginSession.account_id == account.id,
            LoginSession.address == address[:ADDRESS_MAX],
            LoginSession.expires_at > clock.now(),
        )
        .limit(1)
    )
    return Credentials(account.id, account.password_hash, known is not None)


def start(
    session: Session,
    account_id: int,
    *,
    verified: str,
    rehashed: str | None = None,
    address: str,
    user_agent: str,
    days: int,
) -> tuple[LoginSession, str]:
    """Begin a session of `days` after a checked password; gives the row and its secret.

    `rehashed` replaces the password's hash, where Argon2's parameters have moved on. Raises
    SignInFailed when the password was changed or the account disabled meanwhile.
    """
    account = session.get(Account, account_id, with_for_update=True)
    if account is None or account.disabled_at or account.password_hash != verified:
        raise SignInFailed
    if rehashed is not None:
        account.password_hash = rehashed
    secret, now = new_secret(), clock.now()
    begun = LoginSession(
        token_hash=digest(secret),
        account_id=account_id,
        created_at=now,
        expires_at=now + timedelta(days=days),
        address=address[:ADDRESS_MAX],
        user_agent=user_agent[:USER_AGENT_MAX],
    )
    session.add(begun)
    account.last_sign_in_at = now
    session.flush()
    return begun, secret


def session_of(session: Session, secret: str) -> SignedIn | None:
    """Whose live session this secret is; None when there is none."""
    found = session.execute(
        select(LoginSession.account_id, LoginSession.id).where(
            LoginSession.token_hash == digest(secret), LoginSession.expires_at > clock.now()
        )
    ).first()
    return None if found is None else _signed_in(session, *found)


def prolong(session: Session, session_id: int, days: int) -> bool:
    """Let a session of a classroom's device hold for `days` from now, once half of them are gone;
    False when it is not time yet."""
    found = session.get_one(LoginSession, session_id)
    now = clock.now()
    if found.expires_at > now + timedelta(days=days) / 2:
        return False
    found.expires_at = now + timedelta(days=days)
    return True


def sessions(session: Session, account_id: int) -> list[LoginSession]:
    """The live sessions of an account, newest first."""
    return list(
        session.scalars(
            select(LoginSession)
            .where(LoginSession.account_id == account_id, LoginSession.expires_at > clock.now())
            .order_by(LoginSession.id.desc())
        )
    )


def end_session(session: Session, account_id: int, session_id: int) -> None:
    """End one session of this account; NotFound when it is none of its own."""
    found = session.get(LoginSession, session_id)
    if found is None or found.account_id != account_id:
        raise NotFound
    session.delete(found)


def end_sessions(session: Session, account_id: int, *, keep: int | None = None) -> None:
    """End the sessions of an account, but for the one whose id is `keep`."""
    rows = table_of(LoginSession)
    ending = delete(rows).where(rows.c.account_id == account_id, rows.c.id.is_distinct_from(keep))
    # By one statement however many they are, and told as the account's: nobody else is asked.
    if session.execute(ending.returning(rows.c.id)).first() is not None:
        tell_of_rights(session, account_thing(account_id))


def end_everything(session: Session, account_id: int) -> None:
    """End every session and API token of an account, and the address of its calendar."""
    end_sessions(session, account_id)
    for token in api_tokens(session, account_id):
        session.delete(token)
    end_calendar(session, account_id)


def end_calendar(session: Session, account_id: int) -> None:
    """The address leads nowhere from now on: who made it may not have been whose calendar it is."""
    session.execute(delete(CalendarAddress).where(CalendarAddress.account_id == account_id))


def add_api_token(
    session: Session, viewer: Viewer, name: str, days: int = API_TOKEN_DAYS
) -> tuple[ApiToken, str]:
    """Make an API token; gives the row and the secret, which is never seen again."""
    if viewer.has(RoleName.CLASSROOM):
        raise RoomDevice
    tidy = _checked_token(name, days)
    held = select(func.count(ApiToken.id)).where(ApiToken.account_id == viewer.account_id)
    if (session.scalar(held) or 0) >= API_TOKENS_MAX:
        raise TooManyTokens(limit=API_TOKENS_MAX)
    secret, now = new_api_token(), clock.now()
    token = ApiToken(
        token_hash=digest(secret),
        account_id=viewer.account_id,
        name=tidy,
        hint=secret[-4:],
        created_at=now,
        expires_at=now + timedelta(days=days),
    )
    session.add(token)
    session.flush()
    return token, secret


def _checked_token(name: str, days: int) -> str:
    tidy = " ".join(name.split())
    wrong = {
        "name": BAD_TOKEN_NAME if not 0 < len(tidy) <= TOKEN_NAME_MAX else None,
        "days": BAD_TOKEN_DAYS if not 0 < days <= API_TOKEN_DAYS_MAX else None,
    }
    fields = {field: text for field, text in wrong.items() if text is not None}
    if fields:
        raise Invalid(fields)
    return tidy


def api_tokens(session: Session, account_id: int) -> list[ApiToken]:
    """The API tokens of an account, newest first; an expired one stays until it is revoked."""
    mine = select(ApiToken).where(ApiToken.account_id == account_id)
    return list(session.scalars(mine.order_by(ApiToken.id.desc())))


def revoke_api_token(session: Session, account_id: int, token_id: int) -> None:
    found = session.get(ApiToken, token_id)
    if found is None or found.account_id != account_id:
        raise NotFound
    session.delete(found)


def token_of(session: Session, secret: str) -> SignedIn | None:
    """Whom an API token speaks for; None when it is unknown, revoked or expired."""
    account_id = session.scalar(
        select(ApiToken.account_id).where(
            ApiToken.token_hash == digest(secret), ApiToken.expires_at > clock.now()
        )
    )
    return None if account_id is None else _signed_in(session, account_id)


def _signed_in(session: Session, account_id: int, session_id: int | None = None) -> SignedIn | None:
    viewer = viewer_of(session, account_id)
    return None if viewer is None else SignedIn(viewer, session_id)
