"""Resources: what is in the library, how it gets there, who it is shown to, what waits."""
