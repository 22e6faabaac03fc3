"""The words of the classes: what state they are in, and what is refused."""

from __future__ import annotations

from enum import StrEnum

from tongke.errors import Conflict, Forbidden, Text


class State(StrEnum):
    BOOKED = "booked"
    RUNNING = "running"
    ENDED = "ended"
    CANCELLED = "cancelled"


class Purpose(StrEnum):
    LESSON = "lesson"
    # Of teachers (教师同步研修): they are its class.
    TRAINING = "training"


class SeatState(StrEnum):
    ASKED = "asked"
    CONFIRMED = "confirmed"
    DECLINED = "declined"


class NotYourClass(Forbidden):
    code = "not-your-class"
    message = Text("只有主讲老师能做这一步", "Only its lead teacher may do this")
    remedy = Text("请主讲老师登录后再做", "Ask the lead teacher to sign in and do it")


class ClassRuns(Conflict):
    code = "class-runs"
    message = Text("这节课正在上", "This class is running")
    remedy = Text("要停下来就下课，别的等下课以后再改", "End it to stop it; change it afterwards")


class ClassOver(Conflict):
    code = "class-over"
    message = Text("这节课已经结束或取消", "This class has ended or was cancelled")
    remedy = Text("要再上一次，请另约一节", "To hold it again, book another")
