"""What search finds: recall and precision against brute force, other spellings, known items."""

from __future__ import annotations

import random
import statistics
from collections.abc import Callable, Sequence

import opencc

from bench.search_corpus import COMMON, TEACHER, TOPICS, VOCABULARY, World
from search import sounds
from search import text as analysis
from search.index import Document, Page, SearchIndex
from search.query import Query, parse

KNOWN_ITEMS = 300
# A set that is larger is not walked to its last page: that would take minutes, and show no more.
MOST_WALKED = 1000


def visible(document: Document, tokens: frozenset[str]) -> bool:
    return not document.audience.isdisjoint(tokens)


async def everything(index: SearchIndex, query: Query, tokens: frozenset[str]) -> set[int]:
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
    index: SearchIndex, made: World, queries: Sequence[str]
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


async def spelling_loss(index: SearchIndex, queries: Sequence[str]) -> dict[str, float]:
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


async def known_items(index: SearchIndex, made: World, chance: random.Random) -> float:
    """Mean reciprocal rank of a resource that is looked for by what is remembered of its title."""
    seen = [d for d in made.documents if visible(d, TEACHER)]
    ranks = []
    for document in chance.sample(seen, min(KNOWN_ITEMS, len(seen))):
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


async def by_sound(index: SearchIndex, chance: random.Random) -> dict[str, float]:
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


async def agreement(
    one: SearchIndex, other: SearchIndex, phrases: Sequence[str], typed: Sequence[Query]
) -> dict[str, float]:
    """How far two engines answer the same: sets of phrases, and the first ten of what is typed."""
    same = shared = most = 0
    for phrase in phrases:
        query = parse(f'"{phrase}"')
        sets = [await everything(index, query, TEACHER) for index in (one, other)]
        same += sets[0] == sets[1]
    for query in typed:
        tops = [await index.search(query, TEACHER, limit=10) for index in (one, other)]
        first, second = ({hit.id for hit in page.hits} for page in tops)
        shared += len(first & second)
        most += max(len(first), len(second))
    return {
        "phrase sets that are identical": same / len(phrases),
        "top-10 overlap": shared / max(1, most),
    }
