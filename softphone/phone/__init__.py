"""The desk's side of the pipe: telephone ports, supervision of the engine.

Thread: commands from the main thread; one reader thread posts events to the pump.
May import: softphone.domain, usecases.ports, engine.protocol.
"""
