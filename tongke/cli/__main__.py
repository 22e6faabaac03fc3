"""`python -m tongke.cli`: how the supervisor starts its parts, whatever is on PATH."""

from tongke.cli import main

main()
