"""Clocks of other machines, against ours."""

from __future__ import annotations

from tongke.cli.doctor.finding import Finding, wrong
from tongke.errors import Text

# Leases are compared with the clocks of several processes; more than this breaks them.
CLOCK_AHEAD_MAX_S = 5.0


def apart(part: str, seen: Text, ahead_s: float) -> Finding | None:
    """What is wrong where a server's clock is so much ahead of ours; None where it is near."""
    if abs(ahead_s) <= CLOCK_AHEAD_MAX_S:
        return None
    ahead = f"{ahead_s:+.0f} s"
    return wrong(
        part,
        Text(f"{seen.zh}，时钟相差 {ahead}", f"{seen.en}, its clock is off by {ahead}"),
        Text("给两台机器打开自动校时（NTP）", "Turn NTP on, on both machines"),
    )
