"""A production start refuses secrets that are no secrets, and says which and what to do."""

from __future__ import annotations

from typing import Any

import pytest
from click.testing import CliRunner
from pydantic import SecretStr

from tongke.cli import cli
from tongke.production import weak_secrets
from tongke.settings import Settings

GOOD = "5f0c9a1be27d4e88"
QUERY = "postgresql:///tongke"
LONG = "5f0c9a1be27d4e885f0c9a1b"


@pytest.mark.parametrize(
    ("said", "weak"),
    [
        ({}, []),
        ({"database_url": "sqlite:////srv/tongke.db"}, []),
        ({"database_url": f"postgresql://tongke:{GOOD}@db/tongke"}, []),
        ({"database_url": "postgresql://tongke:change-me@db/tongke"}, ["TONGKE_DATABASE_URL"]),
        ({"database_url": "postgresql://tongke:short@db/tongke"}, ["TONGKE_DATABASE_URL"]),
        ({"database_url": "postgresql://tongke@db/tongke"}, ["TONGKE_DATABASE_URL"]),
        ({"database_url": "postgresql://tongke@localhost/tongke"}, []),
        ({"database_url": "postgresql://tongke:change-me@localhost/x"}, ["TONGKE_DATABASE_URL"]),
        # What stands behind the question mark is where libpq goes, and with what.
        ({"database_url": f"{QUERY}?host=10.0.0.5&password=tongke"}, ["TONGKE_DATABASE_URL"]),
        ({"database_url": f"{QUERY}?host=10.0.0.5"}, ["TONGKE_DATABASE_URL"]),
        ({"database_url": f"{QUERY}?host=localhost,10.0.0.5"}, ["TONGKE_DATABASE_URL"]),
        ({"database_url": f"{QUERY}?host=10.0.0.5&password={GOOD}"}, []),
        ({"database_url": f"{QUERY}?host=/run/postgresql"}, []),
        ({"database_url": f"postgresql://x:{GOOD}/w#p@db/tongke"}, []),
        ({"bus_url": "redis://valkey:6379/0?password=change-me"}, ["TONGKE_BUS_URL"]),
        ({"bus_url": f"redis://valkey:6379/0?password={GOOD}"}, []),
        ({"metrics_token": SecretStr(LONG)}, []),
        ({"metrics_token": SecretStr(LONG[:-1])}, ["TONGKE_METRICS_TOKEN"]),
        ({"bus_url": "unix:///run/valkey.sock"}, []),
        ({"bus_url": "redis://valkey:6379/0"}, ["TONGKE_BUS_URL"]),
        ({"bus_url": f"rediss://:{GOOD}@valkey:6379/0"}, []),
        ({"s3_url": "http://s3:8333"}, ["TONGKE_S3_SECRET_KEY"]),
        ({"s3_url": "http://s3:8333", "s3_secret_key": SecretStr(GOOD)}, []),
        ({"ice_servers": [{"urls": "stun:stun.example.cn"}]}, []),
        ({"ice_servers": [{"urls": "turn:turn.example.cn"}]}, ["TONGKE_ICE_SERVERS"]),
        ({"ice_servers": [{"urls": "turn:turn.example.cn", "credential": GOOD}]}, []),
        ({"elasticsearch_url": "http://es:9200"}, ["TONGKE_ELASTICSEARCH_URL"]),
        ({"elasticsearch_url": f"http://elastic:{GOOD}@es:9200"}, []),
        ({"elasticsearch_url": "http://es:9200", "elasticsearch_api_key": SecretStr(GOOD)}, []),
    ],
)
def test_what_is_no_secret_is_found(said: dict[str, Any], weak: list[str]) -> None:
    assert weak_secrets(Settings(_env_file=None, **said)) == weak


def test_every_command_refuses_to_run_in_production_with_a_placeholder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.setenv("TONGKE_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("TONGKE_DATABASE_URL", "postgresql://tongke:change-me@db/tongke")
    monkeypatch.setenv("TONGKE_PRODUCTION", "true")
    for command in (["serve", "--only", "web"], ["worker"], ["scheduler"], ["migrate"]):
        refused = CliRunner().invoke(cli, command)
        assert refused.exit_code == 78, command
        assert "TONGKE_DATABASE_URL" in refused.output
        assert "openssl rand -hex 24" in refused.output
        assert "change-me" not in refused.output
