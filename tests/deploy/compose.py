"""docker-compose.yml as compose reads it: with the variables of .env.example put in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
FILE = ROOT / "docker-compose.yml"
EXAMPLE = ROOT / ".env.example"

_VARIABLE = re.compile(r"(?<!\$)\$\{([A-Z0-9_]+)(?::-([^{}]*))?\}")


def example() -> dict[str, str]:
    """What .env.example sets."""
    lines = EXAMPLE.read_text("utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def variables() -> set[str]:
    """The variables that the compose file reads."""
    return set(re.findall(r"(?<!\$)\$\{([A-Z0-9_]+)", FILE.read_text("utf-8")))


def resolved(values: Mapping[str, str]) -> dict[str, Any]:
    """The file with these variables put in, from the inside out: a default may hold variables."""
    text = FILE.read_text("utf-8")
    while (put := _VARIABLE.sub(lambda m: values.get(m[1]) or (m[2] or ""), text)) != text:
        text = put
    document: dict[str, Any] = yaml.safe_load(text.replace("$$", "$"))
    return document
