"""Chinese: a poem of Du Fu's."""

from __future__ import annotations

from tongke.demo_library import figures
from tongke.demo_library.recording import Lesson
from tongke.demo_library.slides import Slide

GAZING = Lesson(
    seconds=16,
    foot="橘洲路中学　七年级语文",
    pitch_hz=190.0,
    seed=7,
    slides=(
        Slide("望岳", ("〔唐〕杜甫", "执教　橘洲路中学"), cover=True),
        Slide(
            "望岳",
            (
                "岱宗夫如何？齐鲁青未了。",
                "造化钟神秀，阴阳割昏晓。",
                "荡胸生曾云，决眦入归鸟。",
                "会当凌绝顶，一览众山小。",
            ),
            verse=True,
        ),
        Slide(
            "写这首诗的时候",
            (
                "杜甫二十四五岁，科举落第，漫游齐、赵。",
                "他还没有登上泰山，只是远远地*望*。",
                "诗里没有一个“望”字，句句在望。",
            ),
            figure=figures.mountain,
        ),
        Slide(
            "四“望”",
            (
                "*远望*　齐鲁青未了",
                "*近望*　造化钟神秀，阴阳割昏晓",
                "*细望*　荡胸生曾云，决眦入归鸟",
                "*想望*　会当凌绝顶，一览众山小",
            ),
        ),
        Slide(
            "炼字",
            (
                "“*钟*”：聚集。大自然把神奇和秀美都给了泰山，写得有情。",
                "“*割*”：山势高峻，像一把刀，把白天和黄昏割开。",
                "换成“聚”和“分”，还有这样的力量吗？",
            ),
        ),
        Slide(
            "读出气势",
            (
                "会当 / 凌绝顶，一览 / 众山小。",
                "“会当”：终当，定要。语气要*坚定*。",
                "不怕困难、敢于攀登，是年轻的杜甫，也可以是我们。",
            ),
        ),
        Slide(
            "写一写",
            ("站在八面山上，你望见了什么？", "用上今天学的远、近、细、想，写一段话。"),
        ),
    ),
)
