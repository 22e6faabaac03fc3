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
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from tongke import lifeline
from tongke.documents.errors import DamagedDocument, TooHeavyDocument
from tongke.documents.limits import CPU_S, OFFICE_MEMORY_BYTES

_PROGRAMS = ("soffice", "libreoffice")
# Where the operator says that it is, in the environment of the child that reads a document.
NAMED = "TONGKE_LIBREOFFICE"
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
    """LibreOffice on this machine, or None. Where one is named, no other is looked for."""
    named = os.environ.get(NAMED)
    return next(filter(None, map(shutil.which, [named] if named else _PROGRAMS)), None)


@contextmanager
def converted(path: Path, suffix: str, folder: Path) -> Iterator[Path]:
    """The document at `path` as a `suffix` file (`docx`, `pptx`, `pdf`), below `folder` for now.

    DamagedDocument: LibreOffice made nothing of it. TooHeavyDocument: it did not end in time.
    RuntimeError: there is no LibreOffice.
    """
    office = program()
    if office is None:
        raise RuntimeError("LibreOffice is not installed")
    with tempfile.TemporaryDirectory(prefix="office-", dir=folder) as scratch:
        profile, out = Path(scratch) / "profile", Path(scratch) / "out"
        settings = profile / "user" / "registrymodifications.xcu"
        settings.parent.mkdir(parents=True)
        settings.write_text(_PROFILE, encoding="utf-8")
        profile_option = f"-env:UserInstallation={profile.as_uri()}"
        how = [office, profile_option, "--headless", "--norestore"]
        # LibreOffice knows --outdir only behind --convert-to.
        said = _run([*how, "--convert-to", suffix, "--outdir", str(out), str(path)])
        made = out / f"{path.stem}.{suffix}"
        if not made.exists():
            raise DamagedDocument(detail=said)
        yield made


def _run(command: list[str]) -> str:
    """What LibreOffice had to say. It ends well also when it converts nothing."""
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=CPU_S,
            check=False,
            preexec_fn=partial(_in_the_child, os.getpid()),
        )
    except subprocess.TimeoutExpired as error:
        raise TooHeavyDocument(detail=f"{CPU_S} s") from error
    return done.stderr


def _in_the_child(parent_pid: int) -> None:
    """Safe between fork and exec: the process that reads a document has one thread."""
    lifeline.die_with(parent_pid)
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    wanted = OFFICE_MEMORY_BYTES
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_AS, (wanted, hard))
