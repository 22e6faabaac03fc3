"""The session's cookie is read by hand, as aiohttp reads it."""

from __future__ import annotations

import pytest
from aiohttp.test_utils import make_mocked_request

from services.http.identity import SECURE_COOKIE, session_secret


@pytest.mark.parametrize(
    "header",
    [
        f"{SECURE_COOKIE}=a-Secret_1",
        f"language=en; {SECURE_COOKIE}=a-Secret_1; devices=x",
        f"language=en;{SECURE_COOKIE}=a-Secret_1",
        f"{SECURE_COOKIE}=old; {SECURE_COOKIE}=new",
        f"x{SECURE_COOKIE}=a; {SECURE_COOKIE}x=b",
        "tongke=plain",
        "",
        ";;=;",
    ],
)
def test_as_the_library_reads_it(header: str) -> None:
    request = make_mocked_request("GET", "/", headers={"Host": "tongke.cn", "Cookie": header})
    assert session_secret(request) == request.cookies.get(SECURE_COOKIE)


def test_without_any() -> None:
    assert session_secret(make_mocked_request("GET", "/", headers={"Host": "tongke.cn"})) is None
