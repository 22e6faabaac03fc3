"""Becomes another program, within limits.

Run by its path: `python -I -S child.py PARENT NICE CPU MEMORY FILE -- PROGRAM ARGUMENT…`.
CPU in seconds, MEMORY and FILE in bytes.

The limits and the tie to the parent are set here, in the child, and survive exec: nothing of ours
has to run between fork and exec in a process that has threads.
"""

import os
import resource
import sys

# Started bare, for speed, Python does not know where our code is.
sys.path.append(__file__.rpartition("/tongke/")[0])

from tongke.lifeline import die_with


def main() -> None:
    parent, nice, cpu, memory, file_size = (int(value) for value in sys.argv[1:6])
    die_with(parent)
    os.nice(nice)
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (file_size, file_size))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.execv(sys.argv[7], sys.argv[7:])  # noqa: S606


main()
