"""Old formats (.doc, .ppt, .wps, .rtf) through LibreOffice, where the operator has installed it.

It runs with a profile of its own that is thrown away, without macros and without links, inside
the limits and the process group of the child that reads the document.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import tempfile
from functools import partial
from pathlib import Path

from tongke.documents import limits
from tongke.documents.errors import DamagedDocument
from tongke.documents.limits import CPU_S, OFFICE_MEMORY_BYTES

_PROGRAMS = ("soffice", "libreoffice")
# Macros never run, no link is followed: the answers to what a person would be asked.
_PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry"
 xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting">
<prop oor:name="MacroSecurityLevel" oor:op="fuse"><value>3</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting">
<prop oor:name="DisableMacrosExecution" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting">
<prop oor:name="BlockUntrustedRefererLinks" oor:op="fuse"><value>true</value></prop></item>
</oor:items>
"""


def program() -> str | None:
    """LibreOffice on this machine, or None."""
    return next(filter(None, map(shutil.which, _PROGRAMS)), None)


def convert(path: Path, suffix: str, folder: Path) -> Path:
    """The document at `path` as a `suffix` file (`docx`, `pptx`, `pdf`) in `folder`.

    DamagedDocument: LibreOffice made nothing of it. RuntimeError: there is no LibreOffice.
    """
    office = program()
    if office is None:
        raise RuntimeError("LibreOffice is not installed")
    with tempfile.TemporaryDirectory(prefix="office-", dir=folder) as profile:
        settings = Path(profile) / "user" / "registrymodifications.xcu"
        settings.parent.mkdir()
        settings.write_text(_PROFILE, encoding="utf-8")
        done = subprocess.run(
            [
                office,
                f"-env:UserInstallation={Path(profile).as_uri()}",
                "--headless",
                "--norestore",
                "--convert-to",
                suffix,
                "--outdir",
                str(folder),
                str(path),
            ],
            capture_output=True,
            text=True,
            timeout=CPU_S,
            check=False,
            preexec_fn=partial(_in_the_child, os.getpid()),
        )
    made = folder / f"{path.stem}.{suffix}"
    if not made.exists():
        raise DamagedDocument(detail=done.stderr)
    return made


def _in_the_child(parent_pid: int) -> None:
    """Safe between fork and exec: the process that reads a document has one thread."""
    limits.die_with_parent(parent_pid)
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    wanted = OFFICE_MEMORY_BYTES
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_AS, (wanted, hard))
