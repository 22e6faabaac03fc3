"""Why a line is ended, as docs/live-protocol.md has it."""

from __future__ import annotations

from enum import IntEnum


class Close(IntEnum):
    """Codes that a socket is closed with for good."""

    DAMAGED = 4000
    REPLACED = 4001
    NOT_YOURS = 4003
    NO_CLASS = 4004
    OVER = 4010
    # Of a class's own line: too much waits for who reads too slowly.
    BEHIND = 4011
