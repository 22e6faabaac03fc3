"""A library of Chinese teaching resources to measure search on: seeded, the same in every run.

Titles are a topic with a few words of their own; texts are sentences from the classroom with
stretches of random common characters between, so that bigrams are as many as in real texts.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from search.index import Document
from search.query import Vocabulary

SEED = 20261124

_SUBJECTS = """
语文 数学 英语 物理 化学 生物学 历史 地理 道德与法治 音乐 美术
"""
_KINDS = """
课堂实录 教学案例 管理制度 学生评价 激励制度 活动方案 课件 教研成果
"""
_GRADES = """
一年级 二年级 三年级 四年级 五年级 六年级 七年级 八年级 九年级
"""
_EDITIONS = """
人教版（2024） 湘教版（2024） 北师大版 统编版 苏教版
"""
_PLACES = """
桐木溪 橘洲路 雁回路 云台溪 白沙 石鼓 岳麓 南湖 德山 芙蓉 澧水 沅江 资江 枫林 青山 花垣
凤凰 泸溪
"""
_TOPICS = """
有理数的加法 一元一次方程 实际问题与方程 整式的加减 平行线的性质 勾股定理 二次函数的图象
概率初步 轴对称图形 圆的周长 分数乘法 小数除法 长方体的体积 百分数的应用 统计图表 荷塘月色
背影 岳阳楼记 桃花源记 醉翁亭记 春 济南的冬天 从百草园到三味书屋 皇帝的新装 口语交际
习作指导 古诗三首 光的折射 压强与浮力 欧姆定律 牛顿第一定律 热机效率 质量守恒定律
氧气的制取 酸碱中和反应 金属的化学性质 光合作用 细胞分裂 遗传与变异 生态系统 消化系统
鸦片战争 辛亥革命 五四运动 丝绸之路 改革开放 中国的河流 季风气候 板块运动 人口与环境
一般现在时 现在进行时 形容词比较级 过去分词 班级管理 考勤制度 校本研修 课后服务 运动会方案
安全演练 家校共育 心理健康教育 劳动教育实践 作业设计 分层教学 听课评课 师徒结对 同课异构
"""
_PHRASES = """
引导学生观察并说出自己的发现 小组合作完成实验记录 教师巡视并及时点拨 用多媒体展示情境图片
让学生在具体情境中理解概念 通过例题归纳解题步骤 布置分层作业照顾不同水平
课堂小结时请学生复述要点 注意书写规范和单位换算 联系生活实际提出问题 组织学生交流展示成果
对学困生给予个别辅导 值日教师每天早晨检查到校情况 迟到早退三次以上按规定处理
评价以鼓励为主兼顾过程与结果 各年级组长负责汇总上报材料 活动开始前进行安全教育
裁判员由体育组教师担任 板书设计力求简洁突出重点 本节课的难点是建立等量关系
预习时完成导学案的前两题
"""
SUBJECTS, KINDS, GRADES, EDITIONS, PLACES, TOPICS, PHRASES = (
    tuple(words.split())
    for words in (_SUBJECTS, _KINDS, _GRADES, _EDITIONS, _PLACES, _TOPICS, _PHRASES)
)
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
GIVEN = "敏之岭南雨禾志远思涵子墨晓燕建国文博海涛丽华春梅秋实明轩若曦浩然佳怡"
# Text that is not repeated: it makes posting lists long and bigrams many.
COMMON = (
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下"
    "过子说产种面而方后多定行学法所民得经十三之进着等部度家电力里如水化高自二理起小物现实加量都"
    "两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平形相全表间样与关各重"
    "新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想"
    "已通并提直题党程展五果料象员革位入常文总次品式活设及管特件长求老头"
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
    names = dict[str, None]()
    while len(names) < count:
        kind = chance.choice(("中学", "完全小学", "中心小学", "实验学校"))
        number = chance.choice(("", "第一", "第二", "第三", "第四", "第五"))
        names[
            chance.choice(PLACES) + chance.choice(GIVEN) + chance.choice(PLACES) + number + kind
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
