"""Hands on what the two ends of a talk say to each other."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from pydantic import JsonValue

from services.live.signalling.relay import End, HandedOn, Relay
from tongke.live import talk
from tongke.live.state import ClassState
from tongke.live.vocabulary import Who
from tongke.storage.bus.port import Bus


class Said(HandedOn):
    """A word on the bus."""

    sender: str
    to: str
    data: dict[str, JsonValue]


class Talk(Relay[Said]):
    """The words of one class's talk. Browsers that hear nothing from each other begin anew."""

    def __init__(self, bus: Bus, class_id: int, lines: AbstractSet[End]) -> None:
        super().__init__(bus, f"talk:{class_id}", Said, lines)

    async def say(self, state: ClassState, who: Who, asked: object) -> None:
        """Hand a word to the other end.

        Raises:
            Invalid, NotInTalk.
        """
        word = talk.word(asked)
        sender = talk.speaker(state, who, word.to)
        said = Said(by=self._name, sender=sender, to=word.to, data=word.data)
        await self._hand_on(said)

    def _deliver(self, said: Said) -> None:
        for line in list(self._lines):
            # A flood of words does not cost somebody their line.
            if talk.end_of(line.who) == said.to and not line.is_behind:
                line.put({"talk": {"from": said.sender, "data": said.data}})
