"""How large a picture is: from the sequence parameter set in an avcC (ITU-T H.264, 7.3.2.1.1)."""

from __future__ import annotations

from typing import Final

from tongke.live.boxes import DamagedStream

# Profiles whose parameter sets say how colour is sampled (7.3.2.1.1).
_WITH_CHROMA: Final = frozenset({100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135})
_MACROBLOCK: Final = 16
# Longer is no size of a picture.
_LONGEST_NUMBER: Final = 31


def size(avcc: bytes) -> tuple[int, int]:
    """Width and height, as shown.

    Raises:
        DamagedStream.
    """
    if len(avcc) < 8 or avcc[0] != 1 or not avcc[5] & 31:
        raise DamagedStream
    length = int.from_bytes(avcc[6:8], "big")
    parameters = avcc[8 : 8 + length]
    if len(parameters) < length or length < 4:
        raise DamagedStream
    return _size(_Bits(parameters[1:].replace(b"\0\0\3", b"\0\0")))


def _size(bits: _Bits) -> tuple[int, int]:
    profile = bits.take(8)
    bits.take(16)
    bits.number()
    chroma = _chroma(bits) if profile in _WITH_CHROMA else 1
    bits.number()
    _skip_order(bits)
    bits.number()
    bits.take(1)
    across, down = bits.number() + 1, bits.number() + 1
    frames_only = bits.take(1)
    if not frames_only:
        bits.take(1)
    bits.take(1)
    left, right, top, bottom = [bits.number() for _ in range(4)] if bits.take(1) else [0] * 4
    # In units of a sample of colour, and of both fields (7-19 to 7-22).
    wide = 2 if chroma in (1, 2) else 1
    high = (2 if chroma == 1 else 1) * (2 - frames_only)
    width = across * _MACROBLOCK - wide * (left + right)
    height = down * _MACROBLOCK * (2 - frames_only) - high * (top + bottom)
    if not (0 < width <= 4096 and 0 < height <= 4096):
        raise DamagedStream
    return width, height


def _chroma(bits: _Bits) -> int:
    chroma = bits.number()
    if chroma == 3:
        bits.take(1)
    bits.number()
    bits.number()
    bits.take(1)
    if bits.take(1):
        for each in range(12 if chroma == 3 else 8):
            if bits.take(1):
                _skip_scaling(bits, 16 if each < 6 else 64)
    return chroma


def _skip_scaling(bits: _Bits, count: int) -> None:
    """A scaling list (7.3.2.1.1.1)."""
    last = following = 8
    for _ in range(count):
        if following:
            following = (last + bits.signed()) % 256
        last = following or last


def _skip_order(bits: _Bits) -> None:
    kind = bits.number()
    if kind == 0:
        bits.number()
    elif kind == 1:
        bits.take(1)
        bits.number()
        bits.number()
        for _ in range(min(bits.number(), 255)):
            bits.number()


class _Bits:
    def __init__(self, data: bytes) -> None:
        self._value = int.from_bytes(data, "big")
        self._left = len(data) * 8

    def take(self, count: int) -> int:
        """An unsigned number of so many bits."""
        if count > self._left:
            raise DamagedStream
        self._left -= count
        return self._value >> self._left & ((1 << count) - 1)

    def number(self) -> int:
        """An unsigned Exp-Golomb number (9.1)."""
        zeros = 0
        while not self.take(1):
            zeros += 1
            if zeros > _LONGEST_NUMBER:
                raise DamagedStream
        return (1 << zeros) - 1 + self.take(zeros)

    def signed(self) -> int:
        number = self.number()
        return (number + 1) // 2 if number % 2 else -(number // 2)
