"""Facts and rules of calls, agents, campaigns, customers and wrap-ups.

Thread: any; values are frozen, entities live on the desk's main thread.
May import: the standard library only; no I/O, threads or clock.
"""
