"""Where things lie in the object store: the one place that spells a key.

    uploads/<upload>                        an upload on its way in
    originals/<upload>                      the file as it was uploaded
    resources/<resource>/a<job>-<fence>/    what one attempt at a step made
    backups/last                            when all of it was last backed up
    moves/from                              which installation is being moved to here

An upload's number is 128 random bits, so nobody can guess an original. A folder for each attempt
means that names never change their content, and that two workers which both believe they hold a
job cannot mix their files.
"""

from __future__ import annotations

import re
from typing import Final

UPLOADS: Final = "uploads/"
ORIGINALS: Final = "originals/"
RESOURCES: Final = "resources/"
LAST_BACKUP: Final = "backups/last"
MOVED_FROM: Final = "moves/from"


def upload(upload_id: str) -> str:
    """The object that an upload grows in."""
    return f"{UPLOADS}{upload_id}"


def original(upload_id: str) -> str:
    """The object that a finished upload becomes."""
    return f"{ORIGINALS}{upload_id}"


def becomes(key: str) -> str | None:
    """The object that the upload growing under `key` will be; None for any other key."""
    return original(key.removeprefix(UPLOADS)) if key.startswith(UPLOADS) else None


def folder(resource_id: int) -> str:
    """Where everything made of a resource lies; ends with a slash."""
    return f"{RESOURCES}{resource_id}/"


def attempt(job_id: int, fence: int) -> str:
    """The folder of an attempt, below that of its resource; ends with a slash."""
    return f"a{job_id}-{fence}/"


def is_attempt(name: str) -> bool:
    """Whether a folder's name is an attempt's, without the slash."""
    return re.fullmatch(r"a\d+-\d+", name) is not None


def attempt_folder_of(key: str) -> str:
    """`resources/12/a3-1/720p/1.m4s` -> `resources/12/a3-1/`."""
    return "/".join(key.split("/")[:3]) + "/"
