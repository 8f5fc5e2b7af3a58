"""Embedded telephone system: registrar, proxy, extensions, queues and the customers who call.

Thread: the demo's loop (asyncio); `Journal` alone may be used from any thread.
May import: softphone.engine.edge (message code), softphone.demo, numpy.
"""
