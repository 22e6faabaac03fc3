"""The group: fast help, both languages, errors as a message and what to do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.cli.conftest import Run
from tests.databases import opened

SLOW = ("sqlalchemy", "aiohttp", "celery", "pydantic", "rich", "cryptography")


def test_help_imports_nothing_slow() -> None:
    script = (
        "import sys, tongke.cli\n"
        "try: tongke.cli.cli(['--help'])\n"
        f"except SystemExit: print([name for name in {SLOW!r} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"
    assert "doctor" in done.stdout


@pytest.mark.parametrize(
    ("locale", "expected"),
    [({"LANG": "zh_CN.UTF-8"}, "命令"), ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C.UTF-8"}, "Commands")],
)
def test_the_terminal_decides_the_language(locale: dict[str, str], expected: str) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LC_")}
    done = subprocess.run(
        [sys.executable, "-m", "tongke.cli", "--help"],
        env={**kept, **locale},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert expected in done.stdout


def test_a_wrong_setting_is_named_with_its_remedy(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TONGKE_JOB_ATTEMPTS", "none")
    result = run("migrate")
    assert result.exit_code == 78
    assert "TONGKE_JOB_ATTEMPTS" in result.stderr
    assert "docs/settings.md" in result.stderr
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TONGKE_DATABASE_URL", "mysql://tongke:secret@db/tongke"),
        ("TONGKE_DATABASE_URL", "db.example.cn/tongke"),
        ("TONGKE_S3_URL", "s3.example.cn:8333"),
        ("TONGKE_ELASTICSEARCH_URL", "elastic:9200"),
        ("TONGKE_BUS_URL", "http://cache:6379"),
    ],
)
def test_an_address_of_another_kind_is_refused_by_its_name(
    run: Run, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    result = run("migrate")
    assert result.exit_code == 78
    assert f"{name}: " in result.stderr
    assert "has to begin with" in result.stderr
    assert value not in result.stderr, "it may hold a password"


@pytest.mark.parametrize("command", ["migrate", "doctor"])
@pytest.mark.parametrize(
    ("name", "value", "write"),
    [
        ("TONGKE_TRUSTED_PROXIES", '["10.0.0.0/24"', '["10.0.0.0/24"'),
        ("TONGKE_TRUSTED_PROXIES", '["10.0.0.1/24"]', "write 10.0.0.0/24"),
        ("TONGKE_TRUSTED_PROXIES", "proxy.example.cn", "10.0.0.0/24"),
        ("TONGKE_ICE_SERVERS", "turn:secret@turn.example.cn", '[{"urls": '),
        ("TONGKE_ICE_SERVERS", '[{"url": "turn:secret"}]', "required"),
        ("TONGKE_DATABASE_URL", "postgresql://tongke:secret@db:port/tongke", "@10.0.0.5:5432/"),
        ("TONGKE_BUS_URL", "redis://:secret@cache:port/0", "10.0.0.5:6379/0"),
        ("TONGKE_BUS_URL", "redis://:secret@cache:6379/first", "10.0.0.5:6379/0"),
        ("TONGKE_BUS_URL", "unix://run/valkey.sock", "unix:///run/valkey.sock"),
        ("TONGKE_S3_URL", "http://tongke:secret@store:8333", "TONGKE_S3_SECRET_KEY"),
        ("TONGKE_S3_URL", "http://store:8333/bucket", "http://10.0.0.5:8333"),
        ("TONGKE_S3_BUCKET", "Tongke", "lower-case"),
        ("TONGKE_ELASTICSEARCH_URL", "https://elastic:secret@es", ":9200"),
        ("TONGKE_ELASTICSEARCH_INDEX", "Tongke", "lower-case"),
        ("TONGKE_PUBLIC_URL", "tongke.example.cn", "https://tongke.example.cn"),
        ("TONGKE_NODE_URL", "10.0.0.12:8600", "http://10.0.0.12:8600"),
        ("TONGKE_NGINX_URL", "10.0.0.11:8081", "http://10.0.0.11:8081"),
        ("TONGKE_OTLP_ENDPOINT", "collector:4318", "http://10.0.0.5:4318"),
        ("TONGKE_LOG_LEVEL", "verbose", "'info'"),
    ],
)
def test_a_setting_that_cannot_be_is_named_with_what_to_write(
    run: Run, monkeypatch: pytest.MonkeyPatch, command: str, name: str, value: str, write: str
) -> None:
    monkeypatch.setenv(name, value)
    result = run(command)
    assert result.exit_code == 78
    (line,) = (line for line in result.stderr.splitlines() if name in line)
    assert write in line.partition(name)[2]
    assert "secret" not in result.output
    assert type(result.exception) is SystemExit


def test_the_service_does_not_start_with_a_setting_that_cannot_be(
    environment: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TONGKE_TRUSTED_PROXIES", '["10.0.0.1/24"]')
    done = subprocess.run(
        [sys.executable, "-m", "tongke.cli", "serve"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 78
    assert "TONGKE_TRUSTED_PROXIES: 10.0.0.1/24 is a machine in a network" in done.stderr


def test_each_of_several_has_a_line_of_its_own(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TONGKE_PUBLIC_URL", "tongke.example.cn")
    monkeypatch.setenv("TONGKE_S3_URL", "store:8333")
    lines = [line for line in run("migrate").stderr.splitlines() if "has to begin with" in line]
    assert ["TONGKE_PUBLIC_URL" in lines[0], "TONGKE_S3_URL" in lines[1]] == [True, True]


def test_what_is_wrong_is_said_in_the_language_of_the_terminal(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    monkeypatch.setenv("TONGKE_TRUSTED_PROXIES", "10.0.0.1/24")
    assert "整个网段写 10.0.0.0/24" in run("migrate").stderr


@pytest.mark.parametrize("command", ["migrate", "doctor", "reindex"])
def test_a_database_that_is_away_is_said_with_what_to_look_at(
    run: Run, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setenv("TONGKE_DATABASE_URL", "postgresql://tongke:hush-hush@127.0.0.1:1/tongke")
    result = run(command)
    assert result.exit_code == 1
    said = " ".join(result.output.split())
    assert "The database cannot be used: " in said
    assert "See that the server of TONGKE_DATABASE_URL runs" in said
    assert not said.count("Traceback") and "hush" not in said


def test_a_wrong_setting_of_where_to_move_is_named(run: Run, tmp_path: Path) -> None:
    run("migrate")
    (tmp_path / "city.env").write_text("TONGKE_S3_URL=seaweedfs:8333\n")
    result = run("move", "--to", str(tmp_path / "city.env"))
    assert result.exit_code == 78
    assert "TONGKE_S3_URL" in result.stderr


def test_an_error_is_json_for_scripts(run: Run) -> None:
    result = run("reindex", "--json")
    assert result.exit_code == 78
    error = json.loads(result.stdout)["error"]
    assert error["code"] == "schema-behind"
    assert "tongke migrate" in error["remedy"]


def test_a_database_of_a_later_version_is_told_apart(run: Run, database_url: str) -> None:
    assert run("migrate").exit_code == 0
    with opened(database_url) as database, database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    result = run("reindex", "--json")
    assert result.exit_code == 78
    assert json.loads(result.stdout)["error"]["code"] == "schema-ahead"


def test_a_traceback_is_for_those_who_ask(run: Run) -> None:
    result = run("--debug", "reindex")
    assert type(result.exception).__name__ == "SchemaBehind"


def test_a_folder_that_cannot_be_written_is_said(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("TONGKE_DATA_DIR", str(tmp_path / "file" / "data"))
    result = run("migrate")
    assert result.exit_code == 78
    assert "TONGKE_DATA_DIR" in result.stderr


def test_migrating_twice_does_nothing_twice(run: Run) -> None:
    first, second = (json.loads(run("migrate", "--json").stdout) for _ in range(2))
    assert first["changed"] and first["before"] is None
    assert second == {"before": first["after"], "after": first["after"], "changed": False}


def test_an_index_that_is_broken_is_made_anew_as_the_command_says(run: Run, folder: Path) -> None:
    run("migrate")
    index = folder / "search.db"
    index.write_bytes(b"not a database" * 1000)
    result = run("reindex", "--json")
    assert result.exit_code != 0
    error = json.loads(result.stdout)["error"]
    assert (error["code"], str(index) in error["message"]) == ("index-damaged", True)
    for path in folder.glob("search.db*"):
        path.unlink()
    assert json.loads(run("reindex", "--json").stdout) == {"documents": 0}


def test_the_index_is_built_anew(run: Run) -> None:
    run("migrate")
    assert json.loads(run("reindex", "--json").stdout) == {"documents": 0}
