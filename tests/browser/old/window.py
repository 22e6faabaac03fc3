"""A window of an old browser, as a person uses it: looks, clicks, types."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Coroutine
from typing import Any

from tests.browser.old.devtools import Devtools, Refused
from tests.browser.windows import SCREENS, SCREENSHOTS
from tests.waiting import until

Do = Callable[[Coroutine[Any, Any, Any]], Any]

# The middle of what is to be clicked, in pixels of the window; null while it is not there.
_MIDDLE = """(() => {
  const words = %s;
  const found = [...document.querySelectorAll(%s)].find((each) => each.textContent.includes(words));
  if (!found || !found.getClientRects().length) return null;
  found.scrollIntoView({ block: "center" });
  const { left, top, width, height } = found.getBoundingClientRect();
  return [left + width / 2, top + height / 2];
})()"""

# What is higher than any page: a fault of this browser's layout that hides all that is below.
_ENDLESS = """[...document.querySelectorAll("*")]
  .filter((each) => each.getBoundingClientRect().height > 100000)
  .map((each) => `${each.tagName} ${each.className} is endless`)"""


class Window:
    """Cookies and storage are its own. `do` runs what is asynchronous; `url` is the service's."""

    def __init__(self, do: Do, devtools: Devtools, url: str, screen: str = "classroom") -> None:
        self._do, self._devtools, self._url = do, devtools, url
        self._context = self._browser("Target.createBrowserContext")["browserContextId"]
        target = self._browser(
            "Target.createTarget", url="about:blank", browserContextId=self._context
        )["targetId"]
        self._window = self._browser("Target.attachToTarget", targetId=target, flatten=True)[
            "sessionId"
        ]
        self.errors: list[str] = []
        devtools.on(self._window, "Runtime.exceptionThrown", self._fail)
        width, height = SCREENS[screen]
        size = {"width": width, "height": height, "deviceScaleFactor": 1}
        self.ask("Runtime.enable")
        self.ask("Network.setExtraHTTPHeaders", headers={"Accept-Language": "zh-CN"})
        self.ask("Emulation.setDeviceMetricsOverride", mobile=screen == "phone", **size)
        self.ask("Emulation.setFocusEmulationEnabled", enabled=True)

    def ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self._do(
            self._devtools.ask(method, window=self._window, **parameters)
        )
        return answer

    def sign_in(self, session: str) -> None:
        """With the secret of a session."""
        self.ask("Network.setCookie", name="tongke", value=session, url=self._url, httpOnly=True)

    def go(self, path: str) -> None:
        self.ask("Page.navigate", url=self._url + path)
        self.until("document.readyState === 'complete'")

    def look(self, expression: str) -> Any:
        """The value of an expression, or of what it promises.

        Raises:
            Refused: it failed, or the page goes elsewhere at this moment.
        """
        found = self.ask(
            "Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True
        )
        if "exceptionDetails" in found:
            raise Refused(found["exceptionDetails"]["exception"].get("description", expression))
        return found["result"].get("value")

    def until(self, expression: str, what: str = "") -> Any:
        """Wait until an expression is true; its value."""

        def holds() -> Any:
            try:
                return self.look(expression)
            except Refused:
                return None

        return until(holds, 60, what or expression)

    def until_says(self, selector: str, words: str) -> None:
        """Wait until what is found there has these words."""
        said = f"document.querySelector({json.dumps(selector)}).textContent"
        self.until(f"{said}.includes({json.dumps(words)})", f"{selector} says {words}")

    def click(self, selector: str, words: str = "") -> None:
        """Click the first of these that has the words, once it is there."""
        x, y = self.until(
            _MIDDLE % (json.dumps(words), json.dumps(selector)), f"{selector} {words}"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.ask("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def type(self, selector: str, text: str) -> None:
        self.click(selector)
        self.ask("Input.insertText", text=text)

    def press(self, key: str, code: str = "") -> None:
        """A key by its name; a single character is typed."""
        named = {"key": key, "code": code or key}
        text = {"Enter": "\r"}.get(key, key if len(key) == 1 else "")
        self.ask("Input.dispatchKeyEvent", type="keyDown", text=text, **named)
        self.ask("Input.dispatchKeyEvent", type="keyUp", **named)

    def keep(self, name: str) -> None:
        """Keep a picture of it, to be looked at; what has no end on it is an error."""
        self.errors += self.look(_ENDLESS)
        SCREENSHOTS.mkdir(exist_ok=True)
        picture = base64.b64decode(self.ask("Page.captureScreenshot")["data"])
        (SCREENSHOTS / f"chromium86-{name}.png").write_bytes(picture)

    def close(self) -> None:
        self._browser("Target.disposeBrowserContext", browserContextId=self._context)

    def _browser(self, method: str, **parameters: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self._do(self._devtools.ask(method, **parameters))
        return answer

    def _fail(self, thrown: dict[str, Any]) -> None:
        details = thrown["exceptionDetails"]
        self.errors.append(details.get("exception", {}).get("description", details["text"]))
