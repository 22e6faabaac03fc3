"""The workers are tried as processes of a real installation, and as plain functions."""

from __future__ import annotations

from tests.chaos.conftest import folder as folder
from tests.chaos.conftest import installation as installation
