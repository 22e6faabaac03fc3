"""Short answers that are the same, and those that are not."""

from __future__ import annotations

import pytest
from hypothesis import given as examples
from hypothesis import strategies as st

from tongke.live.quiz import Given, Question, QuestionKind
from tongke.live.scoring import is_right
from tongke.live.wording import fold

MARKS = "。．.！!？?；;，,、…｡"
PAIRS = ("“”", "‘’", "「」", "『』", "《》", "〈〉", '""', "''", "＂＂", "｢｣")
ENCLOSING = "".join(PAIRS)
# What pupils write: a word of Chinese, a figure, a formula, with marks and quotes anywhere.
WRITTEN = st.text(st.sampled_from("一览山x3aX²-=+ 　()" + MARKS + ENCLOSING) | st.characters())


@pytest.mark.parametrize(
    ("one", "other"),
    [("ｘ＝３", "x=3"), ("X = 3", "x=3"), ("桐　木 溪", "桐木溪"), ("−5", "-5"), ("－5", "-5")],
)
def test_width_case_and_space_make_no_other_answer(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("一览众山小。", "一览众山小"),
        ("一览众山小 ！？", "一览众山小"),
        ("会当凌绝顶，一览众山小。", "会当凌绝顶,一览众山小"),
        ("《望岳》", "望岳"),
        ("“《望岳》”。", "望岳"),
        ("“望岳。”", "望岳"),
        ("3.5。", "3.5"),
        ("３．５．", "3.5"),
        ("5!。", "5!"),
        ("Yes!", "yes"),
    ],
)
def test_marks_that_close_or_enclose_it_make_no_other_answer(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("x²", "x2"),
        ("½", "1/2"),
        ("x", "×"),
        ("3.5", "35"),
        ("5!", "5"),
        ("n！", "n"),
        ("0.3…", "0.3"),
        ("0.333...", "0.333"),
        ("1,2,3,…", "1,2,3"),
        ("(0,1)", "[0,1]"),
        ("？", "！"),
        ("……", "。"),
        ("《》", "“”"),
        ("《望岳》和《春望》", "望岳》和《春望"),
    ],
)
def test_another_meaning_stays_another_answer(one: str, other: str) -> None:
    assert fold(one) != fold(other)


@examples(WRITTEN)
def test_folding_twice_is_folding_once(words: str) -> None:
    assert fold(fold(words)) == fold(words)


@examples(WRITTEN)
def test_nothing_is_left_of_a_blank_answer_alone(words: str) -> None:
    assert bool(fold(words)) == bool(words.strip())


@examples(WRITTEN, st.text(st.sampled_from("。？?；;，,、｡"), max_size=3), st.sampled_from(PAIRS))
def test_however_an_answer_is_closed_or_enclosed_it_is_the_same(
    words: str, closing: str, pair: str
) -> None:
    words = "一" + "".join(c for c in words if c not in ENCLOSING)
    assert fold(words + closing) == fold(words)
    assert fold(pair[0] + words + pair[1]) == fold(words)


@examples(st.text("0123456789", min_size=1), st.text("0123456789", min_size=1))
def test_the_point_within_a_number_stays(whole: str, fraction: str) -> None:
    assert fold(f"{whole}．{fraction}。") == f"{whole}.{fraction}"


def test_a_pupil_who_writes_a_full_stop_is_right() -> None:
    asked = Question(kind=QuestionKind.SHORT, text="下一句？", right=("一览众山小",))
    assert is_right(asked, Given("device:1", "1", ("一览众山小。",), 0))
    assert not is_right(asked, Given("device:2", "1", ("一览众山。",), 0))
