"""A browser's User-Agent in words a person recognises their own device by.

Only as good as needed to tell "the phone" from "the computer in the office": a wrong guess in a
list of sign-ins costs nothing, so there is no table of devices to keep up.
"""

from __future__ import annotations

from tongke.errors import Text

# The first that occurs names it: Edge and WeChat call themselves Chrome as well, Chrome Safari.
BROWSERS = (
    ("MicroMessenger", Text("微信", "WeChat")),
    ("DingTalk", Text("钉钉", "DingTalk")),
    ("Edg", Text("Edge", "Edge")),
    ("QQBrowser", Text("QQ 浏览器", "QQ Browser")),
    ("Firefox", Text("Firefox", "Firefox")),
    ("Chrome", Text("Chrome", "Chrome")),
    ("Safari", Text("Safari", "Safari")),
)
SYSTEMS = (
    ("HarmonyOS", Text("鸿蒙", "HarmonyOS")),
    ("Android", Text("安卓", "Android")),
    ("iPhone", Text("iPhone", "iPhone")),
    ("iPad", Text("iPad", "iPad")),
    ("Windows", Text("Windows 电脑", "Windows")),
    ("Macintosh", Text("苹果电脑", "Mac")),
    ("Linux", Text("Linux 电脑", "Linux")),
)
PROGRAM = Text("程序", "A program")


def device(user_agent: str) -> Text:
    """`Windows 电脑 · Edge`; what tells nothing of itself is a program."""
    found = [
        next((name for mark, name in table if mark in user_agent), None)
        for table in (SYSTEMS, BROWSERS)
    ]
    named = [name for name in found if name is not None]
    if not named:
        return PROGRAM
    return Text(" · ".join(n.zh for n in named), " · ".join(n.en for n in named))
