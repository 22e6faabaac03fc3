"""How long after its capture the rooms of a class show a picture: one number for all of them.

It is set from the room whose line needs most, so that all stay in the same moment. It rises at
once, since a picture that stands still is worse than one that is late, and falls a step at a time
after a calm while. Between its steps nothing is announced: each change is run in by speed, for
seconds.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

# A class begins with the second, which holds on most lines, and goes down to the first where all
# lines are good. Pictures that are later than the last are no lesson in step.
STEPS_MS: Final = (1000, 1500, 2500, 4500)
# Over what 95 of 100 pictures needed: for most of the other five.
CUSHION_MS: Final = 250
# A line that is only just good enough for less would go up and down.
EASE_MS: Final = 150
CALM_S: Final = 20.0
# A line that fails now and then would move the whole class up and down all lesson long: after each
# rise that follows a fall the class stays up twice as long, and at most so long.
LONGEST_CALM_S: Final = 320.0


def step_for(need_ms: int) -> int:
    """The smallest delay that carries a line which needs so much; at most the last step."""
    return next((step for step in STEPS_MS if step >= need_ms + CUSHION_MS), STEPS_MS[-1])


class ClassDelay:
    """Follows what rooms say that their lines need."""

    def __init__(self) -> None:
        self._calm_since: float | None = None
        self._calm_s = CALM_S
        self._has_fallen = False

    def due(self, delay_ms: int, needs_ms: Collection[int], now: float) -> int | None:
        """What to announce in place of `delay_ms`, if anything. `now` in seconds, of a clock that
        only goes forward."""
        # What even the last step does not carry goes down to less than the whole picture by itself.
        carried = [need for need in needs_ms if need <= STEPS_MS[-1]]
        if not carried:
            self._calm_since = None
            return None
        worst = max(carried)
        if step_for(worst) > delay_ms:
            return self._rise(step_for(worst))
        lower = max((step for step in STEPS_MS if step < delay_ms), default=None)
        if lower is None or step_for(worst + EASE_MS) > lower:
            self._calm_since = None
            return None
        if self._calm_since is None:
            self._calm_since = now
        if now - self._calm_since < self._calm_s:
            return None
        self._calm_since, self._has_fallen = None, True
        return lower

    def _rise(self, step: int) -> int:
        self._calm_since = None
        if self._has_fallen:
            self._calm_s, self._has_fallen = min(2 * self._calm_s, LONGEST_CALM_S), False
        return step
