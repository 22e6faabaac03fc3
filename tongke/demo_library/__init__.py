"""The demonstration library: lessons and papers made on the spot, so that nothing is downloaded.

A newcomer sees the service at work only when there is something in it that a teacher would
believe. The lessons are drawn (Pillow), given a murmur of a voice and encoded (ffmpeg); the
papers are written as .docx, .pdf, .pptx and .txt from the texts beside this file. `catalogue`
lists them and makes them.
"""
