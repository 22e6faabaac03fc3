"""What 500 people do at the same time: locust runs this for `bench.people`, in its own process.

Half of them watch a lesson, as our player does: its page, what there is to play, three playlists;
then for every four seconds of the lesson a segment of picture and one of sound, and every ten
seconds where they are (`SAVE_EVERY_MS` of web/player/position.ts). From the last segment they go on
to another lesson.

The other half walk through the pages, one step each ten to thirty seconds, as somebody does who
reads what is shown: of thirteen steps two are the home page, three the library with facets and a
filter, four a search (two suggestions while it is typed, then the results), four a resource.

Why so: when a province opens such a platform on a school evening, most who are there watch, and the
rest prepare tomorrow's lesson. All 500 at once is the peak, not the day. Static files are left out:
browsers keep them for good, and nginx would serve the first.
"""

from __future__ import annotations

import json
import os
import random
import re
import time
from pathlib import Path
from typing import Any

import gevent
from locust import FastHttpUser, between, constant_pacing, events, task

SEGMENT_S = 4
SAVE_EVERY_S = 10
LOOK_S = (10, 30)

# Written by `bench.people`: cookies and CSRF tokens of each person, lessons, topics.
SAID: dict[str, Any] = json.loads(Path(os.environ["BENCH_PEOPLE"]).read_text())
ANSWERS: list[tuple[float, str, float, bool]] = []
_people = iter(SAID["people"])
_INIT = re.compile(r'URI="([^"]+)"')


@events.request.add_listener
def note(
    name: str, response_time: float, exception: BaseException | None, start_time: float, **_: Any
) -> None:
    ANSWERS.append((start_time, name, response_time, exception is None))


@events.quitting.add_listener
def write(**_: Any) -> None:
    Path(os.environ["BENCH_ANSWERS"]).write_text(json.dumps(ANSWERS))


class Person(FastHttpUser):
    """Somebody with a session of their own, who began at a moment of their own."""

    abstract = True
    pause_s: float

    def on_start(self) -> None:
        self.cookie, self.csrf = next(_people)
        gevent.sleep(random.uniform(0, self.pause_s))

    def ask(self, path: str, name: str, method: str = "GET", **more: Any) -> str:
        """An answer that is not the one for a signed-in person is a failure."""
        headers = {"Cookie": f"tongke={self.cookie}", "Accept-Language": "zh-CN"}
        headers |= {"X-CSRF-Token": self.csrf} if method != "GET" else {}
        with self.client.request(
            method, path, name=name, headers=headers, allow_redirects=False, catch_response=True,
            **more,
        ) as answer:  # fmt: skip
            if answer.status_code not in (200, 204):
                answer.failure(f"{answer.status_code}")
                return ""
            # A picture's bytes are no text: making one of them would cost more than the asking.
            return "" if name == "segment" else str(answer.text or "")


class Watcher(Person):
    fixed_count = SAID["watching"]
    wait_time = constant_pacing(SEGMENT_S)
    pause_s = SEGMENT_S

    def on_start(self) -> None:
        super().on_start()
        self.begin()
        # Not all are at the beginning.
        self.at = random.randrange(max(1, self.length))

    def begin(self) -> None:
        """Open a lesson: everything that is asked for before the first segment."""
        self.number, self.segments = random.choice(SAID["lessons"]), []
        self.at, self.saved = 0, time.monotonic()
        self.ask(f"/resources/{self.number}", "resource page")
        told = self.ask(f"/api/v1/resources/{self.number}/media", "media")
        if not told:
            return  # counted as an error; it is opened again at the next turn
        media = json.loads(told)
        master = self.ask(media["hls"], "playlist")
        streams = [line for line in master.splitlines() if line and not line.startswith("#")]
        if not streams:
            return
        chosen = [streams[-1], *_INIT.findall(master)[:1]]
        self.segments = [self._segments(media["hls"].rpartition("/")[0], path) for path in chosen]

    @property
    def length(self) -> int:
        """Segments of the picture."""
        return len(self.segments[0]) if self.segments else 0

    def _segments(self, base: str, path: str) -> list[str]:
        path = path if path.startswith("/") else f"{base}/{path}"
        folder = path.rpartition("/")[0]
        text = self.ask(path, "playlist")
        names = [line for line in text.splitlines() if line and not line.startswith("#")]
        for name in _INIT.findall(text):
            self.ask(f"{folder}/{name}", "segment")
        return [f"{folder}/{name}" for name in names]

    @task
    def go_on(self) -> None:
        if self.at >= self.length:
            self.begin()
        for stream in filter(None, self.segments):
            self.ask(stream[min(self.at, len(stream) - 1)], "segment")
        self.at += 1
        if time.monotonic() - self.saved >= SAVE_EVERY_S:
            self.saved = time.monotonic()
            body = {"seconds": self.at * SEGMENT_S}
            self.ask(f"/api/v1/resources/{self.number}/position", "position", "PUT", json=body)


class Reader(Person):
    fixed_count = SAID["reading"]
    wait_time = between(*LOOK_S)
    pause_s = sum(LOOK_S) / 2

    @task(2)
    def home(self) -> None:
        self.ask("/", "home")

    @task(3)
    def library(self) -> None:
        self.ask(random.choice(SAID["filters"]), "library")

    @task(4)
    def search(self) -> None:
        words = random.choice(SAID["topics"])
        for typed in (words[:1], words[:2]):
            self.ask(f"/api/v1/search/suggest?q={typed}", "suggestions")
        self.ask(f"/library?q={words}", "search")

    @task(4)
    def resource(self) -> None:
        self.ask(f"/resources/{random.choice(SAID['resources'])}", "resource page")
