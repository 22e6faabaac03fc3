"""Who is let in to a class, and when a line ends."""
