"""Who may do what in a class, when, and who learns of it: one table, and what a refusal says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from tongke.errors import Conflict, Forbidden, NotFound, Text
from tongke.live.bodies import FILLED_IN, Known, command
from tongke.live.vocabulary import Phase, Role


class NotYoursToDo(Forbidden):
    code = "not-yours-in-class"
    message = Text("课堂里你不能做这一步", "This is not yours to do in the class")
    remedy = Text("请主讲老师来做", "Ask the lead teacher to do it")


class NotAdmitted(Forbidden):
    code = "not-admitted"
    message = Text("还没有请这间教室进来", "This room has not been admitted")
    remedy = Text("等主讲老师请你们进来", "Wait until the lead teacher admits it")


class NotArrived(Conflict):
    code = "not-arrived"
    message = Text("你还没有进到这场研修里", "You are not in this training yet")
    remedy = Text("请刷新页面再试", "Load the page again")


class NotBegun(Conflict):
    code = "class-not-begun"
    message = Text("还没有上课", "The class has not begun")
    remedy = Text("等主讲老师点“开始上课”", "Wait until the lead teacher begins it")


class HasEnded(Conflict):
    code = "class-has-ended"
    message = Text("已经下课了", "The class has ended")
    remedy = Text("可以去资源库看回放", "Its recording is in the library")


class NoSuchRoom(NotFound):
    code = "no-such-room"
    message = Text("这节课里没有这间教室", "This class has no such room")
    remedy = Text("照名单上的教室再选一次", "Choose again among the rooms of the list")


class RoomAway(Conflict):
    code = "room-away"
    message = Text("这间教室不在线", "This room is not connected")
    remedy = Text("等它连上再请发言", "Call it up once it is back")


class NoSuchQuiz(NotFound):
    code = "no-such-quiz"
    message = Text("这节课里没有这道题", "This class has no such question")
    remedy = Text("请重新出题", "Ask it as a new question")


class QuizStillOpen(Conflict):
    code = "quiz-still-open"
    message = Text("上一道题还在作答", "The question before is still open")
    remedy = Text("先停止作答，再出下一道", "Close it first, then ask the next")


class QuizClosed(Conflict):
    code = "quiz-closed"
    message = Text("这道题已停止作答", "Answering has been closed")
    remedy = Text("要再答一次，请重新出题", "Ask it again as a new question")


class StrokeBroken(Conflict):
    code = "stroke-broken"
    message = Text("这一笔中间少了一段", "Part of this stroke is missing")
    remedy = Text("从头再发这一笔", "Send the stroke again from its beginning")


class Rule(NamedTuple):
    """Who may ask for it, when, who learns of it, and who learns of it in their own room alone, or
    of themselves. Rooms and their teachers may only ever ask for their own room, a trainee for
    herself."""

    may: frozenset[Role]
    when: frozenset[Phase]
    learn: frozenset[Role]
    own: frozenset[Role] = frozenset()


HERE: Final = frozenset({Role.ROOM, Role.TEACHER})
TEACHERS: Final = frozenset({Role.LEAD, Role.TEACHER})
WATCH: Final = frozenset({Role.LEAD, Role.OBSERVER})
# Of them the lead knows each, and each herself.
KNOW_TRAINEES: Final = frozenset({Role.LEAD, Role.TRAINEE})
_LEAD = frozenset({Role.LEAD})
# Whose coming and going is a fact of the lesson. That of observers is none (`presence`).
COMES_AND_GOES: Final = frozenset({Role.LEAD, Role.ROOM})
_SERVER = frozenset({Role.SERVER})
_ROOM = frozenset({Role.ROOM})
_DEVICE = frozenset({Role.DEVICE})
_TRAINEE = frozenset({Role.TRAINEE})
_OBSERVER = frozenset({Role.OBSERVER})
_CLASS = WATCH | HERE | _TRAINEE
_ALL = _CLASS | _DEVICE
_ANY = frozenset(Phase)
_OPEN = frozenset({Phase.WAITING, Phase.RUNNING})
_LESSON = frozenset({Phase.RUNNING})
_BEGUN = frozenset({Phase.RUNNING, Phase.ENDED})

RULES: Final[Mapping[str, Rule]] = {
    "prepare": Rule(_SERVER, _OPEN, WATCH),
    "begin": Rule(_LEAD, _OPEN, _ALL),
    "end": Rule(_LEAD | _SERVER, _BEGUN, _ALL),
    "publisher": Rule(_SERVER, _ANY, _CLASS),
    "delay": Rule(_SERVER, _OPEN, _ALL),
    "join": Rule(COMES_AND_GOES, _OPEN, WATCH, HERE),
    "leave": Rule(COMES_AND_GOES, _ANY, WATCH, HERE),
    # Colleagues do not learn who else sits at a desk, nor does who observes.
    "arrive": Rule(_SERVER, _OPEN, _LEAD, _TRAINEE),
    "depart": Rule(_SERVER, _OPEN, _LEAD, _TRAINEE),
    "hand_up": Rule(_TRAINEE, _LESSON, _LEAD, _TRAINEE),
    "hand_down": Rule(_LEAD | _TRAINEE, _LESSON, _LEAD, _TRAINEE),
    "admit": Rule(_LEAD, _OPEN, _CLASS),
    "remove": Rule(_LEAD, _OPEN, _CLASS),
    "mute": Rule(_LEAD, _OPEN, WATCH, HERE),
    "call_up": Rule(_LEAD, _LESSON, _CLASS),
    "sit_down": Rule(_LEAD, _LESSON, _CLASS),
    "raise_hand": Rule(HERE, _LESSON, WATCH, HERE),
    "lower_hand": Rule(_LEAD | HERE, _LESSON, WATCH, HERE),
    "head_count": Rule(_LEAD | HERE, _OPEN, WATCH, HERE),
    "line": Rule(_ROOM, _OPEN, WATCH, HERE),
    "mode": Rule(_ROOM, _OPEN, WATCH, HERE),
    "roll_call": Rule(_LEAD, _OPEN, _CLASS),
    "layout": Rule(_LEAD, _OPEN, _CLASS),
    "slide": Rule(_LEAD, _OPEN, _CLASS),
    "stroke": Rule(_LEAD, _OPEN, _CLASS),
    "undo_stroke": Rule(_LEAD, _OPEN, _CLASS),
    "clear_board": Rule(_LEAD, _OPEN, _CLASS),
    "spotlight": Rule(_LEAD, _OPEN, _CLASS),
    "timer": Rule(_LEAD, _LESSON, _CLASS),
    "open_quiz": Rule(_LEAD, _LESSON, _ALL),
    "extend_quiz": Rule(_LEAD, _LESSON, _ALL),
    "close_quiz": Rule(_LEAD, _LESSON, _ALL),
    "show_answer": Rule(_LEAD, _LESSON, _ALL),
    # What was given in time may arrive after the bell.
    "answer": Rule(_ROOM | _DEVICE, _BEGUN, WATCH, HERE | _DEVICE),
    "text": Rule(TEACHERS, _OPEN, TEACHERS),
    # The lead reads them when the class is over: until then nothing tells her that it is observed.
    "note": Rule(_OBSERVER | _TRAINEE, _LESSON, _OBSERVER, _TRAINEE),
    "erase_note": Rule(_OBSERVER | _TRAINEE, _LESSON, _OBSERVER, _TRAINEE),
}

# What Tongke says, of itself or of whom it concerns: nobody asks for it. That a room is there is
# known by its line alone.
OWN_WORDS: Final = frozenset(
    {"join", "leave", *(kind for kind, rule in RULES.items() if rule.may == _SERVER)}
)


def asked(role: Role, kind: object, said: Mapping[str, object]) -> Known:
    """What somebody asks for over a line. What is not theirs to ask is not looked at.

    Raises:
        NotYoursToDo: Tongke's own word, or another role's. Invalid: not one of the bodies.
    """
    name = kind if isinstance(kind, str) else ""
    rule = RULES.get(name)
    if rule is not None and (name in OWN_WORDS or role not in rule.may):
        raise NotYoursToDo
    unread = FILLED_IN.get(name, frozenset())
    read = {field: value for field, value in said.items() if field not in unread}
    return command({**read, "kind": name})
