"""Every error that Tongke gives a person: one small tree.

Each has a stable `code` (what a program checks), an HTTP `status`, a message in both languages,
and what to do next. The faces turn them into a page or into RFC 9457 problem details; nothing
else in the tree knows HTTP.

Messages may hold `{names}`, filled from the keyword arguments the error is raised with.
"""

from __future__ import annotations

from typing import ClassVar, NamedTuple


class Text(NamedTuple):
    """One message in both languages of the interface."""

    zh: str
    en: str

    def format(self, **values: object) -> Text:
        return Text(self.zh.format(**values), self.en.format(**values))


class TongkeError(Exception):
    """The root. `message` says what is wrong, `remedy` what to do next."""

    code: ClassVar[str] = "internal"
    status: ClassVar[int] = 500
    message: Text = Text("系统出了问题", "Something went wrong on our side")
    remedy: Text = Text(
        "请稍后再试；若一直这样，请把页面上的编号告诉管理员",
        "Try again in a moment; if it stays, give your administrator the number on this page",
    )

    def __init__(self, **values: object) -> None:
        self.values = values
        self.message = type(self).message.format(**values)
        self.remedy = type(self).remedy.format(**values)
        super().__init__(f"{self.code}: {self.message.en}")


class NotSignedIn(TongkeError):
    code = "not-signed-in"
    status = 401
    message = Text("还没有登录", "You are not signed in")
    remedy = Text("请先登录", "Sign in first")


class Forbidden(TongkeError):
    """The thing may be seen, but this may not be done with it."""

    code = "forbidden"
    status = 403
    message = Text("你没有做这件事的权限", "You may not do this")
    remedy = Text("需要的话，请找本校管理员", "Ask your school administrator if you need to")


class NotFound(TongkeError):
    """Also for what exists but may not be seen: the two must not be told apart."""

    code = "not-found"
    status = 404
    message = Text("没有找到", "Not found")
    remedy = Text(
        "地址可能写错了，或者它不在你的可见范围内",
        "The address may be wrong, or it is not shared with you",
    )


class Conflict(TongkeError):
    code = "conflict"
    status = 409
    message = Text("它刚被别人改过", "Someone has changed it meanwhile")
    remedy = Text("请刷新后再试", "Reload and try again")


class Invalid(TongkeError):
    """Bad input. `fields` maps a field's name to what is wrong with it."""

    code = "invalid"
    status = 422
    message = Text("有几处填得不对", "Some fields are not right")
    remedy = Text("请照每一栏旁边的提示改正", "Correct them as each field says")

    def __init__(self, fields: dict[str, Text] | None = None, **values: object) -> None:
        super().__init__(**values)
        self.fields = fields or {}


class TooManyRequests(TongkeError):
    code = "too-many-requests"
    status = 429
    message = Text("试得太频繁了", "Too many attempts")
    remedy = Text("请等 {seconds} 秒再试", "Wait {seconds} seconds, then try again")


class Unavailable(TongkeError):
    """A part the service stands on does not answer; the caller may try again."""

    code = "unavailable"
    status = 503
    message = Text("{part}暂时连不上", "{part} cannot be reached")
    remedy = Text("请稍后再试，已经存好的内容不会丢", "Try again shortly; nothing stored is lost")


class Misconfigured(TongkeError):
    """Something that who runs the service has to change: starting again does not help."""

    code = "misconfigured"


class Unpublishable(TongkeError):
    """A file that cannot become a resource. Subclasses say why, in plain words."""

    code = "unpublishable"
    status = 422
    message = Text("这个文件不能用", "This file cannot be used")
    remedy = Text("请换一个文件", "Choose another file")
