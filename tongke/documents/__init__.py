"""Documents: what a file is, what it says, and how it is read in a page.

Everything that opens a stranger's file runs in a child process with limits (`process`), because
the readers beneath are large and a hostile file must not take the worker along. The rest is
arranged by question: what is it (`kinds`), what does it say (`extract`), what does the page show
(`preview`); one module a format stands beneath.
"""
