"""What is taught in the lessons of the demonstration library: a module a subject."""
