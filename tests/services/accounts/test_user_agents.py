"""A list of sign-ins says which is the phone and which the computer."""

from __future__ import annotations

import pytest

from services.accounts.user_agents import device

WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
PHONE = "Mozilla/5.0 (Linux; Android 12; V2048A) AppleWebKit/537.36 (KHTML, like Gecko) "


@pytest.mark.parametrize(
    ("user_agent", "zh", "en"),
    [
        (
            WINDOWS + "Chrome/86.0.4240.198 Safari/537.36",
            "Windows 电脑 · Chrome",
            "Windows · Chrome",
        ),
        (WINDOWS + "Chrome/130.0 Safari/537.36 Edg/130.0", "Windows 电脑 · Edge", "Windows · Edge"),
        (PHONE + "Chrome/86.0 MicroMessenger/8.0.2", "安卓 · 微信", "Android · WeChat"),
        ("curl/8.5.0", "程序", "A program"),
        ("", "程序", "A program"),
    ],
)
def test_a_device_is_named_as_its_owner_would(user_agent: str, zh: str, en: str) -> None:
    assert device(user_agent) == (zh, en)
