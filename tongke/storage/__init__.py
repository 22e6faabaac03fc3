"""Where things are kept: the database, the objects, the bus. Knows nothing of what they mean."""
