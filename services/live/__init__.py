"""The synchronized classroom over HTTP: publishing, playlists, its line, who is let in.

Its pages are `services.classes`.
"""
