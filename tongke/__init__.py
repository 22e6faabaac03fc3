"""The ground: what is true of Tongke whatever speaks to it."""
