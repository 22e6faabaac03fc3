"""Classes are booked, answered for, changed and called off."""
