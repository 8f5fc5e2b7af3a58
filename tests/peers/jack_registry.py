"""The list of JACK servers that libjack keeps in shared memory: it has eight places and forgets nobody.

A server that is killed keeps its place (jackd only frees its own, in good order); after eight such ends no
server starts any more on this machine: "Too many servers already active".
"""

from __future__ import annotations

import contextlib
import os
import struct
from pathlib import Path

REGISTRY = Path("/dev/shm/jack-shm-registry")
_MAGIC = b"KCAJ"
_FIRST_AT = 24
_PLACE_BYTES = 264
_PLACES = 8
"""`jack_shm_header_t` of JACK 2 (common/shm.h): after 24 bytes eight times a process id and a name."""


def forget_dead_servers(registry: Path = REGISTRY) -> int:
    """Free the places of servers whose process is gone; return how many."""
    try:
        file = registry.open("r+b")
    except OSError:
        return 0  # nobody has used JACK yet, or it is another user's
    freed = 0
    with file:
        header = file.read(_FIRST_AT + _PLACES * _PLACE_BYTES)
        if header[:4] != _MAGIC or len(header) < _FIRST_AT + _PLACES * _PLACE_BYTES:
            return 0
        for place in range(_PLACES):
            at = _FIRST_AT + place * _PLACE_BYTES
            (pid,) = struct.unpack_from("<i", header, at)
            if pid > 0 and _is_gone(pid):
                file.seek(at)
                file.write(bytes(_PLACE_BYTES))
                freed += 1
    return freed


def _is_gone(pid: int) -> bool:
    with contextlib.suppress(PermissionError):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
    return False
