"""The service as processes: up, alone, over HTTPS, and gone when it is told to go. That nothing
outlives one that was killed is shown in `test_demo`."""

from __future__ import annotations

import asyncio
import base64
import json
import signal
import socket
import ssl
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path
from urllib.error import URLError

import pytest

from tests.cli.conftest import Run, descendants, living, stop
from tests.databases import opened
from tests.sessions import writing
from tests.waiting import LIMIT_S, until
from tongke.cli import parts
from tongke.cli.certificates import issue
from tongke.cli.opening import LOCK_NAME
from tongke.people import sign_in
from tongke.people.accounts import RoleWanted, create_account
from tongke.people.audience import RoleName
from tongke.people.models import Region, School
from tongke.people.queries import viewer_of
from tongke.supervisor.part import Part

Start = Callable[..., subprocess.Popen[bytes]]

# Valkey, three workers, the scheduler, the web.
PARTS = 6


def ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=LIMIT_S) as answer:
            return bool(all(json.load(answer)["parts"].values()))
    except (URLError, ConnectionError, TimeoutError):
        return False


def test_one_command_starts_everything_and_ctrl_c_ends_it(
    start: Start, port: int, run: Run, tmp_path: Path
) -> None:
    process = start("serve")
    until(lambda: ready(port))
    assert len(descendants(process)) == PARTS
    until(lambda: niceness(process, "ladder") == niceness(process, "quick") + 10)
    until(lambda: are_well(run, "workers", "service", "bus"))
    # A second one on the same folder is refused, and harms nothing.
    assert start("serve").wait(60) == 78
    assert f"process {process.pid}" in (tmp_path / "output").read_text()
    # What dies comes back.
    web = next(child for child in descendants(process) if "--only" in child.cmdline())
    web.kill()
    until(lambda: not living([web]))
    until(lambda: ready(port))
    children = descendants(process)
    assert len(children) == PARTS
    assert stop(process, signal.SIGINT) == 0
    assert not living(children)


def niceness(process: subprocess.Popen[bytes], queue: str) -> int:
    worker = next(child for child in descendants(process) if queue in child.cmdline())
    return int(worker.nice())


def are_well(run: Run, *parts: str) -> bool:
    """What `tongke doctor` says of these."""
    checks = json.loads(run("doctor", "--json").stdout)["checks"]
    return {check["part"] for check in checks if check["state"] == "ok"} >= set(parts)


@pytest.mark.parametrize("words", [("serve",), ("serve", "--only", "web"), ("demo",)])
def test_a_port_that_is_taken_is_said_with_another(
    start: Start, run: Run, port: int, tmp_path: Path, words: tuple[str, ...]
) -> None:
    run("migrate")
    with socket.create_server(("127.0.0.1", port)):
        assert start(*words).wait(60) == 78
    output = (tmp_path / "output").read_text()
    assert f"TONGKE_PORT={port + 1}" in output
    assert "Traceback" not in output


def test_a_certificate_that_cannot_be_used_is_said_before_anything_starts(
    start: Start, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the exit code after which systemd does not start it again."""
    issued = issue(tmp_path / "tls", ["localhost"])
    others = issue(tmp_path / "others", ["localhost"])
    for certificate, key in (
        (tmp_path / "missing.pem", issued.key),
        (issued.certificate, others.key),
    ):
        monkeypatch.setenv("TONGKE_TLS_CERT", str(certificate))
        monkeypatch.setenv("TONGKE_TLS_KEY", str(key))
        assert start("serve").wait(60) == 78
        assert str(certificate) in (tmp_path / "output").read_text()
    assert {path.name for path in folder.iterdir()} == {LOCK_NAME}


def test_a_part_that_cannot_run_ends_the_service_with_its_exit_code(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = [sys.executable, "-c", "raise SystemExit(78)"]
    monkeypatch.setattr(parts, "stages", lambda _settings: [[Part("hopeless", words, 1)]])
    ended = run("serve")
    assert ended.exit_code == 78
    assert "“hopeless” cannot run" in ended.output


def test_parts_wait_for_the_schema(start: Start, tmp_path: Path) -> None:
    for words in (("serve", "--only", "web"), ("worker",)):
        assert start(*words).wait(60) == 78
    assert (tmp_path / "output").read_text().count("Run tongke migrate") == 2


def test_the_web_alone_serves_https_with_a_certificate_of_our_own(
    start: Start, run: Run, port: int, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    issued = issue(folder / "tls", ["localhost"])
    monkeypatch.setenv("TONGKE_TLS_CERT", str(issued.certificate))
    monkeypatch.setenv("TONGKE_TLS_KEY", str(issued.key))
    run("migrate")
    process = start("serve", "--only", "web")
    trusting = ssl.create_default_context(cafile=issued.authority)

    def answers() -> bool:
        address = f"https://localhost:{port}/healthz"
        try:
            with urllib.request.urlopen(address, context=trusting, timeout=LIMIT_S) as answer:
                return bool(answer.status == 200)
        except URLError as error:
            assert not isinstance(error.reason, ssl.SSLError)
            return False

    until(answers)
    assert stop(process) == 0


async def test_a_request_under_way_is_finished_and_none_is_taken(
    start: Start, run: Run, port: int, database_url: str
) -> None:
    migrated = await asyncio.to_thread(run, "migrate")
    assert migrated.exit_code == 0
    headers = {"Authorization": f"Bearer {_token(database_url)}", "Tus-Resumable": "1.0.0"}
    process = start("serve", "--only", "web")
    await asyncio.to_thread(until, lambda: _listens(port))
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    title = base64.b64encode("一份".encode()).decode()
    creation = {"Upload-Length": "6", "Upload-Metadata": f"filename {title},title {title}"}
    writer.write(
        _request("POST", "/api/v1/uploads", {**headers, **creation, "Content-Length": "0"})
    )
    location = (await _answer(reader))["location"]
    sending = {
        "Upload-Offset": "0",
        "Content-Type": "application/offset+octet-stream",
        "Content-Length": "6",
        "Expect": "100-continue",
    }
    writer.write(_request("PATCH", location, {**headers, **sending}))
    assert (await _answer(reader))["status"] == "100"
    writer.write(b"abc")
    process.send_signal(signal.SIGTERM)
    await asyncio.to_thread(until, lambda: not _listens(port))
    writer.write(b"def")
    answer = await _answer(reader)
    assert (answer["status"], answer["upload-offset"]) == ("204", "6")
    writer.close()
    assert await asyncio.to_thread(process.wait, 30) == 0


def _token(database_url: str) -> str:
    """The API token of a new teacher."""
    with opened(database_url) as database, writing(database) as session:
        session.add(Region(code="433130", name="龙山县", level="county"))
        session.flush()
        session.add(School(id=1, name="龙山县桐木溪中学", region_code="433130"))
        session.flush()
        role = RoleWanted(RoleName.TEACHER, school_id=1)
        viewer = viewer_of(session, create_account(session, "xiangyuhe", "向雨禾", (role,)).id)
        assert viewer is not None
        _, secret = sign_in.add_api_token(session, viewer, "test")
    return secret


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=LIMIT_S).close()
    except OSError:
        return False
    return True


def _request(method: str, path: str, headers: dict[str, str]) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode()


async def _answer(reader: asyncio.StreamReader) -> dict[str, str]:
    """Status and headers of an answer without a body."""
    async with asyncio.timeout(LIMIT_S):
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    fields = dict(line.lower().split(": ", 1) for line in head[1:] if line)
    return {**fields, "status": head[0].split()[1]}
