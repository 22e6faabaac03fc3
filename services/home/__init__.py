"""The first page, where the library and the classes meet."""
