"""Observing each other's lessons (听课评课): rubrics, forms, and what the teacher answers."""
