"""Search on the embedded engine: what it finds, and how fast.

`python -m bench.search [--documents 100000] [--json]` makes a corpus of Chinese teaching resources
(seeded, so two runs have the same), indexes it, and reports recall and precision against brute
force, what is lost by other spellings, and times on one core. The bars are in the README.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path

import opencc

from bench.search_corpus import (
    COMMON,
    GRADES,
    KINDS,
    PHRASES,
    PROVINCE_OFFICER,
    SEED,
    SUBJECTS,
    TEACHER,
    TOPICS,
    VOCABULARY,
    World,
    world,
)
from search import sounds
from search import text as analysis
from search.fts import FtsIndex
from search.index import Document, Page
from search.query import Query, parse

QUERIES = 300
SUBSTRINGS = 200
# A set that is larger is not walked to its last page: that would take minutes, and show no more.
MOST_WALKED = 1000


def visible(document: Document, tokens: frozenset[str]) -> bool:
    return not document.audience.isdisjoint(tokens)


async def everything(index: FtsIndex, query: Query, tokens: frozenset[str]) -> set[int]:
    """All ids of a query, page after page."""
    found: set[int] = set()
    page = await index.search(query, tokens, limit=100)
    found.update(hit.id for hit in page.hits)
    while page.cursor:
        page = await index.search(query, tokens, limit=100, cursor=page.cursor)
        found.update(hit.id for hit in page.hits)
    assert len(found) == page.total
    return found


def substrings(documents: Sequence[Document], chance: random.Random, count: int) -> list[str]:
    """Chinese substrings of 2 to 6 characters, from anywhere in the corpus."""
    found: dict[str, None] = {}
    while len(found) < count:
        text = analysis.fold(chance.choice(documents).text)
        length = chance.randrange(2, 7)
        at = chance.randrange(max(1, len(text) - length))
        piece = text[at : at + length]
        if len(piece) == length and all(map(analysis.is_cjk, piece)):
            found[piece] = None
    return list(found)


def _searched(document: Document) -> str:
    parts = (document.title, document.text, document.author, document.school)
    return analysis.fold("\n".join((*parts, *document.facets["unit"])))


async def recall_and_precision(
    index: FtsIndex, made: World, queries: Sequence[str]
) -> dict[str, float]:
    """Substring queries, quoted and not, against brute force over what a teacher may see."""
    seen = [(d.id, _searched(d)) for d in made.documents if visible(d, TEACHER)]
    right = {"quoted": 0, "plain": 0}
    found_count = {"quoted": 0, "plain": 0}
    wanted_count = 0
    for query in queries:
        wanted = {id for id, text in seen if query in text}
        if len(wanted) > MOST_WALKED:
            continue
        wanted_count += len(wanted)
        for name, typed in (("quoted", f'"{query}"'), ("plain", query)):
            found = await everything(index, parse(typed, literal=True), TEACHER)
            right[name] += len(found & wanted)
            found_count[name] += len(found)
    return {
        f"substring {measure}, {name}": right[name] / by
        for name in right
        for measure, by in (("recall", wanted_count), ("precision", found_count[name]))
    }


async def spelling_loss(index: FtsIndex, queries: Sequence[str]) -> dict[str, float]:
    """The share of documents that a traditional, or a full-width, spelling does not find."""
    traditional = opencc.OpenCC("s2t")
    wide = {ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789."}
    spellings: dict[str, tuple[list[str], Callable[[str], str]]] = {
        "traditional": (list(queries), lambda text: str(traditional.convert(text))),
        "full-width": (
            [f"{a}.{b}" for a in range(1, 12) for b in range(1, 9)],
            lambda text: text.translate(wide),
        ),
    }
    losses: dict[str, float] = {}
    for name, (texts, respell) in spellings.items():
        lost = whole = 0
        for text in texts:
            plain = await index.search(parse(f'"{text}"'), TEACHER, limit=1)
            other = await index.search(parse(f'"{respell(text)}"'), TEACHER, limit=1)
            whole += plain.total
            lost += max(0, plain.total - other.total)
        losses[f"loss from {name} spelling"] = lost / whole
    return losses


async def known_items(index: FtsIndex, made: World, chance: random.Random) -> float:
    """Mean reciprocal rank of a resource that is looked for by what is remembered of its title."""
    seen = [d for d in made.documents if visible(d, TEACHER)]
    ranks = []
    for document in chance.sample(seen, min(QUERIES, len(seen))):
        # The topic, and the words that are this title's own.
        topic = next(topic for topic in TOPICS if topic in document.title)
        rest = max(
            analysis.fold(document.title).replace(topic, " ").replace("教学设计", "").split(),
            key=len,
        )
        page = await index.search(parse(f"{topic} {rest[-4:]}", VOCABULARY), TEACHER)
        places = [at for at, hit in enumerate(page.hits, 1) if hit.id == document.id]
        ranks.append(1 / places[0] if places else 0.0)
    return statistics.fmean(ranks)


async def by_sound(index: FtsIndex, chance: random.Random) -> dict[str, float]:
    """How often pinyin, initials and a homophone find a title with the topic that was meant."""
    topics = [topic for topic in TOPICS if len(topic) >= 3]
    same_sound = _homophones()
    found = {"pinyin": 0, "initials": 0, "homophones": 0}
    for topic in topics:
        read = sounds.syllables(topic)
        at = chance.randrange(len(topic))
        wrong = chance.choice(same_sound[read[at]]) if same_sound.get(read[at]) else topic[at]
        typed = {
            "pinyin": "".join(read),
            "initials": "".join(syllable[0] for syllable in read),
            "homophones": topic[:at] + wrong + topic[at + 1 :],
        }
        for name, text in typed.items():
            page = await index.search(parse(text, VOCABULARY), TEACHER)
            found[name] += _has_topic(page, topic)
    return {f"{name} recall": count / len(topics) for name, count in found.items()}


def _homophones() -> dict[str, str]:
    same: dict[str, str] = {}
    for character in COMMON + "".join(TOPICS) + "里利立方芳房园元圆花化画光广生声升历立力其期气":
        for syllable in sounds.syllables(character):
            same[syllable] = same.get(syllable, "") + character
    return same


def _has_topic(page: Page, topic: str) -> bool:
    hits = (*page.hits, *(page.relaxed.hits if page.relaxed else ()))
    return any(topic in "".join(run.text for run in hit.title) for hit in hits)


async def timed(call: Callable[[int], Awaitable[object]], count: int) -> dict[str, float]:
    """Milliseconds of a call: median and 95th percentile, on the clock and of the processor.

    The two differ by what other programs on the machine took meanwhile.
    """
    clock, processor = [], []
    for number in range(count):
        started, used = time.perf_counter(), time.process_time()
        await call(number)
        clock.append((time.perf_counter() - started) * 1000)
        processor.append((time.process_time() - used) * 1000)
    return {
        "p50 ms": statistics.median(clock),
        "p95 ms": statistics.quantiles(clock, n=20)[-1],
        "p95 CPU ms": statistics.quantiles(processor, n=20)[-1],
    }


def typical_queries(queries: Sequence[str], chance: random.Random) -> list[Query]:
    """What people type: topics, with a grade or subject or without, names, pieces of text."""
    typed: list[str] = []
    for number in range(QUERIES):
        topic = chance.choice(TOPICS)
        typed.append(
            (
                topic,
                f"{chance.choice(GRADES)}{chance.choice(SUBJECTS)} {topic}",
                f"{topic} {chance.choice(KINDS)}",
                queries[number % len(queries)],
                f"{topic[:2]} {chance.choice(PHRASES)[:4]}",
                f"{chance.choice(GRADES)}{chance.choice(SUBJECTS)}",
            )[number % 6]
        )
    return [parse(text, VOCABULARY) for text in typed]


async def times(index: FtsIndex, queries: Sequence[str], chance: random.Random) -> dict[str, float]:
    typed = typical_queries(queries, chance)
    calls: dict[str, Callable[[int], Awaitable[object]]] = {
        "search, teacher": lambda n: index.search(typed[n], TEACHER),
        "search, province officer": lambda n: index.search(typed[n], PROVINCE_OFFICER),
        "filtered search, teacher": lambda n: index.search(
            typed[n], TEACHER, filters={"grade": ["七年级", "八年级"], "kind": ["课件"]}
        ),
        "browse, teacher": lambda _: index.search(parse(""), TEACHER),
        "browse, province officer": lambda _: index.search(parse(""), PROVINCE_OFFICER),
        "suggest, Chinese": lambda n: index.suggest(TOPICS[n % len(TOPICS)][: 1 + n % 3], TEACHER),
        "suggest, pinyin": lambda n: index.suggest(
            "".join(sounds.syllables(TOPICS[n % len(TOPICS)]))[: 2 + n % 6], TEACHER
        ),
    }
    figures: dict[str, float] = {}
    for name, call in calls.items():
        await timed(call, 5)
        taken = await timed(call, QUERIES)
        figures |= {f"{name}, {measure}": value for measure, value in taken.items()}
    return figures


def batches(documents: Sequence[Document], size: int) -> Iterator[Sequence[Document]]:
    for at in range(0, len(documents), size):
        yield documents[at : at + size]


async def measure(count: int) -> dict[str, float]:
    chance = random.Random(SEED + 1)
    made = world(count)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "search.db"
        index = FtsIndex(path)
        start = time.perf_counter()
        for batch in batches(made.documents, 1000):
            await index.upsert(batch)
        figures = {"indexed documents a second": count / (time.perf_counter() - start)}
        figures["index size, MB"] = path.stat().st_size / 1e6
        start = time.perf_counter()
        await index.search(parse(""), TEACHER)
        figures["first answer of a process, s"] = time.perf_counter() - start
        queries = substrings(made.documents, chance, SUBSTRINGS)
        figures |= await recall_and_precision(index, made, queries)
        figures |= await spelling_loss(index, queries)
        figures["known item, mean reciprocal rank"] = await known_items(index, made, chance)
        figures |= await by_sound(index, chance)
        figures |= await times(index, queries, chance)
        await index.close()
    return figures


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--documents", type=int, default=100_000)
    options.add_argument("--json", action="store_true", help="one object, for scripts")
    chosen = options.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})  # the bars are for one core
    figures = asyncio.run(measure(chosen.documents))
    if chosen.json:
        print(json.dumps(figures, ensure_ascii=False))
        return
    for name, value in figures.items():
        print(f"{name:40} {value:12.3f}")


if __name__ == "__main__":
    main()
