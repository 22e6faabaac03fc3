"""A device's mark is believed for the account and the password it was made with, only."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tongke.people import devices


def test_a_device_is_known_after_signing_in() -> None:
    cookie = devices.remember("", 7, "$hash")
    assert devices.known_device(cookie, 7, "$hash")
    assert devices.remember(cookie, 7, "$hash") == cookie


def test_it_is_not_known_to_another_account_or_after_a_new_password() -> None:
    cookie = devices.remember("", 7, "$hash")
    assert devices.known_device(cookie, 8, "$hash") is None
    assert devices.known_device(cookie, 7, "$new") is None


def test_the_computer_of_a_staff_room_knows_the_last_eight() -> None:
    cookie = ""
    for account in range(1, devices.MARKS_MAX + 2):
        cookie = devices.remember(cookie, account, "$hash")
    known = [a for a in range(1, 20) if devices.known_device(cookie, a, "$hash")]
    assert known == list(range(2, devices.MARKS_MAX + 2))
    # What a browser keeps of one cookie (RFC 6265, 6.1).
    assert len(cookie) < 4096


@given(st.text(alphabet="0123456789abcdef.xé", max_size=400))
def test_a_made_up_cookie_is_nobodys(cookie: str) -> None:
    assert devices.known_device(cookie, 7, "$hash") is None
    assert devices.known_device(devices.remember(cookie, 7, "$hash"), 7, "$hash")
