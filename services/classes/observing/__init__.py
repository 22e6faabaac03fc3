"""Lessons are observed: the patrol, the observation form and its rubric."""
