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
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import opencc

from search import sounds
from search import text as analysis
from search.fts import FtsIndex
from search.index import Document, Page
from search.query import Query, Vocabulary, parse

SEED = 20261124
QUERIES = 300

SUBJECTS = (
    "语文",
    "数学",
    "英语",
    "物理",
    "化学",
    "生物学",
    "历史",
    "地理",
    "道德与法治",
    "音乐",
    "美术",
)
KINDS = ("课堂实录", "教学案例", "管理制度", "学生评价", "激励制度", "活动方案", "课件", "教研成果")
GRADES = ("一年级", "二年级", "三年级", "四年级", "五年级", "六年级", "七年级", "八年级", "九年级")
EDITIONS = ("人教版（2024）", "湘教版（2024）", "北师大版", "统编版", "苏教版")
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
GIVEN = "敏之岭南雨禾志远思涵子墨晓燕建国文博海涛丽华春梅秋实明轩若曦浩然佳怡"
PLACES = "桐木溪 橘洲路 雁回路 云台溪 白沙 石鼓 岳麓 南湖 德山 芙蓉 澧水 沅江 资江 枫林 青山 花垣 凤凰 泸溪"
TOPICS = (
    "有理数的加法 一元一次方程 实际问题与方程 整式的加减 平行线的性质 勾股定理 二次函数的图象 概率初步 "
    "轴对称图形 圆的周长 分数乘法 小数除法 长方体的体积 百分数的应用 统计图表 荷塘月色 背影 岳阳楼记 "
    "桃花源记 醉翁亭记 春 济南的冬天 从百草园到三味书屋 皇帝的新装 口语交际 习作指导 古诗三首 光的折射 "
    "压强与浮力 欧姆定律 牛顿第一定律 热机效率 质量守恒定律 氧气的制取 酸碱中和反应 金属的化学性质 光合作用 "
    "细胞分裂 遗传与变异 生态系统 消化系统 鸦片战争 辛亥革命 五四运动 丝绸之路 改革开放 中国的河流 季风气候 "
    "板块运动 人口与环境 一般现在时 现在进行时 形容词比较级 过去分词 班级管理 考勤制度 校本研修 课后服务 "
    "运动会方案 安全演练 家校共育 心理健康教育 劳动教育实践 作业设计 分层教学 听课评课 师徒结对 同课异构"
).split()
PHRASES = (
    "引导学生观察并说出自己的发现 小组合作完成实验记录 教师巡视并及时点拨 用多媒体展示情境图片 "
    "让学生在具体情境中理解概念 通过例题归纳解题步骤 布置分层作业照顾不同水平 课堂小结时请学生复述要点 "
    "注意书写规范和单位换算 联系生活实际提出问题 组织学生交流展示成果 对学困生给予个别辅导 "
    "值日教师每天早晨检查到校情况 迟到早退三次以上按规定处理 评价以鼓励为主兼顾过程与结果 "
    "各年级组长负责汇总上报材料 活动开始前进行安全教育 裁判员由体育组教师担任 "
    "板书设计力求简洁突出重点 本节课的难点是建立等量关系 预习时完成导学案的前两题"
).split()
# Text that is not repeated: what makes posting lists long and bigrams many.
COMMON = (
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后"
    "多定行学法所民得经十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它"
    "合还因由其些然前外天政四日那社义事平形相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变"
    "条只没结解问意建月公无系军很情者最立代想已通并提直题党程展五果料象员革位入常文总次品式活设及管特件长求老头"
)


@dataclass(frozen=True)
class World:
    documents: list[Document]
    schools: list[str]


