"""What a person sees and does in the pages of a class."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.people import Person
from tests.live_lesson import marks
from tests.waiting import until

CLASSROOM = {"width": 1366, "height": 768}
PHONE = {"width": 390, "height": 844}
# A machine with two cores codes and decodes everybody's pictures.
PATIENCE_MS = 60_000
# How far the rooms are apart, and how far behind the lead.
READOUT = re.compile(r"^各教室 ±[1-9]\d* 毫秒\s比主讲晚 \d+\.\d 秒$")


class Screen:
    """A page in a browser of somebody's; `errors` are those of its scripts."""

    # What the page has beside its own scripts.
    script = ""
    size = CLASSROOM

    def __init__(
        self, chromium: Browser, url: str, path: str, person: Person | None = None
    ) -> None:
        context = chromium.new_context(
            base_url=url,
            viewport=self.size,
            storage_state=person.state if person else None,
            locale="zh-CN",
        )
        context.add_init_script(self.script)
        self.page: Page = context.new_page()
        self.page.set_default_timeout(PATIENCE_MS)
        self.errors: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.goto(path)

    def close(self) -> None:
        self.page.context.close()
        assert self.errors == []


class LeadScreen(Screen):
    """The lead classroom's computer, whose pictures have numbers."""

    script = marks.NUMBERING

    def begin(self) -> None:
        self.page.get_by_role("button", name="开始上课").click()
        expect(self.page.get_by_text("正在上课")).to_be_visible()

    def until_here(self, rooms: int) -> None:
        """Wait until so many rooms are there."""
        expect(self.page.get_by_text(f"{rooms} 间已到")).to_be_visible(timeout=PATIENCE_MS)

    def code(self) -> str:
        """What pupils type on their telephones."""
        return self.page.get_by_text("手机数字码").inner_text().split()[-1]

    def show_slides(self) -> None:
        """By the key of the layout."""
        self.page.keyboard.press("1")

    def turn_to(self, number: int) -> None:
        self.page.get_by_role("button", name=f"第 {number} 页", exact=True).click()

    def ask(self, question: str, options: list[str], right: str) -> None:
        self.page.get_by_label("题目").fill(question)
        for letter, option in zip("ABCD", options, strict=True):
            self.page.get_by_label(f"选项 {letter}", exact=True).fill(option)
        self.page.get_by_label(f"{right} 对", exact=True).check()
        self.page.get_by_role("button", name="出题").click()

    def until_answered(self, pupils: int, together: dict[str, str]) -> None:
        """So many pupils have answered alone, and each room's class together by its letter."""
        answered = self.page.locator(".lead-quiz-line strong")
        expect(answered).to_have_text(str(pupils), timeout=PATIENCE_MS)
        said = self.page.get_by_text("全班一起答：")
        for room, letter in together.items():
            words = re.compile(rf"{letter}（[^，]*{re.escape(room)}）")
            expect(said).to_have_text(words, timeout=PATIENCE_MS)

    def sent(self) -> marks.Sent:
        """The pictures that were sent until now."""
        return marks.Sent(self.page.evaluate("() => sent"))

    def switch_microphone(self) -> None:
        self.page.keyboard.press("m")

    def call_up(self, room: str) -> None:
        self._row(room).get_by_role("button", name="请发言").click()

    def until_seen(self, room: str) -> None:
        """Wait until the picture that this room sends moves."""
        video = self._row(room).locator("video")
        video.wait_for()
        before = float(video.evaluate(PLAYED))
        until(lambda: video.evaluate(PLAYED) > before + 0.5, what=f"{room} is seen")

    def sit_down(self, room: str) -> None:
        self._row(room).get_by_role("button", name="正在发言").click()

    def _row(self, room: str) -> Locator:
        return self.page.locator(".lead-room").filter(has_text=room)

    def show_answer(self) -> None:
        self.page.get_by_role("button", name="公布答案").click()

    def end(self) -> None:
        self.page.get_by_role("button", name="下课", exact=True).click()
        self.page.get_by_role("dialog").get_by_role("button", name="下课").click()

    def until_back(self, path: str) -> None:
        """Wait until it shows the class's page. Chromium may never close a page that is closed
        while it goes to another."""
        self.page.wait_for_url(f"**{path}")
        self.page.wait_for_load_state("networkidle")


