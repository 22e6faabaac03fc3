"""What is kept of a class, and two recordings side by side."""
