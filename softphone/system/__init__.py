"""Key store, folders, settings and policy, logs, clock, single instance, desktop integration.

Thread: called from the main thread; the local socket has one thread of its own.
May import: softphone.domain, usecases.ports, keyring.
"""
