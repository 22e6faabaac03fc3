"""When a school teaches: bell times, terms, make-up days, and a week as a grid."""
