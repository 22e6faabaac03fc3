"""Random secrets that prove who someone is, and the only form of them that is kept.

A session's and an API token's secret is 256 random bits, so a plain SHA-256 is enough to keep:
there is nothing to guess, and the look-up is one indexed comparison. A slip's code is typed by
hand and therefore shorter; it holds once and for three days, which is what makes it safe.
"""

from __future__ import annotations

import hashlib
import secrets

SECRET_BYTES = 32

API_TOKEN_PREFIX = "tk_"  # noqa: S105  # says what it is, so that a leaked one is recognised
STREAM_KEY_PREFIX = "sk_"

# Crockford's Base32: no I, L, O, U, so that a code read aloud or copied by hand arrives.
SLIP_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
# 12 characters of 5 bits: 60 bits. In three groups, as people copy them.
SLIP_LENGTH = 12
SLIP_GROUP = 4
_HEARD_AS = str.maketrans({"O": "0", "I": "1", "L": "1"})


def new_secret() -> str:
    return secrets.token_urlsafe(SECRET_BYTES)


def new_api_token() -> str:
    return API_TOKEN_PREFIX + new_secret()


def new_stream_key() -> str:
    """What a recording appliance is given to push with."""
    return STREAM_KEY_PREFIX + new_secret()


def digest(secret: str) -> str:
    """What is kept of a secret: its SHA-256, in hexadecimal.

    What a stranger sends for one may be bytes that are no text: nobody's secret, and no error.
    """
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()


def new_slip_code() -> str:
    """A code as it is shown, `7K3M-Q9TX-4HBW`."""
    letters = "".join(secrets.choice(SLIP_ALPHABET) for _ in range(SLIP_LENGTH))
    groups = range(0, SLIP_LENGTH, SLIP_GROUP)
    return "-".join(letters[start : start + SLIP_GROUP] for start in groups)


def read_slip_code(typed: str) -> str:
    """The letters meant by what was typed: any case, any spacing, O for 0, I or L for 1."""
    letters = typed.upper().translate(_HEARD_AS)
    return "".join(letter for letter in letters if letter in SLIP_ALPHABET)
