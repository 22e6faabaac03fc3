"""The values in commands (Action Message Format 0), as far as publishers send them."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from tongke.live.boxes import DamagedStream

Value: TypeAlias = "float | bool | str | list[Value] | dict[str, Value] | None"

_NUMBER: Final = struct.Struct(">Bd")
(
    NUMBER, BOOLEAN, STRING, OBJECT, _MOVIE, NULL, UNDEFINED, _REFERENCE, ECMA_ARRAY, OBJECT_END,
    STRICT_ARRAY, DATE, LONG_STRING,
) = range(13)  # fmt: skip
# Commands hold an object of some names; what is nested deeper wants to do harm.
_DEEPEST: Final = 8


def decode(data: bytes) -> list[Value]:
    """All values of a message, up to the first of a kind that no publisher needs.

    Raises:
        DamagedStream.
    """
    reader, found = _Reader(data), list[Value]()
    try:
        while reader.at < len(data) and data[reader.at] in _KNOWN:
            found.append(reader.value(0))
    except (struct.error, IndexError, UnicodeDecodeError) as error:
        raise DamagedStream from error
    return found


_KNOWN: Final = frozenset({NUMBER, BOOLEAN, STRING, OBJECT, NULL, UNDEFINED, ECMA_ARRAY}) | {
    STRICT_ARRAY, DATE, LONG_STRING
}  # fmt: skip


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self.at = 0

    def value(self, depth: int) -> Value:
        if depth > _DEEPEST:
            raise DamagedStream
        (kind,) = self._take(">B")
        if kind in (NUMBER, DATE):
            (number,) = self._take(">d")
            if kind == DATE:
                self._take(">h")
            return float(number)
        if kind == BOOLEAN:
            return bool(self._take(">B")[0])
        if kind in (STRING, LONG_STRING):
            return self._text(">H" if kind == STRING else ">I")
        if kind in (NULL, UNDEFINED):
            return None
        return self._several(kind, depth)

    def _several(self, kind: int, depth: int) -> Value:
        if kind == STRICT_ARRAY:
            (count,) = self._take(">I")
            # Each takes a byte at least.
            if count > len(self._data):
                raise DamagedStream
            return [self.value(depth + 1) for _ in range(count)]
        if kind == ECMA_ARRAY:
            self._take(">I")
        elif kind != OBJECT:
            raise DamagedStream
        return self._object(depth)

    def _object(self, depth: int) -> dict[str, Value]:
        found: dict[str, Value] = {}
        while (name := self._text(">H")) or self._data[self.at] != OBJECT_END:
            found[name] = self.value(depth + 1)
        self.at += 1
        return found

    def _text(self, length_format: str) -> str:
        (length,) = self._take(length_format)
        text = self._data[self.at : self.at + length]
        if len(text) < length:
            raise DamagedStream
        self.at += length
        return text.decode()

    def _take(self, layout: str) -> tuple[Any, ...]:
        found: tuple[Any, ...] = struct.unpack_from(layout, self._data, self.at)
        self.at += struct.calcsize(layout)
        return found


def encode(*values: str | float | Mapping[str, str | float] | None) -> bytes:
    """The values of an answer."""
    return b"".join(map(_encoded, values))


def _encoded(value: str | float | Mapping[str, str | float] | None) -> bytes:
    if value is None:
        return bytes([NULL])
    if isinstance(value, str):
        return bytes([STRING]) + _name(value)
    if isinstance(value, Mapping):
        body = b"".join(_name(name) + _encoded(each) for name, each in value.items())
        return bytes([OBJECT]) + body + _name("") + bytes([OBJECT_END])
    return _NUMBER.pack(NUMBER, value)


def _name(text: str) -> bytes:
    data = text.encode()
    return len(data).to_bytes(2, "big") + data
