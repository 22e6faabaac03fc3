"""The line of a class: what happens in it, told to all who take part."""
