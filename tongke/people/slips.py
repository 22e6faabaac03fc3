"""Slips: a forgotten password is set anew with a code on paper, without mail.

A school administrator makes one for an account of the school and hands it over. It holds once,
for three days; a newer slip voids it. Using it sets the password and ends every session and API
token of the account, since the password may have been lost to somebody rather than forgotten.

"Once" is held by the row: the update that uses a slip finds only an unused one, so of two who
type the same code at the same moment one succeeds.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from tongke import clock
from tongke.people import sign_in
from tongke.people.audience import RoleName
from tongke.people.errors import SlipRefused
from tongke.people.models import Account, PasswordSlip
from tongke.people.secret import digest, new_slip_code, read_slip_code

# A slip handed over before a weekend still holds on Monday.
SLIP_HOURS = 72


def issue(session: Session, issued_by: int, account_id: int) -> tuple[PasswordSlip, str]:
    """Make a slip for an account, voiding older ones; gives the row and the code to print.

    Whether the issuer may is asked before, by `accounts.write_slip`.
    """
    # Held, so that two slips made at the same moment do not both stay open.
    session.get(Account, account_id, with_for_update=True)
    void(session, account_id)
    code, now = new_slip_code(), clock.now()
    slip = PasswordSlip(
        code_hash=_digest(code),
        account_id=account_id,
        issued_by=issued_by,
        created_at=now,
        expires_at=now + timedelta(hours=SLIP_HOURS),
    )
    session.add(slip)
    session.flush()
    return slip, code


def newest(session: Session, account_id: int) -> PasswordSlip | None:
    """The last slip that was made for an account, open or used."""
    made = select(PasswordSlip).where(PasswordSlip.account_id == account_id)
    return session.scalar(made.order_by(PasswordSlip.created_at.desc()).limit(1))


def void(session: Session, account_id: int, *, but_of: int | None = None) -> None:
    """Void the open slips of an account, but for those that `but_of` made; used ones stay, as the
    record of who made them."""
    unused = delete(PasswordSlip).where(
        PasswordSlip.account_id == account_id, PasswordSlip.used_at.is_(None)
    )
    session.execute(unused if but_of is None else unused.where(PasswordSlip.issued_by != but_of))


def account_of(session: Session, typed: str) -> Account:
    """The account an open slip is for; raises SlipRefused."""
    account = session.scalar(
        select(Account)
        .join(PasswordSlip, PasswordSlip.account_id == Account.id)
        .where(
            PasswordSlip.code_hash == _digest(typed),
            PasswordSlip.used_at.is_(None),
            PasswordSlip.expires_at > clock.now(),
            Account.disabled_at.is_(None),
        )
    )
    if account is None:
        raise SlipRefused
    return account


def device_of(session: Session, typed: str) -> Account:
    """The same where it is a classroom's account: a person's slip signs no screen in.

    Raises:
        SlipRefused.
    """
    account = account_of(session, typed)
    if all(role.name != RoleName.CLASSROOM for role in account.roles):
        raise SlipRefused
    return account


def use(session: Session, typed: str, password_hash: str) -> Account:
    """Set the password of the slip's account and end all its sign-ins; raises SlipRefused."""
    taken = (
        update(PasswordSlip)
        .where(
            PasswordSlip.code_hash == _digest(typed),
            PasswordSlip.used_at.is_(None),
            PasswordSlip.expires_at > clock.now(),
        )
        .values(used_at=clock.now())
        .returning(PasswordSlip.account_id)
    )
    account = session.get(Account, session.scalar(taken) or 0)
    if account is None or account.disabled_at is not None:
        raise SlipRefused
    account.password_hash = password_hash
    sign_in.end_everything(session, account.id)
    return account


def _digest(typed: str) -> str:
    return digest(read_slip_code(typed))
