"""What a school's administrator sets for its classes: rooms, times, the recording rule."""
