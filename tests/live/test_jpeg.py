"""The size of a JPEG is what whoever draws it finds, or there is none."""

from __future__ import annotations

import contextlib
import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, UnidentifiedImageError

from tongke.live import jpeg
from tongke.live.jpeg import Size


def drawn(width: int = 320, height: int = 180, **more: Any) -> bytes:
    """A picture as a canvas gives it."""
    picture = Image.linear_gradient("L").resize((width, height)).convert("RGB")
    data = io.BytesIO()
    picture.save(data, "JPEG", quality=60, **more)
    return data.getvalue()


def said_to_be(data: bytes, width: int, height: int) -> bytes:
    """The same, by whose header it is so large."""
    at = data.index(b"\xff\xc0") + 5
    return data[:at] + height.to_bytes(2, "big") + width.to_bytes(2, "big") + data[at + 4 :]


SMALL = drawn(64, 36)


@pytest.mark.parametrize(
    "more", [{}, {"optimize": True}, {"restart_marker_rows": 1}, {"comment": b"a room"}]
)
def test_it_is_in_the_header(more: dict[str, Any]) -> None:
    data = drawn(**more)
    assert jpeg.size(data) == (320, 180)
    assert jpeg.size(said_to_be(data, 16_000, 12_000)) == (16_000, 12_000)


def test_a_progressive_one_is_none() -> None:
    """Each of its scans goes over the whole picture."""
    assert jpeg.size(drawn(progressive=True)) is None


@pytest.mark.parametrize("inside", [False, True], ids=["behind it", "in what a program says"])
def test_one_with_another_in_it_is_none(inside: bool) -> None:
    """Browsers draw the second over the first where the screen can show more light."""
    second = said_to_be(SMALL, 16_000, 16_000)
    if inside:
        segment = b"\xff\xe2" + (len(second) + 2).to_bytes(2, "big") + second
        assert jpeg.size(SMALL[:2] + segment + SMALL[2:]) is None
    else:
        assert jpeg.size(SMALL + second) is None


def test_one_that_says_two_sizes_is_none() -> None:
    at = SMALL.index(b"\xff\xc0")
    frame = SMALL[at : at + 2 + int.from_bytes(SMALL[at + 2 : at + 4], "big")]
    assert jpeg.size(SMALL[:at] + frame + SMALL[at:]) is None


def test_one_that_is_cut_off_is_none() -> None:
    assert jpeg.size(SMALL) == (64, 36)
    assert {jpeg.size(SMALL[:length]) for length in range(len(SMALL))} == {None}


@given(
    st.lists(
        st.tuples(st.integers(0, len(SMALL) - 1), st.integers(0, 3), st.binary(max_size=6)),
        min_size=1,
        max_size=4,
    )
)
def test_in_a_damaged_one_nobody_finds_another_size(cuts: list[tuple[int, int, bytes]]) -> None:
    data = SMALL
    for at, length, put in cuts:
        data = data[:at] + put + data[at + length :]
    found = jpeg.size(data)
    assert found is None or isinstance(found, Size)
    with contextlib.suppress(UnidentifiedImageError, OSError, SyntaxError):
        assert found is None or found == Image.open(io.BytesIO(data)).size


@given(st.binary(max_size=200))
def test_noise_is_none(data: bytes) -> None:
    assert jpeg.size(b"\xff\xd8" + data) is None or data.endswith(b"\xff\xd9")
