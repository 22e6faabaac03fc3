"""The door for recording appliances, which push RTMP (`tongke.live.rtmp`).

`server`  takes connections and checks their keys
`lesson`  the class that an appliance's room leads now
"""
