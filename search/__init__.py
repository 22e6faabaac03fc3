"""Search over the library: one query language, one analysis, and engines behind one port."""
