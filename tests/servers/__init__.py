"""The real servers that a city or a province would run, for tests and for developers by hand.

One module a server, each with `start(folder) -> Server` that fetches what it needs, listens on free
ports of the loopback, and gives back the server with the addresses that settings name. What cannot
be had on a machine raises `Missing`, saying what to install.
"""
