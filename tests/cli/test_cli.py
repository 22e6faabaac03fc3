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
