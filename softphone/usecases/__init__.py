"""One module per thing a person can do, the ports they need, and the bus.

Thread: the desk's main thread, without locks.
May import: softphone.domain.
"""
