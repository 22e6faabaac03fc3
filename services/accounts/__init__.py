"""Accounts over HTTP: signing in, one's own settings, the people of a school, schools.

`desk`            the sign-in desk: throttle, passwords and sessions put together
`cookies`         what a browser is given, and what it brings back
`schemas`, `api`  JSON
`*_pages`         HTML, gathered by `pages`
"""
