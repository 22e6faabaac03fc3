"""How often anybody says something in one lesson: one table, and what a refusal says.

The log of a class is kept for good and read whole by whoever comes in, so nobody may fill it, its
lead neither: a program that speaks for her, or a line that flaps, harms every other class of the
service. Every kind that anybody can cause is bounded, by who says it and what it is about; each
bound is far above what a lesson needs. What only undoes another kind (a hand put down, a leaving)
happens no oftener than that, and has no bound of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from tongke.errors import Conflict, Text
from tongke.live.bodies import Answer, Known, OfRoom, OfTrainee
from tongke.live.ink import DrawnTooMuch
from tongke.live.vocabulary import Who

MINUTE_MS: Final = 60_000
# Past its bound somebody's coming is written down once in so long. It is half of what attendance
# calls a short gap, so who is there is soon seen to be there, and never called away meanwhile.
COMES_AGAIN_MS: Final = 30_000
# What a classroom may see changes with it, which every process is told.
LET_IN_AGAIN_MS: Final = 60_000
# What the lead does past its bound: her class goes on, its log hardly grows.
DONE_AGAIN_MS: Final = 5_000
# Of what Tongke sees change by itself, half of what comes and goes again.
CHANGES_AGAIN_MS: Final = 5_000


class CameTooOften(Conflict):
    code = "came-too-often"
    message = Text("这节课进出太多次了", "The line came and went too often in this class")
    remedy = Text("可以接着上课，稍后会重新记到课", "Go on; it is noted as present in a moment")


class ArrivedTooOften(Conflict):
    code = "arrived-too-often"
    message = Text("这节课进出太多次了", "You came and went too often in this class")
    remedy = Text("可以接着看，不再记到课", "Watch on; your coming is no longer kept")


class RaisedTooOften(Conflict):
    code = "raised-too-often"
    message = Text("这节课举手太多次了", "Your hand was raised too often in this class")
    remedy = Text("有话课后再说", "Say the rest after the class")


class CountedTooOften(Conflict):
    code = "counted-too-often"
    message = Text("这节课报人数太多次了", "Heads were counted too often in this class")
    remedy = Text("以最后一次报的人数为准", "The last count stands")


class SwitchedTooOften(Conflict):
    code = "switched-too-often"
    message = Text("这节课画面切换太多次了", "The picture was switched too often in this class")
    remedy = Text("可以接着上课，不再记下切换", "Go on; switching is no longer noted")


class LetInTooOften(Conflict):
    code = "let-in-too-often"
    message = Text("这间教室请进请出太多次了", "This room was let in and sent out too often")
    remedy = Text("等一分钟再请", "Let it in again in a minute")


class DoneTooOften(Conflict):
    code = "done-too-often"
    message = Text("这个操作这节课用得太频繁了", "This was done too often in this class")
    remedy = Text(
        "课照常上，过几秒可以再用一次", "Go on with the class; do it again in some seconds"
    )


class ChangedTooOften(Conflict):
    """Nobody asks for what is bounded so: it is tried again until it is taken."""

    code = "changed-too-often"
    message = Text("这节课里变动太多次了", "This has changed too often in this class")
    remedy = Text("不用操作，稍后会记下最后的情况", "Nothing to do: it is noted in a moment")


class NotesTooFast(Conflict):
    code = "notes-too-fast"
    message = Text("一分钟里记得太多了", "Too many notes in one minute")
    remedy = Text("歇一会儿再记", "Wait a little, then note it")


class TooManyNotes(Conflict):
    code = "too-many-notes"
    message = Text("这节课的听课记录写满了", "No more notes fit into this class")
    remedy = Text("接着写在听课评课表里", "Write the rest into the observation form")


class MessagesTooFast(Conflict):
    code = "messages-too-fast"
    message = Text("一分钟里发得太多了", "Too many messages in one minute")
    remedy = Text("歇一会儿再发", "Wait a little, then send it")


class TooManyMessages(Conflict):
    code = "too-many-messages"
    message = Text("这节课发的留言太多了", "No more messages fit into this class")
    remedy = Text("有话课后再说", "Say the rest after the class")


class AnsweredTooOften(Conflict):
    code = "answered-too-often"
    message = Text("这道题改得太多次了", "The answer was changed too often")
    remedy = Text("以最后一次的答案为准", "The last answer counts")


class Bound(NamedTuple):
    """`most` in a lesson. Of what is written by hand, also `a_minute`: what waited for a broken
    line comes all at once. `again_ms`: past `most` it is still taken, once in so long."""

    most: int
    refusal: type[Conflict]
    a_minute: int | None = None
    too_fast: type[Conflict] | None = None
    again_ms: int | None = None


BOUNDS: Final[Mapping[str, Bound]] = {
    # A line that breaks every five seconds through a lesson.
    "join": Bound(600, CameTooOften, again_ms=COMES_AGAIN_MS),
    # A line that breaks every ten seconds through a lesson.
    "arrive": Bound(300, ArrivedTooOften),
    # Hands, more than are seen.
    "hand_up": Bound(200, RaisedTooOften),
    "raise_hand": Bound(300, RaisedTooOften),
    # Typed perhaps twenty times.
    "head_count": Bound(100, CountedTooOften),
    # A room's picture grows and shrinks with its line, every few seconds at most.
    "line": Bound(600, SwitchedTooOften),
    "mode": Bound(600, SwitchedTooOften),
    # To one question: more than anybody changes their mind.
    "answer": Bound(10, AnsweredTooOften),
    # Of each room.
    "admit": Bound(60, LetInTooOften, 20, LetInTooOften, again_ms=LET_IN_AGAIN_MS),
    # Of each room, one every five seconds through three hours.
    "mute": Bound(2000, DoneTooOften, again_ms=DONE_AGAIN_MS),
    "call_up": Bound(2000, DoneTooOften, again_ms=DONE_AGAIN_MS),
    "roll_call": Bound(2000, DoneTooOften, again_ms=DONE_AGAIN_MS),
    "layout": Bound(2000, DoneTooOften, again_ms=DONE_AGAIN_MS),
    "slide": Bound(2000, DoneTooOften, again_ms=DONE_AGAIN_MS),
    "spotlight": Bound(2000, DoneTooOften, again_ms=DONE_AGAIN_MS),
    "timer": Bound(2000, DoneTooOften, again_ms=DONE_AGAIN_MS),
    # One every twenty seconds through three hours: each is some thousand characters.
    "open_quiz": Bound(500, DoneTooOften, again_ms=DONE_AGAIN_MS),
    "extend_quiz": Bound(2000, DoneTooOften, again_ms=DONE_AGAIN_MS),
    "show_answer": Bound(2000, DoneTooOften, again_ms=DONE_AGAIN_MS),
    # Ten a second through three hours, without a pause (`web/classroom/lead/pen.ts`). What they
    # bring is bounded as well (`ink`).
    "stroke": Bound(108_000, DrawnTooMuch),
    # An appliance, or her page, on a line that breaks every minute and a half.
    "publisher": Bound(100, ChangedTooOften, again_ms=CHANGES_AGAIN_MS),
    # It falls after twenty calm seconds at the earliest.
    "delay": Bound(300, ChangedTooOften, again_ms=CHANGES_AGAIN_MS),
    # One every five seconds through a lesson.
    "text": Bound(500, TooManyMessages, 30, MessagesTooFast),
    "note": Bound(500, TooManyNotes, 30, NotesTooFast),
}


def counted_as(by: Who, body: Known) -> str:
    """By which one and the same thing of one author is counted: a trainee's coming, which Tongke
    says, is her own; an answer is to its question, a head count of its room. What the lead asks is
    hers: she names as many questions as she likes."""
    match body:
        case OfTrainee(trainee=name) | OfRoom(room=name) | Answer(quiz=name):
            return f"{body.kind}/{name}/{by}"
    return f"{body.kind}/{by}"


def check(said_ms: Mapping[str, Sequence[int]], by: Who, body: Known, at: int) -> None:
    """Refuse what is more than enough for a lesson, or for a minute.

    Args:
        said_ms: When each thing was said so far, by `counted_as`; the server's clock, as `at`.
    """
    bound = BOUNDS.get(body.kind)
    if bound is None:
        return
    times = said_ms.get(counted_as(by, body), ())
    if len(times) >= bound.most and (bound.again_ms is None or at < times[-1] + bound.again_ms):
        raise bound.refusal
    if bound.a_minute is not None and bound.too_fast is not None:
        newest = times[-bound.a_minute :]
        if sum(each > at - MINUTE_MS for each in newest) >= bound.a_minute:
            raise bound.too_fast
