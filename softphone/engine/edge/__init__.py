"""The only SIP socket on the network: a small SIP border element.

Thread: the edge thread (one asyncio loop).
May import: softphone.domain values, engine.protocol, sipmessage, dnspython, websockets.
"""
