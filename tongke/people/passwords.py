"""Passwords: hashed with Argon2id, checked off the event loop, refused only with a reason.

The policy follows NIST SP 800-63B, 5.1.1.2: a length, and what everybody tries first is refused;
no rules of composition, which only make people write passwords down.
"""

from __future__ import annotations

import asyncio
import secrets
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import pairwise
from typing import ParamSpec, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from tongke.errors import Text
from tongke.people.common_passwords import COMMON_PASSWORDS
from tongke.people.errors import SignInBusy

P = ParamSpec("P")
T = TypeVar("T")

LENGTH_MIN = 8
# Long enough for any sentence, short enough that nobody keeps us hashing megabytes.
LENGTH_MAX = 256
# What must be left of a password when the user name is taken out of it.
LEFT_WITHOUT_USERNAME_MIN = 4

# The first choice of OWASP's password storage cheat sheet for a shared machine: 19 MiB, two
# passes, one lane. Two threads at once then take 40 MB of a web process that also streams.
MEMORY_KIB = 19 * 1024
PASSES = 2
LANES = 1

# Two threads fill the two cores of a school's server; the queue holds about a second of work,
# and whoever comes beyond it is told to try again rather than kept waiting.
THREADS = 2
QUEUE_MAX = 40

TOO_SHORT = Text(
    f"至少 {LENGTH_MIN} 个字符；几个不相干的词连起来就好记又难猜",
    f"At least {LENGTH_MIN} characters; a few unrelated words are easy to keep and hard to guess",
)
TOO_LONG = Text(f"不要超过 {LENGTH_MAX} 个字符", f"At most {LENGTH_MAX} characters")
TOO_COMMON = Text(
    "这个密码太常见，别人一猜就中，请换一个", "Too common: it is among the first to be guessed"
)
LIKE_USERNAME = Text("不要用用户名作密码", "It must not be the user name")

_hasher = PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=LANES)


def weakness(password: str, username: str) -> Text | None:
    """Why a password cannot be taken and what to do; None when it can."""
    meant = _normal(password)
    folded, name = meant.casefold(), username.casefold()
    if len(meant) < LENGTH_MIN:
        return TOO_SHORT
    if len(meant) > LENGTH_MAX:
        return TOO_LONG
    if len(folded.replace(name, "")) < LEFT_WITHOUT_USERNAME_MIN:
        return LIKE_USERNAME
    if folded in COMMON_PASSWORDS or _repeats(folded) or _counts(folded):
        return TOO_COMMON
    return None


def hash_password(password: str) -> str:
    """The Argon2id hash in PHC string format. Blocks for tens of milliseconds."""
    return _hasher.hash(_normal(password))


def verify(stored: str | None, password: str) -> bool:
    """Whether this is the password. Blocks.

    Without a hash (no such account, or no password set yet) it works as long and says no, so
    that the time taken tells nobody which accounts exist.
    """
    if len(password) > LENGTH_MAX:
        password = ""
    try:
        right = _hasher.verify(stored or _dummy(), _normal(password))
    except (VerificationError, InvalidHashError):
        return False
    return right and bool(stored)


def needs_rehash(stored: str) -> bool:
    """Whether a hash was made with other parameters than today's."""
    return _hasher.check_needs_rehash(stored)


class PasswordThreads:
    """The few threads on which passwords are hashed and checked, for one event loop.

    Argon2 releases the interpreter's lock, so the loop goes on serving meanwhile.
    """

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="password")
        self._taken = 0

    async def run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do the work on one of the threads; raises SignInBusy when too much is waiting."""
        if self._taken >= THREADS + QUEUE_MAX:
            raise SignInBusy
        self._taken += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, lambda: work(*args, **kwargs))
        finally:
            self._taken -= 1

    def close(self) -> None:
        self._threads.shutdown(cancel_futures=True)


@cache
def _dummy() -> str:
    return _hasher.hash(secrets.token_hex())


def _normal(password: str) -> str:
    """One form for what two keyboards type differently (full-width letters, composed accents)."""
    return unicodedata.normalize("NFKC", password)


def _repeats(folded: str) -> bool:
    """`88888888`, `abcabcabc`: a piece of at most four characters, over and over."""
    return any(folded == (folded[:size] * len(folded))[: len(folded)] for size in range(1, 5))


def _counts(folded: str) -> bool:
    """`12345678`, `hgfedcba`: every character the one after, or before, the last."""
    steps = {ord(b) - ord(a) for a, b in pairwise(folded)}
    return steps in ({1}, {-1})
