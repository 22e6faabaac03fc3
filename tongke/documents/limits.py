"""How much a document may cost. Every figure is for one document in one child process."""

from __future__ import annotations

import contextlib
import resource

MIB = 1024 * 1024

# Address space. The largest honest documents tried (300 pages of scans, a 60 MB .docx) stay under
# 700 MiB; a worker host is asked for 2 GiB a process.
MEMORY_BYTES = 1536 * MIB
# LibreOffice maps far more than it uses, so its own process gets more.
OFFICE_MEMORY_BYTES = 4096 * MIB
# 500 pages at 0.3 s each, with room for a slow machine.
CPU_S = 600
# The child may wait for its turn on a busy host, so its wall time is longer than its CPU time.
WALL_S = 1200
# The largest file written is the copy to take along, as large as the upload; this stops a runaway.
FILE_BYTES = 512 * MIB

# A term's textbook has about 200 pages.
MAX_PAGES = 500
# An honest page has 2,000 characters; above this its text is cut and the cut is said.
MAX_PAGE_CHARACTERS = 20_000
# Full text kept for the index: a 500-page book in Chinese.
MAX_TEXT_CHARACTERS = 1_000_000
# What flows (Word, plain text, slides) is one page, searched in as a whole: its HTML, and how many
# headings it may have. The longest honest ones tried have a tenth of either.
MAX_HTML_CHARACTERS = 4_000_000
MAX_SECTIONS = 5_000
# A plain text of more than this is a log or a data file, not something to read.
MAX_PLAIN_BYTES = 8 * MIB


def apply() -> None:
    """Put this process under the limits. Only soft ones: LibreOffice is then given its own."""
    _soften(resource.RLIMIT_AS, MEMORY_BYTES)
    _soften(resource.RLIMIT_CPU, CPU_S)
    _soften(resource.RLIMIT_FSIZE, FILE_BYTES)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _soften(kind: int, wanted: int) -> None:
    _, hard = resource.getrlimit(kind)
    soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    with contextlib.suppress(ValueError):  # macOS refuses a limit below what is mapped already
        resource.setrlimit(kind, (soft, hard))
