"""What somebody else changed of a class while its form was filled in. The form hands back what it
showed: what she left as it was becomes what it is now, what she typed stays, and she reads both
before anything is saved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import parse_qsl, urlencode

from services.classes.booking.form import MANY, Values
from tongke.errors import Conflict, Text

# What is changed in one stroke. A period is the school's word for the times: another bell is no
# change of the class. Who is beside the pupils the partner says, and `untouched_teachers` keeps.
_TOGETHER: Final[Mapping[str, tuple[str, ...]]] = {
    "title": ("title",),
    "mode": ("mode",),
    "purpose": ("purpose",),
    "subject": ("subject",),
    "grade": ("grade",),
    "teacher": ("teacher",),
    "room": ("room",),
    "day": ("day", "begins", "ends"),
    "seat": ("seat",),
    "material": ("material",),
    "audience": ("audience",),
    "recording": ("rooms_seen", "rooms_heard"),
}
_CALLED: Final = {
    "title": Text("课题", "title"),
    "mode": Text("怎么上", "how it is held"),
    "purpose": Text("给谁上", "whom it is for"),
    "subject": Text("学科", "subject"),
    "grade": Text("年级", "grade"),
    "teacher": Text("主讲老师", "lead teacher"),
    "room": Text("主讲教室", "lead classroom"),
    "day": Text("上课时间", "time"),
    "seat": Text("听讲教室", "receiving classrooms"),
    "material": Text("课件", "materials"),
    "audience": Text("谁能看", "who may watch"),
    "recording": Text("录像规则", "recording"),
}
BOTH = Text(
    "这一项刚才也改过了；这里是你填的，保存后以它为准",
    "This was changed meanwhile, too; here is what you typed, and it holds once you save",
)
_BOTH_TITLE = Text(
    "课题刚才已经改成“{title}”；这里是你填的，保存后以它为准",
    "The title became “{title}” meanwhile; here is what you typed, and it holds once you save",
)
_BOTH_TIMES = Text(
    "时间刚才已经改到 {day} {begins}—{ends}；这里是你填的，保存后以它为准",
    "It was moved to {day} {begins}–{ends} meanwhile; here is what you typed, and it holds once "
    "you save",
)


class ChangedMeanwhile(Conflict):
    """`values` are the form to go on with, `both` what was changed here and there, by field."""

    code = "class-changed-meanwhile"
    remedy = Text(
        "你没动的几项已经换成现在的，你填的都还在。请看一遍，再保存",
        "What you had left alone is as it is now, what you typed is there. Read it, then save",
    )

    def __init__(self, changed: Iterable[str], typed: Values, both: Mapping[str, Text]) -> None:
        super().__init__()
        names = [_CALLED[name] for name in changed]
        self.message = Text(
            f"你打开这一页以后，这节课已经改过：{'、'.join(name.zh for name in names)}",
            "Since you opened this page this class was changed: "
            + ", ".join(name.en for name in names),
        )
        self.typed = dict(typed)
        self.both = dict(both)


def as_shown(values: Values) -> str:
    """What a form shows of a class, for it to hand back."""
    return urlencode(_compared(values))


def must_be_as_shown(typed: Values, now: Values) -> None:
    """`typed` is the form as it came back, `now` as it would show the class today. Raises
    ChangedMeanwhile."""
    if "shown" not in typed:
        return
    shown = dict(parse_qsl(typed["shown"]))
    changed = [
        name
        for name in _TOGETHER
        if _kept(shown, name) != _kept(now, name) and _meant(typed, name) != _meant(now, name)
    ]
    if not changed:
        return
    merged, both = dict(typed), {}
    for name in changed:
        if _meant(typed, name) == _meant(shown, name):
            _take(merged, now, name)
        else:
            said = {"day": _BOTH_TIMES, "title": _BOTH_TITLE}.get(name, BOTH)
            both[name] = said.format(**now)
    raise ChangedMeanwhile(changed, merged | _newly_seated(typed, now), both)


def _compared(values: Values) -> dict[str, str]:
    names = [name for together in _TOGETHER.values() for name in together]
    return {name: value for name in (*names, "period") if (value := values.get(name, ""))}


def _kept(values: Values, name: str) -> list[object]:
    return [_read(values, each) for each in _TOGETHER[name]]


def _meant(values: Values, name: str) -> list[object]:
    """What a form says by it: of a class that is held by the bell the times of the clock stand in
    it unseen, as they were before."""
    if name == "day" and values.get("period"):
        return [_read(values, "day"), _read(values, "period")]
    return _kept(values, name)


def _read(values: Values, name: str) -> object:
    text = values.get(name, "")
    return frozenset(text.split()) if name in MANY else text


def _take(merged: dict[str, str], now: Values, name: str) -> None:
    for each in (*_TOGETHER[name], *(("period",) if name == "day" else ())):
        merged.pop(each, None)
        if each in now:
            merged[each] = now[each]


def _newly_seated(typed: Values, now: Values) -> dict[str, str]:
    """Who is beside the pupils of the rooms that the form did not have."""
    had = {name: who for name, who in now.items() if name.startswith("had-") and name not in typed}
    beside = {name.removeprefix("had-"): who for name, who in had.items()}
    return had | {name: typed.get(name) or who for name, who in beside.items()}
