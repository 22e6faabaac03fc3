"""What somebody is told of classes: the timetable, the calendar feed, today, notices."""
