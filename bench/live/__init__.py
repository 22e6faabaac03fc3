"""What the benchmarks of the classroom share: a class on the real service, browsers in it, lines
between them that can be bad, and what is computed from what they saw."""
