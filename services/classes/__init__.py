"""The pages and the JSON of classes: planned, entered, observed, and kept."""
