"""Encrypted SQLite: calls, wrap-ups, outbox, callbacks, time ledger, audit.

Thread: one worker thread; results return through the pump.
May import: softphone.domain, usecases.ports, sqlcipher3.
"""
