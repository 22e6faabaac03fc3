"""What the library finds among the samples."""

from __future__ import annotations

from services.web import views as v
from tests.services.web.samples_resources import SOUND, lesson, paper


def run(text: str, *words: str) -> tuple[v.Run, ...]:
    """Runs of a text in which the words are hits."""
    runs = [v.Run(text)]
    for word in words:
        runs = [piece for old in runs for piece in _cut(old, word)]
    return tuple(runs)


def _cut(old: v.Run, word: str) -> list[v.Run]:
    if old.marked or word not in old.text:
        return [old]
    before, _, after = old.text.partition(word)
    pieces = [v.Run(before), v.Run(word, marked=True), *_cut(v.Run(after), word)]
    return [piece for piece in pieces if piece.text]


HITS = tuple(
    v.Hit(card, run(card.title, "配套问题", "灯笼"), run(snippet, "配套问题", "灯笼"))
    for card, snippet in (
        (
            lesson(12, "5.3\u3000实际问题与一元一次方程（第 2 课时）配套问题"),
            "……一个灯架要配四条灯穗，这就是配套问题里的等量关系。做灯笼的 24 个同学该怎么分工？……",
        ),
        (
            lesson(13, "配套问题的两种设法：同课异构", poster="/samples/circle.png"),
            "……先不急着列方程，用十二条灯穗摆一摆，三个灯笼架正好用完……",
        ),
        (
            paper(21, "courseware", "实际问题与一元一次方程 课件（含灯笼情境图）", pages=18),
            "……第 4 页：七（2）班做灯笼，每人每节课能做 3 个灯架或 20 条灯穗……",
        ),
        (SOUND, ""),
    )
)
FACETS = (
    v.Facet(
        "kind",
        (
            v.FacetOption("lesson_recording", "lesson_recording", 4, selected=True),
            v.FacetOption("courseware", "courseware", 2),
            v.FacetOption("teaching_case", "teaching_case", 1),
            v.FacetOption("research_output", "research_output", 0),
        ),
    ),
    v.Facet(
        "edition",
        (
            v.FacetOption("人教版（2024）", "人教版（2024）", 8, selected=True),
            v.FacetOption("湘教版（2024）", "湘教版（2024）", 3),
        ),
    ),
    v.Facet("grade", tuple(v.FacetOption(str(n), str(n), 13 - n) for n in range(1, 13))),
    v.Facet(
        "school",
        (
            v.FacetOption("1", "橘洲路中学", 4, paired=True),
            v.FacetOption("2", "雁回路中学", 2),
            v.FacetOption("3", "云台溪中学", 2),
        ),
    ),
)
SORTS = tuple(
    v.Choice(value, f"/library?sort={value}", selected=value == "relevance")
    for value in ("relevance", "newest", "views", "title")
)
LIBRARY = v.LibraryView(
    query="七年级数学 灯笼 配套问题",
    visible_total=12_486,
    total=8,
    hits=HITS,
    facets=FACETS,
    sorts=SORTS,
    chips=(v.Chip("grade", "7", "/library?q=1"), v.Chip("subject", "math", "/library?q=2")),
    words=("灯笼", "配套问题"),
    literal_url="/library?q=x&literal=1",
    relaxed=HITS[:1],
    next_url="/library?cursor=abc",
)
