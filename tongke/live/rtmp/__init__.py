"""RTMP, as recording appliances push it (Adobe's RTMP specification 1.0): bytes in, bytes out.

`amf`       the values of commands
`chunks`    messages to chunks and back
`dialogue`  what a publisher asks for, and what it is answered
`flv`       pictures and sound in messages
`avc`       what a picture's configuration says of its size
`feed`      messages to the chunks of a lesson
`proxied`   who comes through a proxy
"""
