"""An event of a class: a body with who, when on the server's clock and when on the lesson's.

An event is kept as a row of (seq, media_ms, kind, payload). What a later version has written is
kept as it is, and has no effect.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from pydantic import JsonValue

from tongke.live.bodies import KINDS, Depart, Known, Leave, Unknown, body
from tongke.live.quiz import Value
from tongke.live.vocabulary import Role, Who


class _Envelope(Value):
    at: int
    by: Who


@dataclass(frozen=True)
class Event:
    """`at` is milliseconds of the server's clock, `media_ms` of the lesson's; both since 1970."""

    at: int
    media_ms: int
    by: Who
    body: Known | Unknown

    def to_dict(self) -> dict[str, JsonValue]:
        """`media_ms`, `kind` and `payload`: the columns of its row."""
        return {"media_ms": self.media_ms, "kind": self.body.kind, "payload": self._payload()}

    def _payload(self) -> dict[str, JsonValue]:
        if isinstance(self.body, Unknown):
            return self.body.payload
        envelope: dict[str, JsonValue] = {"at": self.at, "by": asdict(self.by)}
        return envelope | self.body.model_dump(mode="json", exclude={"kind"})


def gone_by(happened: Event) -> Who | None:
    """Who is there no more by an event, if it says that of anybody."""
    match happened.body:
        case Leave():
            return happened.by
        case Depart(trainee=trainee):
            return Who(Role.TRAINEE, trainee)
    return None


def event(media_ms: int, kind: str, payload: Mapping[str, JsonValue]) -> Event:
    """The event of a row."""
    if kind not in KINDS:
        return Event(0, media_ms, Who(Role.SERVER), Unknown(kind=kind, payload=dict(payload)))
    envelope = _Envelope.model_validate(payload)
    return Event(envelope.at, media_ms, envelope.by, body(kind, payload))
