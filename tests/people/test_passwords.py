"""What password is taken, how it is kept, and that a flood of checks is turned away."""

from __future__ import annotations

import asyncio
import threading

import argon2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongke.people import passwords
from tongke.people.common_passwords import COMMON_PASSWORDS
from tongke.people.errors import SignInBusy

TAKEN = [
    "橘子洲头看湘江北去",
    "correct horse",
    "xK3#v9Lq",
    "龙山里耶秦简博物馆",
    "wangli的学生都爱笑",
]


@pytest.mark.parametrize("password", TAKEN)
def test_a_password_nobody_guesses_first_is_taken(password: str) -> None:
    assert passwords.weakness(password, "wangli") is None


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("", passwords.TOO_SHORT),
        ("1234567", passwords.TOO_SHORT),
        ("x" * 257, passwords.TOO_LONG),
        ("wanglimin", passwords.LIKE_USERNAME),
        ("WANGLIMIN123", passwords.LIKE_USERNAME),
        ("wangliminwanglimin", passwords.LIKE_USERNAME),
        ("ｗａｎｇｌｉｍｉｎ", passwords.LIKE_USERNAME),
        ("woaini1314", passwords.TOO_COMMON),
        ("PassWord123", passwords.TOO_COMMON),
        ("１２３４５６７８", passwords.TOO_COMMON),
        ("88888888", passwords.TOO_COMMON),
        ("abcabcabcab", passwords.TOO_COMMON),
        ("987654321", passwords.TOO_COMMON),
        ("abcdefghij", passwords.TOO_COMMON),
    ],
)
def test_a_weak_password_is_refused_with_its_reason(password: str, reason: object) -> None:
    assert passwords.weakness(password, "wanglimin") is reason


@given(st.sampled_from(sorted(COMMON_PASSWORDS)), st.data())
def test_a_common_one_is_refused_in_any_case(password: str, data: st.DataObject) -> None:
    typed = "".join(data.draw(st.sampled_from([x, x.upper()])) for x in password)
    assert passwords.weakness(typed, "wangli") is passwords.TOO_COMMON


@given(st.text(max_size=8), st.integers(8, 60))
def test_what_repeats_is_refused(piece: str, length: int) -> None:
    if 1 <= len(piece) <= 4 and piece.isascii():
        repeated = (piece * length)[:length]
        assert passwords.weakness(repeated, "wanglimin") is passwords.TOO_COMMON


def test_a_password_is_known_again_and_another_is_not() -> None:
    stored = passwords.hash_password("湘江 café ｘ１２３")
    assert stored.startswith("$argon2id$")
    assert passwords.verify(stored, "湘江 café ｘ１２３")
    assert passwords.verify(stored, "湘江 cafe\u0301 x123")
    assert not passwords.verify(stored, "湘江 cafe x123")
    assert not passwords.verify(stored, "")
    assert not passwords.verify("not a hash", "湘江 café ｘ１２３")


@pytest.mark.parametrize("stored", [None, ""])
def test_without_a_hash_no_password_is_right(
    stored: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Even the one that the stand-in for a hash was made of.
    stand_in = passwords.hash_password("猜中了")
    monkeypatch.setattr(passwords, "_dummy", lambda: stand_in)
    assert not passwords.verify(stored, "猜中了")


def test_an_unknown_name_takes_the_same_work(monkeypatch: pytest.MonkeyPatch) -> None:
    worked = list[str]()
    real = argon2.PasswordHasher.verify

    def counting(self: argon2.PasswordHasher, stored: str, password: str) -> bool:
        worked.append(repr(argon2.extract_parameters(stored)))
        return real(self, stored, password)

    monkeypatch.setattr(argon2.PasswordHasher, "verify", counting)
    passwords.verify(None, "猜一个")
    passwords.verify(passwords.hash_password("不是这个"), "猜一个")
    passwords.verify(None, "长" * 10_000)
    assert len(worked) == 3 and len(set(worked)) == 1


def test_a_hash_of_older_parameters_is_made_anew() -> None:
    older = argon2.PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1)
    assert passwords.needs_rehash(older.hash("湘江北去"))
    assert not passwords.needs_rehash(passwords.hash_password("湘江北去"))


async def test_a_flood_is_turned_away_and_the_loop_goes_on() -> None:
    threads, gate = passwords.PasswordThreads(), threading.Event()
    most = passwords.THREADS + passwords.QUEUE_MAX
    waiting = [asyncio.create_task(threads.run(gate.wait)) for _ in range(most)]
    await asyncio.sleep(0)
    with pytest.raises(SignInBusy):
        await threads.run(gate.wait)
    gate.set()
    assert await asyncio.gather(*waiting) == [True] * most
    assert await threads.run(lambda: "again") == "again"
    threads.close()
