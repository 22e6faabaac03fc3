"""From an accepted file to a published resource: the steps of a job, and what runs them.

`runner`    takes a step by its lease, keeps the lease, commits or gives it back
`lesson`    the steps of a recording: checking, playable, thumbnails, thin, ladder
`document`  the step of a document
`made`      the rows that make an attempt's files the thing
"""
