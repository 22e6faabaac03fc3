"""The synchronized classroom over HTTP: publishing, the origin of playlists, a class's socket."""
