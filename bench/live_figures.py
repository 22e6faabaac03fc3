"""Puts what the benchmarks of the classroom measured into docs/live-figures.md.

`python -m bench.live_figures FOLDER` reads what was kept there, each answer (`--json`) under the
name of its row, and writes the table anew. A row that was not measured keeps what it had.

    python -m bench.live_skew --json --svg docs/live-skew.svg > FOLDER/skew.json
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parent.parent / "docs" / "live-figures.md"
PLOT = "live-skew.svg"
BEGINS, ENDS = "<!-- figures -->", "<!-- end of figures -->"


@dataclass(frozen=True)
class Row:
    """A figure and its goal; `says` takes the answer's fields, `name` is of the file with it."""

    what: str
    goal: str
    name: str
    command: str
    says: str


ROWS: Sequence[Row] = (
    Row("rooms of one class, good network: medians of their lag apart", "≤ 10 ms",
        "skew", "live_skew", "{medians_apart_ms} ms ({rooms} rooms, {seconds} s)"),
    Row("the same picture by picture, p95", "≤ 33 ms with a core a browser",
        "skew", "live_skew", "{apart_p95_ms} ms, p50 {apart_p50_ms} ms"),
    Row("a cue: between the first and the last room", "≤ 50 ms",
        "skew", "live_skew", "p50 {cue_apart_p50_ms} ms, at most {cue_apart_max_ms} ms"),
    Row("the same rooms at 5 % loss and 200 ms more round trip", "≤ 100 ms",
        "line", "live_line", "p95 {apart_p95_ms} ms, medians {medians_apart_ms} ms apart"),
    Row("the longest that a picture stood still there", "≤ 1 s in 10 min",
        "line", "live_line", "{longest_still_s} s in {seconds} s"),
    Row("glass to glass, browser to browser, at the class's delay", "≤ 1.2 s",
        "glass", "live_glass", "p50 {glass_p50_ms} ms, p95 {glass_p95_ms} ms"
        " (delay {class_delay_ms} ms)"),
    Row("the same for a player near the playlist's end", "≤ 1.2 s",
        "glass", "live_glass", "p50 {at_700_glass_p50_ms} ms, p95 {at_700_glass_p95_ms} ms"),
    Row("talk plane one way, two pages", "≤ 100 ms",
        "talk", "live_talk", "p50 {one_way_p50_ms} ms, p95 {one_way_p95_ms} ms"),
    Row("a room speaks: the lead has its picture", "≤ 2 s",
        "talk", "live_talk", "{seen_by_lead_after_s} s"),
    Row("the talk at 5 % loss and 200 ms more round trip: picture and sound, one way", "",
        "talk_line", "live_talk_line",
        "picture p50 {lead_seen_p50_ms} ms, p95 {lead_seen_p95_ms} ms; sound p50"
        " {room_heard_p50_ms} ms, p95 {room_heard_p95_ms} ms; {sound_made_up_percent} % made up"),
    Row("such a line is cut for 5 s and comes back: the room is heard again", "",
        "talk_line", "live_talk_line",
        "{room_heard_again_s} s, at most {room_heard_again_max_s} s; the lead seen again in it"
        " {lead_seen_again_s} s"),
    Row("a room is called up: the others hear it in the lesson", "≤ 2 s",
        "called", "live_called", "{heard_everywhere_s} s, at most {heard_everywhere_max_s} s"
        " (delay {class_delay_ms} ms)"),
    Row("publisher drops 30 s and returns: lesson goes on", "≤ 3 s",
        "publisher_drop", "live_publisher_drop", "{goes_on_after_s} s"),
    Row("the recording lacks", "nothing",
        "publisher_drop", "live_publisher_drop", "{missing_s} s"),
    Row("room drops and returns: in step, with its seat and state", "≤ 3 s",
        "room_drop", "live_room_drop", "{in_step_after_s} s, at most {in_step_after_max_s} s;"
        " state right {seat_and_state_right}"),
    Row("kill -9 of the web process: everyone back", "≤ 10 s",
        "kill", "live_kill", "{everyone_back_after_s} s"),
    Row("the recording lacks", "nothing", "kill", "live_kill", "{missing_s} s"),
    Row("viewers a core at 500 ms parts, with rights, aiohttp alone", "≥ 1,500",
        "viewers", "live_viewers",
        "{viewers_a_core:,} beside {web_cores_unwatched} of it for the class (of {viewers};"
        " the barest handler {bare_viewers_a_core:,})"),
    Row("the same at the parts of 250 ms that we make", "",
        "viewers_250", "live_viewers --part 250",
        "{viewers_a_core:,} (of {viewers}; the barest handler {bare_viewers_a_core:,})"),
    Row("the same behind the nginx that we configure: of the web process", "≥ 10,000",
        "viewers_nginx", "live_viewers --viewers 1200 --nginx 1",
        "{viewers_a_core:,} (of {viewers}; nginx {nginx_cores} cores)"),
    Row("the small picture of a class of 720 lines, beside all else that it takes", "",
        "small_picture", "live_small_picture",
        "{small_picture_cores} of a core, beside {cores_without}"),
    Row("class ends: its recording is played, and found", "≤ 5 s",
        "end", "live_end", "{playable_s} s, {found_s} s"),
    Row("on a line of 400 kbit/s a room comes down by itself", "and stays so",
        "thin", "live_thin", "{level} after {down_after_s} s, remembered: {remembered}"),
    Row("its sound stands still from then on for at most", "no stall",
        "thin", "live_thin", "{longest_still_s} s in {seconds} s"),
    Row("45 minutes: web process, first and last quarter", "flat",
        "soak", "live_soak", "{web_mb[0]} and {web_mb[1]} MB"),
    Row("45 minutes: rooms' medians apart, first and last quarter", "no drift",
        "soak", "live_soak", "{medians_apart_ms[0]} and {medians_apart_ms[1]} ms"),
)  # fmt: skip


def cells(table: str) -> list[list[str]]:
    """The cells of a table's rows, without its head."""
    rows = [line for line in table.splitlines() if line.startswith("| ")][1:]
    return [[cell.strip() for cell in row.strip("|").split(" | ")] for row in rows]


def table(answers: dict[str, dict[str, Any]], known: list[list[str]]) -> str:
    """What has no answer keeps the figure that is `known`."""
    kept = {(what, command): (said, load) for what, _, said, load, command in known}
    lines = [
        "| what | goal | measured | load | with |",
        "|---|---|---|---|---|",
    ]
    for row in ROWS:
        command = f"`python -m bench.{row.command}`"
        said, load = kept.get((row.what, command), ("", ""))
        if found := answers.get(row.name):
            said = row.says.format(**found)
            load = f"{found['load'][0]} on {found['cores']} cores"
        lines.append(f"| {row.what} | {row.goal} | {said} | {load} | {command} |")
    if (PAGE.parent / PLOT).exists():
        lines += ["", f"![How far each room is from the middle, second by second]({PLOT})"]
    return "\n".join(lines)


def main(folder: Path) -> None:
    answers = {path.stem: json.loads(path.read_text()) for path in folder.glob("*.json")}
    before, _, rest = PAGE.read_text("utf-8").partition(BEGINS)
    old, _, after = rest.partition(ENDS)
    made = table(answers, cells(old))
    PAGE.write_text(f"{before}{BEGINS}\n{made}\n{ENDS}{after}", "utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    main(parser.parse_args().folder)
