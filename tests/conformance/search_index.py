"""What any engine behind `search.index` must do.

An engine's test module subclasses `SearchIndexSuite` and gives the fixture `index`: an empty one.
"""

from __future__ import annotations

from tests.conformance.search_changes import ChangesSuite
from tests.conformance.search_finding import FindingSuite
from tests.conformance.search_seeing import SeeingSuite


class SearchIndexSuite(FindingSuite, SeeingSuite, ChangesSuite):
    """All of it."""
