"""Becomes another program, within limits.

Run by its path: `python -I -S child.py PARENT NICE CPU MEMORY FILE -- PROGRAM ARGUMENT…`.
CPU in seconds, MEMORY and FILE in bytes.

The limits and the death signal are set here, in the child, and survive exec: nothing of ours has
to run between fork and exec in a process that has threads. PR_SET_PDEATHSIG follows the thread
that started the child, so workers start theirs from the main thread.
"""

import ctypes
import os
import resource
import signal
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    parent, nice, cpu, memory, file_size = (int(value) for value in sys.argv[1:6])
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            sys.exit("the parent is gone")
    os.nice(nice)
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (file_size, file_size))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.execv(sys.argv[7], sys.argv[7:])  # noqa: S606


main()