def world(count: int) -> World:
    """The corpus: a teacher's resources, published to everyone, regions, pairings and schools."""
    chance = random.Random(SEED)
    schools = _schools(chance, max(20, count // 100))
    authors = ["".join((chance.choice(SURNAMES), *chance.sample(GIVEN, 2))) for _ in range(4000)]
    made = [_document(chance, id, schools, authors) for id in range(1, count + 1)]
    return World(made, schools)


def _schools(chance: random.Random, count: int) -> list[str]:
    places = PLACES.split()
    names = dict[str, None]()
    while len(names) < count:
        kind = chance.choice(("中学", "完全小学", "中心小学", "实验学校"))
        number = chance.choice(("", "第一", "第二", "第三", "第四", "第五"))
        names[
            chance.choice(places) + chance.choice(GIVEN) + chance.choice(places) + number + kind
        ] = None
    return list(names)


def _document(
    chance: random.Random, id: int, schools: Sequence[str], authors: Sequence[str]
) -> Document:
    topic, subject, kind = chance.choice(TOPICS), chance.choice(SUBJECTS), chance.choice(KINDS)
    school = chance.randrange(len(schools))
    year = chance.randrange(2017, 2027)
    section = f"{chance.randrange(1, 12)}.{chance.randrange(1, 9)}"
    detail = "".join(chance.choices(COMMON, k=4))
    title = chance.choice(
        (
            f"{section} {topic}（第 {chance.randrange(1, 4)} 课时）{detail}",
            f"{topic}{kind}：{detail}",
            f"{subject}《{topic}》{detail}教学设计",
        )
    )
    made = datetime(year, 1, 1, tzinfo=UTC) + timedelta(minutes=chance.randrange(525_600))
    return Document(
        id=id,
        version=1,
        audience=_audience(chance, id, school),
        title=title,
        text=_text(chance, topic),
        author=chance.choice(authors),
        school=schools[school],
        created_at=made,
        published_at=made,
        views=int(chance.paretovariate(1.1)),
        facets={
            "kind": (kind,),
            "stage": (chance.choice(("小学", "初中", "高中")),),
            "grade": (chance.choice(GRADES),),
            "subject": (subject,),
            "edition": (chance.choice(EDITIONS),),
            "unit": (f"第{chance.choice('一二三四五六七八九十')}章 {topic}",),
            "school": (schools[school],),
            "agreement": (str(school // 2),) if chance.random() < 0.4 else (),
            "year": (str(year),),
        },
    )


def _text(chance: random.Random, topic: str) -> str:
    sentences = []
    for _ in range(chance.randrange(4, 20)):
        rare = "".join(chance.choices(COMMON, k=chance.randrange(4, 12)))
        sentences.append(f"{chance.choice(PHRASES)}，{rare}。")
    sentences.insert(chance.randrange(len(sentences)), f"本课学习{topic}。")
    return "".join(sentences)


def _audience(chance: random.Random, id: int, school: int) -> frozenset[str]:
    tokens = {f"user:{id % 4000}", f"school:{school}"}
    drawn = chance.random()
    if drawn < 0.35:
        tokens.add("everyone")
    elif drawn < 0.65:
        tokens.add(f"region:{430000 + school % 150}")
    elif drawn < 0.8:
        tokens.add(f"agreement:{school // 2}")
    return frozenset(tokens)


TEACHER = frozenset(
    {"user:7", "school:12", "everyone", "region:430012", "region:430100", "region:430000"}
    | {f"agreement:{number}" for number in range(4, 8)}
)
PROVINCE_OFFICER = frozenset({"everyone"} | {f"region:{430000 + n}" for n in range(150)})

VOCABULARY = Vocabulary(
    {
        "grade": {grade: grade for grade in GRADES},
        "subject": {subject: subject for subject in SUBJECTS},
        "kind": {kind: kind for kind in KINDS},
    }
)


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


async def by_sound(index: FtsIndex, made: World, chance: random.Random) -> dict[str, float]:
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


async def timed(call: Callable[[int], Awaitable[object]], count: int) -> tuple[float, float]:
    """Median and 95th percentile of a call, in milliseconds."""
    taken = []
    for number in range(count):
        start = time.perf_counter()
        await call(number)
        taken.append((time.perf_counter() - start) * 1000)
    return statistics.median(taken), statistics.quantiles(taken, n=20)[-1]


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
        p50, p95 = await timed(call, QUERIES)
        figures[f"{name}, p50 ms"], figures[f"{name}, p95 ms"] = p50, p95
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
        queries = substrings(made.documents, chance, min(QUERIES, 100))
        figures |= await recall_and_precision(index, made, queries)
        figures |= await spelling_loss(index, queries)
        figures["known item, mean reciprocal rank"] = await known_items(index, made, chance)
        figures |= await by_sound(index, made, chance)
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
