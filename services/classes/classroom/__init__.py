"""The pages of a class that runs: the lead, a room, who watches, a pupil's phone."""
