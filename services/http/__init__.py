"""The thin layer between aiohttp and our handlers: who calls, what was sent, what went wrong.

`keys`      what the application carries (the ground)
`identity`  who calls: session cookie or API token; CSRF
`call`      what a handler is given
`api`       typed JSON routes, from which the OpenAPI document is made
`openapi`   that document
`problems`  errors as RFC 9457 problem details, or as a page
`tracing`   the request id and the access log
`paging`    cursors
"""
