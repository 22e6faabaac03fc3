"""What a school has and sets for its classes: rooms, groups of them, its recording rule."""
