"""What an operator may write into the settings."""

from __future__ import annotations

import pytest

from tongke.settings import Settings


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ('["10.0.0.0/24", "::1/128"]', ["10.0.0.0/24", "::1/128"]),
        ("10.0.0.0/24", ["10.0.0.0/24"]),
        ("10.0.0.11, 10.0.1.0/24,", ["10.0.0.11", "10.0.1.0/24"]),
        ("[]", []),
        ("", []),
    ],
)
def test_networks_are_a_json_list_or_stand_between_commas(
    monkeypatch: pytest.MonkeyPatch, said: str, meant: list[str]
) -> None:
    monkeypatch.setenv("TONGKE_TRUSTED_PROXIES", said)
    assert Settings(_env_file=None).trusted_proxies == meant


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("public_url", "https://tongke.example.cn"),
        ("node_url", "auto"),
        ("node_url", "http://[fd00::12]:8600"),
        ("database_url", "sqlite:////srv/tongke.db"),
        ("database_url", "postgresql+psycopg://tongke:p@ss/w#d@10.0.0.5/tongke?sslmode=require"),
        ("database_url", "postgresql:///tongke?host=/run/postgresql"),
        ("s3_url", "https://s3.example.cn/"),
        ("elasticsearch_url", "https://elastic:secret@es.example.cn:443/search"),
        ("bus_url", "redis://:secret@valkey:6379/0"),
        ("bus_url", "rediss://valkey"),
        ("bus_url", "unix:///run/valkey.sock?db=1"),
        ("otlp_endpoint", "http://collector:4318"),
    ],
)
def test_addresses_of_every_kind_are_taken_as_they_are(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"TONGKE_{name.upper()}", value)
    assert getattr(Settings(_env_file=None), name) == value


def test_servers_for_the_talk_are_a_json_list(monkeypatch: pytest.MonkeyPatch) -> None:
    turn = '[{"urls": "turn:turn.example.cn:3478", "username": "tongke", "credential": "secret"}]'
    monkeypatch.setenv("TONGKE_ICE_SERVERS", turn)
    (server,) = Settings(_env_file=None).ice_servers
    assert server.told()["urls"] == ["turn:turn.example.cn:3478"]


def test_the_detail_of_the_log_may_be_written_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TONGKE_LOG_LEVEL", "INFO")
    assert Settings(_env_file=None).log_level == "info"
