"""tus 1.0.0 as its text has it, request by request."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from multidict import CIMultiDict

from services.upload.protocol import (
    BODY_TYPE,
    Append,
    Command,
    Create,
    Discover,
    Offer,
    Report,
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
    within,
)
from services.upload.refusals import (
    BodyTooLong,
    MalformedHeader,
    UnsupportedMethod,
    UnsupportedVersion,
    UploadExpired,
    UploadFinished,
    UploadTooLarge,
    WrongContentType,
)
from tongke.errors import NotFound
from tongke.storage.objects.errors import ObjectBusy, WrongOffset

OFFER = Offer(max_bytes=1000)
NOW = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)
EXPIRES = NOW + timedelta(days=7)


def upload(offset: int = 0, length: int = 100, *, finished: bool = False) -> Upload:
    return Upload(length, offset, EXPIRES, "title 6K++", finished)


def asked(method: str, version: str | None = "1.0.0", **headers: str) -> Command:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if version is not None:
        named["Tus-Resumable"] = version
    return interpret(method, named, OFFER)


def patched(offset: int, body_bytes: int | None = None) -> Append:
    return Append(offset, body_bytes)


class TestInterpret:
    def test_options_needs_no_version(self) -> None:
        assert asked("OPTIONS", version=None) == Discover()
        assert asked("OPTIONS", version="0.2.2") == Discover()

    @pytest.mark.parametrize("method", ["POST", "HEAD", "PATCH", "DELETE"])
    @pytest.mark.parametrize("version", [None, "", "0.2.2", "1.0", "1.0.1"])
    def test_another_version_is_refused_before_anything_else(
        self, method: str, version: str | None
    ) -> None:
        with pytest.raises(UnsupportedVersion) as refusal:
            asked(method, version)
        response = refused(refusal.value)
        assert response.status == 412
        assert response.headers["Tus-Version"] == "1.0.0"

    @pytest.mark.parametrize("method", ["GET", "PUT", "TRACE"])
    def test_other_methods_are_refused_with_those_allowed(self, method: str) -> None:
        with pytest.raises(UnsupportedMethod) as refusal:
            asked(method)
        response = refused(refusal.value)
        assert response.status == 405
        assert response.headers["Allow"] == "OPTIONS, POST, HEAD, PATCH, DELETE"

    def test_the_method_can_be_overridden(self) -> None:
        assert asked("POST", X_HTTP_Method_Override="DELETE") == Terminate()
        assert asked("POST", X_HTTP_Method_Override="head") == Report()
        with pytest.raises(UnsupportedMethod):
            asked("PATCH", X_HTTP_Method_Override="GET")

    def test_the_case_of_header_names_does_not_matter(self) -> None:
        headers = {"tus-resumable": "1.0.0", "UPLOAD-LENGTH": "5"}
        assert interpret("POST", headers, OFFER) == Create(5, {}, "", carries_body=False)

    def test_a_header_that_comes_twice_is_refused(self) -> None:
        headers = CIMultiDict([("Tus-Resumable", "1.0.0"), ("Upload-Length", "5")])
        headers.add("Upload-Length", "6")
        with pytest.raises(MalformedHeader, match="Upload-Length"):
            interpret("POST", headers, OFFER)

    def test_other_headers_may_come_twice(self) -> None:
        headers = CIMultiDict([("Tus-Resumable", "1.0.0"), ("Cookie", "a"), ("Cookie", "b")])
        assert interpret("HEAD", headers, OFFER) == Report()


class TestCreation:
    def test_length_and_metadata(self) -> None:
        header = "filename bGVzc29uLm1wNA==,kind bGVzc29u,draft"
        command = asked("POST", Upload_Length="100", Upload_Metadata=header, Content_Length="0")
        metadata = {"filename": "lesson.mp4", "kind": "lesson", "draft": ""}
        assert command == Create(100, metadata, header, carries_body=False)

    @pytest.mark.parametrize("length", ["", "-1", "1.0", "0x10", " ", "+5", "१२", "9" * 19])
    def test_a_length_that_is_no_number_is_malformed(self, length: str) -> None:
        with pytest.raises(MalformedHeader, match="Upload-Length") as refusal:
            asked("POST", Upload_Length=length)
        assert refused(refusal.value).status == 400

    def test_the_length_must_be_told(self) -> None:
        with pytest.raises(MalformedHeader, match="Upload-Length"):
            asked("POST")

    @pytest.mark.parametrize(
        "header", [{"Upload_Defer_Length": "1"}, {"Upload_Concat": "partial", "Upload_Length": "5"}]
    )
    def test_what_is_not_offered_is_refused(self, header: dict[str, str]) -> None:
        with pytest.raises(MalformedHeader, match="not offered"):
            asked("POST", **header)

    def test_the_largest_size_is_taken_and_no_more(self) -> None:
        assert isinstance(asked("POST", Upload_Length="1000"), Create)
        with pytest.raises(UploadTooLarge) as refusal:
            asked("POST", Upload_Length="1001")
        assert refused(refusal.value).status == 413

    def test_a_body_may_come_along(self) -> None:
        command = asked("POST", Upload_Length="5", Content_Type=BODY_TYPE, Content_Length="5")
        assert isinstance(command, Create)
        assert command.carries_body
        chunked = {"Transfer_Encoding": "chunked", "Content_Type": BODY_TYPE + "; x=y"}
        command = asked("POST", Upload_Length="5", **chunked)
        assert isinstance(command, Create)
        assert command.carries_body

    @pytest.mark.parametrize("framing", [{"Content_Length": "5"}, {"Transfer_Encoding": "chunked"}])
    def test_a_body_of_another_kind_is_refused(self, framing: dict[str, str]) -> None:
        with pytest.raises(WrongContentType) as refusal:
            asked("POST", Upload_Length="5", Content_Type="video/mp4", **framing)
        assert refused(refusal.value).status == 415

    def test_a_body_longer_than_the_upload_is_refused(self) -> None:
        with pytest.raises(BodyTooLong):
            asked("POST", Upload_Length="5", Content_Type=BODY_TYPE, Content_Length="6")

    def test_the_answer_names_the_upload_and_when_it_expires(self) -> None:
        command = Create(100, {}, "", carries_body=False)
        assert created(command, upload(), "/api/v1/uploads/7").headers == {
            "Tus-Resumable": "1.0.0",
            "Location": "/api/v1/uploads/7",
            "Upload-Expires": "Sun, 08 Mar 2026 08:30:00 GMT",
        }

    def test_the_answer_to_a_body_tells_the_offset(self) -> None:
        command = Create(100, {}, "", carries_body=True)
        response = created(command, upload(40), "/u")
        assert (response.status, response.headers["Upload-Offset"]) == (201, "40")


class TestPatch:
    def test_offset_and_size_of_the_body(self) -> None:
        patch = {"Content_Type": BODY_TYPE, "Upload_Offset": "70"}
        assert asked("PATCH", **patch, Content_Length="30") == patched(70, 30)
        assert asked("PATCH", **patch, Transfer_Encoding="chunked") == patched(70)
        assert asked("PATCH", **patch) == patched(70, 0)

    @pytest.mark.parametrize("content_type", ["", "application/octet-stream", "text/plain"])
    def test_another_content_type_is_refused(self, content_type: str) -> None:
        with pytest.raises(WrongContentType) as refusal:
            asked("PATCH", Content_Type=content_type, Upload_Offset="0")
        assert refused(refusal.value).status == 415

    def test_the_offset_must_be_told(self) -> None:
        with pytest.raises(MalformedHeader, match="Upload-Offset"):
            asked("PATCH", Content_Type=BODY_TYPE)

    @pytest.mark.parametrize("offset", [0, 69, 71, 101])
    def test_another_offset_conflicts(self, offset: int) -> None:
        with pytest.raises(WrongOffset) as refusal:
            admit(patched(offset), upload(70), NOW)
        assert refused(refusal.value).status == 409

    def test_a_body_must_fit(self) -> None:
        assert admit(patched(70, 30), upload(70), NOW) == upload(70)
        with pytest.raises(BodyTooLong) as refusal:
            admit(patched(70, 31), upload(70), NOW)
        assert refused(refusal.value).status == 413

    def test_nothing_more_at_the_end_is_fine(self) -> None:
        assert admit(patched(100, 0), upload(100, finished=True), NOW).complete

    def test_the_answer_tells_the_new_offset(self) -> None:
        assert appended(upload(70).at(90)).headers == {
            "Tus-Resumable": "1.0.0",
            "Upload-Offset": "90",
            "Upload-Expires": "Sun, 08 Mar 2026 08:30:00 GMT",
        }

    async def test_a_body_of_untold_size_is_cut_off_where_it_does_not_fit(self) -> None:
        async def body() -> AsyncIterator[bytes]:
            for chunk in (b"ab", b"cd", b"e"):
                yield chunk

        assert [chunk async for chunk in within(body(), 5)] == [b"ab", b"cd", b"e"]
        taken = []
        with pytest.raises(BodyTooLong):
            async for chunk in within(body(), 4):
                taken.append(chunk)  # noqa: PERF401 (a comprehension would be lost with the error)
        assert taken == [b"ab", b"cd"]


class TestHead:
    def test_it_tells_all_and_is_never_cached(self) -> None:
        response = reported(admit(asked("HEAD"), upload(70), NOW))
        assert response.status == 200
        assert response.headers == {
            "Tus-Resumable": "1.0.0",
            "Upload-Offset": "70",
            "Upload-Length": "100",
            "Upload-Metadata": "title 6K++",
            "Upload-Expires": "Sun, 08 Mar 2026 08:30:00 GMT",
            "Cache-Control": "no-store",
        }

    def test_a_complete_upload_expires_no_more(self) -> None:
        assert "Upload-Expires" not in reported(upload(100)).headers
        assert "Upload-Expires" not in appended(upload(100)).headers

    def test_what_is_complete_needs_finishing_once(self) -> None:
        assert not upload(99).needs_finishing
        assert upload(100).needs_finishing
        assert upload(0, length=0).needs_finishing
        assert not upload(100, finished=True).needs_finishing


class TestGone:
    commands = pytest.mark.parametrize("command", [Report(), patched(70, 30), Terminate()])

    @commands
    def test_what_is_not_there_is_not_found(self, command: Command) -> None:
        with pytest.raises(NotFound) as refusal:
            admit(command, None, NOW)
        response = refused(refusal.value)
        assert response.status == 404
        assert "Upload-Offset" not in response.headers

    @commands
    def test_what_expired_is_gone(self, command: Command) -> None:
        admit(command, upload(70), EXPIRES - timedelta(microseconds=1))
        with pytest.raises(UploadExpired) as refusal:
            admit(command, upload(70), EXPIRES)
        assert refused(refusal.value).status == 410

    def test_what_is_complete_is_never_lost_to_the_clock(self) -> None:
        assert admit(Report(), upload(100), EXPIRES).needs_finishing

    def test_an_upload_can_be_terminated_until_it_is_finished(self) -> None:
        assert admit(asked("DELETE"), upload(100), NOW) == upload(100)
        assert terminated().status == 204
        with pytest.raises(UploadFinished) as refusal:
            admit(asked("DELETE"), upload(100, finished=True), NOW)
        assert refused(refusal.value).status == 409


def test_options_tells_what_is_offered() -> None:
    response = discovered(OFFER)
    assert response.status == 204
    assert response.headers == {
        "Tus-Resumable": "1.0.0",
        "Tus-Version": "1.0.0",
        "Tus-Extension": "creation,creation-with-upload,expiration,termination",
        "Tus-Max-Size": "1000",
    }


def test_a_locked_upload_is_423() -> None:
    response = refused(ObjectBusy())
    assert response.status == 423
    assert response.headers["Tus-Resumable"] == "1.0.0"
