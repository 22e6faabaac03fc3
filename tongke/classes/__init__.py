"""Synchronized classes as they are planned and kept: the timetable, who sees them, how they go on.

What happens inside a class is `tongke.live`.
"""
