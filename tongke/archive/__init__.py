"""A whole installation as a thing: copied to other parts, backed up, brought back.

`tables` reads and writes all rows, whichever database has them; `contents` copies objects and
compares them; `moving` goes from one set of parts to another; `backup` and `restore` go to a
folder and back. The index is in none of it: it is built anew from the database.
"""