class RoomScreen(Screen):
    """A receiving classroom's device, which nobody touches."""

    def until(self, step: str) -> None:
        """Wait until its line is in such a state (`Step` of room/sync_line.ts)."""
        expect(self.page.locator(f".room-line[data-step={step}]")).to_be_visible(
            timeout=PATIENCE_MS
        )

    def until_it_says_how_far_apart(self) -> None:
        """Wait until it reads how far the rooms are apart: more than one of them is in step."""
        detail = self.page.locator(".room-line-detail")
        expect(detail).to_have_text(READOUT, timeout=PATIENCE_MS)

    def drawn(self) -> str:
        """What is drawn over its picture: slides and strokes."""
        return str(self.page.evaluate("() => document.querySelector('.stage-overlay').toDataURL()"))

    def how(self) -> tuple[str | None, str | None]:
        """What its line carries, and how it follows."""
        level = self.page.locator(".room-class").get_attribute("data-level")
        return level, self.page.locator(".room-line").get_attribute("data-step")

    def until_it_plays(self) -> None:
        """Wait until its picture moves."""
        video = self.page.locator(".room-video").first
        before = float(video.evaluate(PLAYED))
        until(lambda: video.evaluate(PLAYED) > before + 0.5, what="the picture moves")

    def loudness(self) -> float:
        """The loudest that it was in half a second, of 1."""
        return float(self.page.evaluate(LOUDEST))

    def answer(self, letter: str) -> None:
        """The class answers together."""
        self.page.locator(".room-option").first.wait_for()
        self.page.keyboard.press(letter)
        expect(self.page.locator(".room-quiz-foot")).to_contain_text("收到了")

    def until_told(self, letter: str) -> None:
        """Wait until this option is shown to be right."""
        right = self.page.locator(".room-option[data-state=right]")
        expect(right).to_contain_text(letter, timeout=PATIENCE_MS)


class ObserverScreen(Screen):
    """An officer who looks in, unseen."""

    def note(self, words: str) -> None:
        field = self.page.locator(".watch-note-form textarea")
        field.fill(words)
        field.press("Enter")
        expect(self.page.locator(".watch-notes")).to_contain_text(words)


class PhoneScreen(Screen):
    """A pupil's telephone, without an account."""

    size = PHONE

    def sit(self, room: str, seat: str) -> None:
        self.page.get_by_role("radio", name=room, exact=True).check()
        self.page.get_by_label("你的座号").fill(seat)
        self.page.get_by_role("button", name="坐好了，开始").click()

    def answer(self, letter: str) -> None:
        self.page.locator(".phone-option", has_text=letter).click()
        expect(self.page.locator(".phone-option[data-state=chosen]")).to_contain_text(letter)

    def until_told(self, letter: str) -> None:
        """Wait until this option is shown to be right."""
        right = self.page.locator(".phone-option[data-state=right]")
        expect(right).to_contain_text(letter, timeout=PATIENCE_MS)


class RecordingScreen(Screen):
    """The page of the lesson's recording."""

    script = marks.READING

    def until_ready(self) -> None:
        video = self.page.locator(".player video")
        until(lambda: video.evaluate("(video) => video.readyState") > 1, what="a picture")

    def number_at(self, seconds: float) -> int | None:
        """Of the picture at a second; none where there is none to be read."""
        number: int | None = self.page.evaluate(
            "([seconds, patience]) => numberAt(seconds, patience)", [seconds, PATIENCE_MS]
        )
        return number


PLAYED = "(video) => video.currentTime"
LOUDEST = """async () => {
  const video = document.querySelector(".room-video");
  window.meter = window.meter ?? (() => {
    const context = new AudioContext();
    const meter = new AnalyserNode(context, { fftSize: 2048 });
    context.createMediaStreamSource(video.captureStream()).connect(meter);
    return meter;
  })();
  const samples = new Float32Array(2048);
  let loudest = 0;
  for (const until = performance.now() + 500; performance.now() < until;) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    meter.getFloatTimeDomainData(samples);
    loudest = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), loudest);
  }
  return loudest;
}"""
