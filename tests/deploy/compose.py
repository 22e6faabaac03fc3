"""docker-compose.yml as compose reads it: with the variables of .env.example put in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tongke.settings import Settings

ROOT = Path(__file__).parents[2]
FILE = ROOT / "docker-compose.yml"
# Named in COMPOSE_FILE beside it by who has recording appliances.
RTMP_FILE = ROOT / "deploy" / "rtmp.yml"
EXAMPLE = ROOT / ".env.example"
# Long enough, and nobody's.
SECRET = "5f0c9a1be27d4e885f0c9a1b"

_VARIABLE = re.compile(r"(?<!\$)\$\{([A-Z0-9_]+)(?:(:?[-+])([^{}]*))?\}")


def example() -> dict[str, str]:
    """What .env.example sets."""
    lines = EXAMPLE.read_text("utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def offered() -> dict[str, str]:
    """What .env.example sets, and what it would if its comments were none, in its order."""
    lines = re.findall(r"^(?:# )?([A-Z0-9_]+)=(.*)$", EXAMPLE.read_text("utf-8"), re.M)
    return dict(lines)


def variables() -> set[str]:
    """The variables that the compose files read."""
    both = FILE.read_text("utf-8") + RTMP_FILE.read_text("utf-8")
    return set(re.findall(r"(?<!\$)\$\{([A-Z0-9_]+)", both))


def resolved(values: Mapping[str, str], file: Path = FILE) -> dict[str, Any]:
    """A file with these variables put in, from the inside out: a default may hold variables."""

    def put_in(found: re.Match[str]) -> str:
        name, kind, default = found.groups()
        if kind == ":+":
            return default if values.get(name) else ""
        # With `-` alone a variable may be set to nothing.
        return values[name] if name in values and kind == "-" else values.get(name) or default or ""

    text = file.read_text("utf-8")
    while (put := _VARIABLE.sub(put_in, text)) != text:
        text = put
    document: dict[str, Any] = yaml.safe_load(text.replace("$$", "$"))
    return document


DOCUMENT = resolved(example())
SERVICES: dict[str, dict[str, Any]] = DOCUMENT["services"]
ONCE = {"migrate", "nginx-config"}
OURS = {name for name, service in SERVICES.items() if name != "nginx" and "profiles" not in service}


def settings_of(monkeypatch: pytest.MonkeyPatch, document: dict[str, Any]) -> Settings:
    """The settings as a process in one of our containers reads them."""
    for name, value in document["services"]["web-1"]["environment"].items():
        monkeypatch.setenv(name, "" if value is None else str(value))
    return Settings(_env_file=None)
