"""The synchronized classroom over HTTP: its plan, its pages, publishing, playlists, its line."""
