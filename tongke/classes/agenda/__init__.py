"""What somebody is told of classes: their own, notices, and the feed for a calendar."""
