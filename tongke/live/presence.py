"""What is so in a class at this moment and is no fact of the lesson: how far its rooms are behind
the lead and apart from each other. It is told to whom it concerns and is in no log. That somebody
observes is told to nobody.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Final

from pydantic import Field, JsonValue, ValidationError

from tongke.live.quiz import Value
from tongke.live.rules import HERE, WATCH, NotYoursToDo
from tongke.live.state import ClassState
from tongke.live.vocabulary import Playing, Role, Who
from tongke.validation import invalid

# What is later than this is no lesson in step.
MOST_LAG_MS: Final = 60_000
# Who has not looked for so long has slept, and what was said meanwhile is still unread.
SLEPT_S: Final = 5.0


class Lag(Value):
    """What a room has measured in the last seconds. `lag_ms`: how long after its capture a picture
    is shown there, the median; `skew_ms`: 95 of 100 pictures are nearer than this to their time;
    `need_ms`: with how little delay 95 of 100 would have come in time."""

    lag_ms: int = Field(ge=0, le=MOST_LAG_MS)
    skew_ms: int = Field(ge=0, le=MOST_LAG_MS)
    need_ms: int | None = Field(default=None, ge=0, le=MOST_LAG_MS)


class Silence:
    """Which connections nobody speaks of any more: the process that had them has died, and wrote
    down no leaving. Times are of a clock that only goes forward, in seconds."""

    def __init__(self) -> None:
        self._heard: dict[str, float] = {}
        self._looked = float("-inf")

    def say(self, connections: Iterable[str], now: float) -> None:
        """A process has these."""
        self._heard.update(dict.fromkeys(connections, now))

    def begin_anew(self) -> None:
        """Some of what was said was not heard."""
        self._heard.clear()

    def lost(self, known: Iterable[str], now: float, kept_s: float) -> set[str]:
        """Of the connections that the log knows those of which nothing was said for so long, while
        it was listened for. To be asked every second or so."""
        if now - self._looked > SLEPT_S:
            self.begin_anew()
        self._looked = now
        self._heard = {each: self._heard.get(each, now) for each in known}
        return {each for each, at in self._heard.items() if at <= now - kept_s}


def lag(who: Who, said: object) -> Lag:
    """What a room says of itself.

    Raises:
        NotYoursToDo: only a room measures. Invalid.
    """
    if who.role is not Role.ROOM:
        raise NotYoursToDo
    try:
        return Lag.model_validate(said, strict=True)
    except ValidationError as error:
        raise invalid(error) from error


def in_step(state: ClassState, lags: Mapping[str, Lag]) -> dict[str, Lag]:
    """Of what rooms said, that of those which follow the lesson now."""
    return {
        name: measured
        for name, measured in lags.items()
        if state.is_admitted(name)
        and state.rooms[name].connection
        and state.rooms[name].playing is Playing.LESSON
    }


def needs_ms(state: ClassState, lags: Mapping[str, Lag]) -> list[int]:
    """How much delay each room needs that follows the lesson and said so.

    A picture that is shown was there: nobody needs more than they are behind. So a room that makes
    the others wait is seen to be late itself.
    """
    following = in_step(state, lags).values()
    return [
        min(each.need_ms, each.lag_ms + each.skew_ms)
        for each in following
        if each.need_ms is not None
    ]


def spread_ms(lags: Collection[Lag]) -> int | None:
    """How far the rooms are from the middle between the earliest and the latest of them, by their
    medians; none of fewer than two."""
    if len(lags) < 2:
        return None
    medians = [each.lag_ms for each in lags]
    return -(-(max(medians) - min(medians)) // 2)


def told(state: ClassState, who: Who, lags: Mapping[str, Lag]) -> dict[str, JsonValue] | None:
    """What somebody learns of it, or nothing: a room does not learn how another does."""
    if who.role not in WATCH | HERE | {Role.TRAINEE}:
        return None
    following = in_step(state, lags)
    spread: dict[str, JsonValue] = {"spread_ms": spread_ms(following.values())}
    if who.role in HERE:
        return spread if state.is_admitted(who.seat) else None
    if who.role is Role.TRAINEE:
        return spread
    rooms: dict[str, JsonValue] = {
        name: each.model_dump(mode="json", exclude={"need_ms"})
        for name, each in sorted(following.items())
    }
    if who.role is Role.LEAD:
        return {**spread, "rooms": rooms}
    # Who sits at a desk the lead is told by name (`tongke.live.rules`); who observes, how many.
    trainees = sum(bool(each.connection) for each in state.trainees.values())
    return {**spread, "rooms": rooms, "trainees": trainees}
