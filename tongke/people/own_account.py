"""What people do with an account of their own; what others do with it stands in `accounts`."""

from __future__ import annotations

from sqlalchemy.orm import Session

from tongke.errors import Forbidden, Invalid, NotFound, Text
from tongke.people import sign_in, slips
from tongke.people.accounts import checked_name
from tongke.people.audience import RoleName, Viewer
from tongke.people.errors import RoomDevice
from tongke.people.models import Account

LANGUAGES = ("zh", "en")
BAD_LANGUAGE = Text("只能选中文或英文", "Chinese or English")


def change_own(
    session: Session, viewer: Viewer, *, name: str | None = None, language: str | None = None
) -> Account:
    """What everybody may change of themselves; a room's device is named by its school."""
    account = own(session, viewer)
    if name is not None:
        _not_a_room(viewer)
        account.name = checked_name(name)
    if language is not None:
        if language not in LANGUAGES:
            raise Invalid({"language": BAD_LANGUAGE})
        account.language = language
    return account


def change_password(
    session: Session, viewer: Viewer, *, verified: str, password_hash: str, keep: int | None
) -> None:
    """Set a new password, and end every sign-in but the one it is done from (`keep`).

    `verified` is the hash that the old password was checked against, outside this transaction;
    when it has changed meanwhile, the check was worth nothing. API tokens stay: programs were
    given them on purpose, and the settings page lists them beside this form.
    """
    _not_a_room(viewer)
    account = own(session, viewer)
    if account.password_hash != verified:
        raise Forbidden
    account.password_hash = password_hash
    slips.void(session, account.id)
    sign_in.end_sessions(session, account.id, keep=keep)
    sign_in.end_calendar(session, account.id)


def own(session: Session, viewer: Viewer) -> Account:
    """The viewer's own account."""
    account = session.get(Account, viewer.account_id)
    if account is None:
        raise NotFound
    return account


def _not_a_room(viewer: Viewer) -> None:
    if viewer.has(RoleName.CLASSROOM):
        raise RoomDevice
