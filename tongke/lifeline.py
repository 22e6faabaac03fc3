"""A process that ends with the one that started it, however that one ended.

Nobody can promise this in the parent, since one that was killed runs no code: the child has to ask
the kernel (Linux). The kernel means the *thread* that started the child, so children that are to
last are started from the main thread.

Of the standard library alone: `media.child` loads it where there is nothing else.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

# prctl(2), linux/prctl.h
PR_SET_PDEATHSIG = 1
# Tells a process which one it lives and dies with.
PARENT_VARIABLE = "TONGKE_SUPERVISOR"


def die_with(parent: int) -> None:
    """End this process when the process `parent` ends. It survives exec.

    The parent may be gone before the kernel is asked, hence the second look.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit("the parent ended first")


def die_with_named_parent() -> None:
    """The same with the parent that `PARENT_VARIABLE` names; nothing where it names none."""
    parent = os.environ.pop(PARENT_VARIABLE, None)
    if parent is not None:
        die_with(int(parent))
