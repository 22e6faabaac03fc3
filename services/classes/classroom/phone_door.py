"""How telephones come into a class: six digits, an address, and both for a camera."""

from __future__ import annotations

from functools import lru_cache

from pydantic import BaseModel

from services.web.qr import qr
from tongke.classes.models import LiveClass


class PhoneDoor(BaseModel):
    """What is typed on a phone, and where; `qr` says both to a camera."""

    code: str
    url: str
    qr: str


def door_of(live: LiveClass, base: str) -> PhoneDoor | None:
    """Nothing while the class does not run. `base` is the service's public address."""
    return _door(live.phone_code, f"{base}/q") if live.phone_code else None


# Every screen of a class asks every few seconds.
@lru_cache(maxsize=1024)
def _door(code: str, url: str) -> PhoneDoor:
    return PhoneDoor(code=code, url=url, qr=qr(f"{url}/{code}"))
