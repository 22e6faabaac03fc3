"""Classes as they are planned: booked, moved, called off, and who sees them."""
