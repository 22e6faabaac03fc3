"""Marks by which a browser shows that an account was signed in to on it before.

A mark gives no right whatever: it only puts the browser's attempts into a lane of their own (see
`throttle`), so that strangers who guess at the account cannot slow its owner down. It is an HMAC
keyed by the account's password hash, which nobody outside the database knows: nothing has to be
stored, and a new password forgets every device.

One cookie holds the marks of the last few accounts, for the computer in a staff room is shared.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets

# The teachers of one office; the oldest mark goes when another comes.
MARKS_MAX = 8
NONCE_BYTES = 8
_MARK = re.compile(rf"[0-9a-f]{{{2 * NONCE_BYTES}}}[0-9a-f]{{64}}")
_SEPARATOR = "."


def known_device(cookie: str, account_id: int, password_hash: str) -> str | None:
    """The device's name among this account's, if the cookie holds a mark of the account."""
    for mark in _marks(cookie):
        nonce = mark[: 2 * NONCE_BYTES]
        if hmac.compare_digest(mark, _mark(nonce, account_id, password_hash)):
            return nonce
    return None


def remember(cookie: str, account_id: int, password_hash: str) -> str:
    """The cookie with a mark of the account, kept as it is when it holds one."""
    if known_device(cookie, account_id, password_hash):
        return cookie
    mark = _mark(secrets.token_hex(NONCE_BYTES), account_id, password_hash)
    return _SEPARATOR.join([mark, *_marks(cookie)][:MARKS_MAX])


def _marks(cookie: str) -> list[str]:
    return [mark for mark in cookie.split(_SEPARATOR)[:MARKS_MAX] if _MARK.fullmatch(mark)]


def _mark(nonce: str, account_id: int, password_hash: str) -> str:
    signed = f"device:{account_id}:{nonce}".encode()
    return nonce + hmac.new(password_hash.encode(), signed, hashlib.sha256).hexdigest()
