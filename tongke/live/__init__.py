"""The synchronized classroom, without a socket: fragments, parts and segments, playlists, clocks,
cues, and the rules of a class."""
