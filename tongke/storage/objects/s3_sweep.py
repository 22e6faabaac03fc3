"""Clearing away what calls to an S3 store left behind when their process died. Blocking."""

from __future__ import annotations

import shutil
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from tongke.storage.objects import s3_layout as layout
from tongke.storage.objects.s3_client import S3Client
from tongke.storage.objects.s3_growing import GrowingObjects

# What the folder of a local copy begins with.
COPY_PREFIX = "lent-"


def sweep(client: S3Client, growing: GrowingObjects, scratch: Path, before: datetime) -> int:
    """Remove local copies of this machine, uploads in parts that nobody goes on with, and what
    lost its record, all from before then; how many."""
    multiparts = _sweep_multiparts(client, growing, before)
    return _sweep_copies(scratch, before) + multiparts + _sweep_strays(client, growing, before)


def _sweep_copies(scratch: Path, before: datetime) -> int:
    swept = 0
    for folder in scratch.glob(f"{COPY_PREFIX}*"):
        with suppress(FileNotFoundError):
            if datetime.fromtimestamp(folder.stat().st_mtime, UTC) < before:
                shutil.rmtree(folder)
                swept += 1
    return swept


def _sweep_multiparts(client: S3Client, growing: GrowingObjects, before: datetime) -> int:
    """Those that are owned are listed second: one that begins in between is in no danger."""
    begun = [
        found
        for base in (layout.KEPT, layout.GROWING)
        for found in client.multiparts(base)
        if found.begun_at < before
    ]
    owned = growing.owned() if begun else set()
    abandoned = [found for found in begun if found.upload_id not in owned]
    for found in abandoned:
        client.abort(found.name, found.upload_id)
    return len(abandoned)


def _sweep_strays(client: S3Client, growing: GrowingObjects, before: datetime) -> int:
    strays = growing.strays(before)
    if strays:
        client.delete(strays)
    return len(strays)
