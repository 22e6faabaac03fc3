"""A class is carried by one process: its broadcast, and how others find it there."""
