"""What is kept of a class: who was there, what became of it, and its recording."""
