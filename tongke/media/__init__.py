"""Recordings: what a file holds, how it is made playable, and the ffmpeg that does it.

`container`, `probe`   what came in, decided from its content
`ladder`, `playlist`   pure plans: which rungs, with which settings, described how
`transcode`, `thumbnails`, `loudness`   the work, each function one ffmpeg
`programs`, `child`, `run`              where ffmpeg is, and how it is kept within its limits

Knows nothing of resources, people or storage: paths in, files and values out.
"""
