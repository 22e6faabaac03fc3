"""What is said on a line, as it was sent: the class's own, a publisher's, a pupil's telephone's."""

from __future__ import annotations

import json
from typing import Any, Final

from aiohttp import web

from services.http.storable import check_storable
from tongke.live.boxes import DamagedStream

# A cable that is pulled says nothing: a line that is silent for so long is asked whether it holds.
HEARTBEAT_S: Final = 10.0


def read(text: str) -> dict[str, Any]:
    """A message as it was sent. Raises DamagedStream: it is none, or holds what is not JSON (NaN)
    or what no database keeps."""
    try:
        asked = json.loads(text, parse_constant=_no_json)
        check_storable(asked)
    except (ValueError, RecursionError, web.HTTPBadRequest) as error:
        raise DamagedStream from error
    if not isinstance(asked, dict):
        raise DamagedStream
    return asked


def _no_json(word: str) -> None:
    raise ValueError(word)
