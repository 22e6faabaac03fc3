"""The child that reads one document: `python -m tongke.documents PATH FILENAME FOLDER PARENT_PID`.

It speaks to `process` in lines on the standard output it was given: `progress DONE TOTAL`, then
one of `result JSON` and `refused JSON`. Everything else that is printed, also by the libraries in
C, goes to the standard error.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from pathlib import Path

from tongke import lifeline
from tongke.documents import limits


def main(arguments: list[str]) -> None:
    path, filename, folder, parent_pid = arguments
    lifeline.die_with(int(parent_pid))
    limits.apply()
    channel = os.dup(1)
    os.dup2(2, 1)
    _read(Path(path), filename, Path(folder), channel)


def _read(path: Path, filename: str, folder: Path, channel: int) -> None:
    # Loaded under the limits, and only after this process is tied to its parent.
    from tongke.documents.errors import DocumentRefused
    from tongke.documents.preview import read

    def on_progress(done: int, total: int) -> None:
        _say(channel, f"progress {done} {total}".encode())

    try:
        result = read(path, filename, folder, on_progress)
    except DocumentRefused as refused:
        traceback.print_exc()
        said = json.dumps({"code": refused.code, "values": refused.values})
        _say(channel, b"refused " + said.encode())
    else:
        _say(channel, b"result " + result.to_json())


def _say(channel: int, line: bytes) -> None:
    rest = memoryview(line + b"\n")
    while rest:
        rest = rest[os.write(channel, rest) :]


if __name__ == "__main__":
    main(sys.argv[1:])
