"""The lead classroom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.web.views.shell import View


@dataclass(frozen=True)
class LeadView(View):
    """`config` is what the script is given: the class, as the API tells it to its lead teacher."""

    template = "classroom_lead.html"
    title: str
    config: Mapping[str, Any]
