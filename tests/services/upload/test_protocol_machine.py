"""Any life of uploads, against a reference that is as simple as can be.

The machine plays clients that send a file in any pieces, lose the line anywhere, come at a wrong
place, ask, give up or wait too long. What the server keeps must be, at every moment, a beginning
of the file, of exactly the length it tells; and a finished upload must be the file.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from services.upload.protocol import (
    BODY_TYPE,
    Append,
    Create,
    Discover,
    Offer,
    Response,
    Terminate,
    Upload,
    admit,
    appended,
    created,
    discovered,
    interpret,
    refused,
    reported,
    terminated,
)
from tongke.errors import TongkeError

TUS = {"Tus-Resumable": "1.0.0"}
KEEP = timedelta(hours=1)
MAX_BYTES = 64


class Server:
    """What a handler does, with a dict for the disk; `sent` is how much of a body arrived."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, tzinfo=UTC)
        self.names = itertools.count()
        self.uploads: dict[str, Upload] = {}
        self.kept: dict[str, bytes] = {}
        self.resources: dict[str, bytes] = {}

    def answer(
        self, method: str, headers: dict[str, str], name: str = "", body: bytes = b"", lost: int = 0
    ) -> Response | None:
        """The response, or None when the line was lost before it could be sent."""
        try:
            return self._carry_out(method, headers, name, body[: len(body) - lost], bool(lost))
        except TongkeError as error:
            return refused(error)

    def _carry_out(
        self, method: str, headers: dict[str, str], name: str, arrived: bytes, lost: bool
    ) -> Response | None:
        command = interpret(method, TUS | headers, Offer(MAX_BYTES))
        if isinstance(command, Discover):
            return discovered(Offer(MAX_BYTES))
        if isinstance(command, Create):
            name = str(next(self.names))
            self.kept[name] = b""
            upload = Upload(command.length, 0, self.now + KEEP, command.metadata_header)
        else:
            upload = admit(command, self.uploads.get(name), self.now)
        if isinstance(command, Terminate):
            del self.uploads[name], self.kept[name]
            return terminated()
        self.kept[name] += arrived
        upload = upload.at(len(self.kept[name]))
        self.uploads[name] = upload
        if lost:
            return None
        if upload.needs_finishing:
            self.resources[name] = self.kept[name]
            upload = self.uploads[name] = replace(upload, finished=True)
        if isinstance(command, Create):
            return created(command, upload, name)
        return appended(upload) if isinstance(command, Append) else reported(upload)


@dataclass(eq=False)
class Sending:
    """What the reference knows of one file: how much of it must be kept, until when."""

    name: str
    file: bytes
    offset: int
    expires: datetime


class Uploads(RuleBasedStateMachine):
    sendings = Bundle("sendings")

    def __init__(self) -> None:
        super().__init__()
        self.server = Server()
        self.live: list[Sending] = []

    @rule(target=sendings, file=st.binary(max_size=MAX_BYTES), data=st.data())
    def create(self, file: bytes, data: st.DataObject) -> Sending:
        first = file[: data.draw(st.integers(0, len(file)))]
        headers = {"Upload-Length": str(len(file)), "Content-Length": str(len(first))}
        if first:
            headers["Content-Type"] = BODY_TYPE
        response = self.server.answer("POST", headers, body=first)
        assert response is not None
        assert response.status == 201
        assert response.headers.get("Upload-Offset", "0") == str(len(first))
        sending = Sending(response.headers["Location"], file, len(first), self.server.now + KEEP)
        self.live.append(sending)
        return sending

    @rule(length=st.integers(MAX_BYTES + 1, 10**18 - 1))
    def create_too_large(self, length: int) -> None:
        before = dict(self.server.uploads)
        response = self.server.answer("POST", {"Upload-Length": str(length)})
        assert response is not None
        assert response.status == 413
        assert self.server.uploads == before

    @rule(sending=sendings, size=st.integers(0, MAX_BYTES), data=st.data())
    def send(self, sending: Sending, size: int, data: st.DataObject) -> None:
        body = sending.file[sending.offset : sending.offset + size]
        lost = data.draw(st.integers(0, len(body)))
        response = self._patch(sending, sending.offset, body, lost)
        if self._gone(sending):
            self._expect(response, 410)
        elif lost:
            sending.offset += len(body) - lost
        else:
            sending.offset += len(body)
            assert self._expect(response, 204)["Upload-Offset"] == str(sending.offset)

    @rule(sending=sendings, offset=st.integers(0, MAX_BYTES))
    def send_at_another_place(self, sending: Sending, offset: int) -> None:
        if offset != sending.offset:
            response = self._patch(sending, offset, b"x", 0)
            self._expect(response, 410 if self._gone(sending) else 409)

    @rule(sending=sendings, excess=st.integers(1, 10))
    def send_more_than_announced(self, sending: Sending, excess: int) -> None:
        body = sending.file[sending.offset :] + b"x" * excess
        response = self._patch(sending, sending.offset, body, 0)
        self._expect(response, 410 if self._gone(sending) else 413)

    @rule(sending=sendings)
    def ask(self, sending: Sending) -> None:
        response = self.server.answer("HEAD", {}, sending.name)
        if self._gone(sending):
            assert "Upload-Offset" not in self._expect(response, 410)
        else:
            headers = self._expect(response, 200)
            assert headers["Upload-Offset"] == str(sending.offset)
            assert headers["Upload-Length"] == str(len(sending.file))
            assert ("Upload-Expires" in headers) == (sending.offset < len(sending.file))

    @rule(sending=consumes(sendings))
    def give_up(self, sending: Sending) -> None:
        finished = sending.name in self.server.resources
        response = self.server.answer("DELETE", {}, sending.name)
        if self._gone(sending):
            self._expect(response, 410)
        elif finished:
            self._expect(response, 409)
        else:
            self._expect(response, 204)
            self.live.remove(sending)
            self._expect(self.server.answer("HEAD", {}, sending.name), 404)

    @rule(minutes=st.integers(1, 40))
    def wait(self, minutes: int) -> None:
        self.server.now += timedelta(minutes=minutes)

    @invariant()
    def what_is_kept_is_a_beginning_of_the_file(self) -> None:
        for sending in self.live:
            assert self.server.kept[sending.name] == sending.file[: sending.offset]

    @invariant()
    def what_is_finished_is_the_file(self) -> None:
        files = {sending.name: sending.file for sending in self.live}
        assert all(files[name] == whole for name, whole in self.server.resources.items())

    def teardown(self) -> None:
        """Who asks once more about an upload that is complete finds it finished."""
        for sending in self.live:
            if sending.offset == len(sending.file):
                self._expect(self.server.answer("HEAD", {}, sending.name), 200)
                assert self.server.resources[sending.name] == sending.file

    def _patch(self, sending: Sending, offset: int, body: bytes, lost: int) -> Response | None:
        headers = {
            "Content-Type": BODY_TYPE,
            "Content-Length": str(len(body)),
            "Upload-Offset": str(offset),
        }
        return self.server.answer("PATCH", headers, sending.name, body, lost)

    def _gone(self, sending: Sending) -> bool:
        return sending.offset < len(sending.file) and self.server.now >= sending.expires

    def _expect(self, response: Response | None, status: int) -> dict[str, str]:
        assert response is not None
        assert response.status == status
        return dict(response.headers)


TestUploads = Uploads.TestCase
TestUploads.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
