"""The ports of the JACK server, read without disturbing it: what PortAudio would list comes from them.

PortAudio can only list devices by becoming a JACK client with ports of its own each time, which makes the
server rearrange its graph and may cost whoever is in a call a block. This stays one client that takes no part
in the sound and reads the ports' names from the memory that the server shares. One life, one server: libjack
was not made for two, so whoever uses this ends its process when `server_ended`. One thread.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from typing import Any

_LIBRARY = "libjack.so.0"
_CLIENT = b"softphone-watch"
_NO_START_SERVER = 0x01
_OURS = (b"PortAudio", _CLIENT)
"""Clients whose ports are those of telephones, not of devices."""

_Ended = ctypes.CFUNCTYPE(None, ctypes.c_void_p)


class JackPorts:
    """`names` answers None without a server, and looks for one again each time it is asked."""

    def __init__(self, library: Any = None) -> None:
        self._library = _load() if library is None else library
        self._client: int | None = None
        self._on_end = _Ended(self._note_end)  # kept: libjack only has its address
        self.server_ended = False

    def names(self) -> tuple[str, ...] | None:
        """Every device's ports, in the server's order."""
        if self._library is None or self.server_ended or not self._join():
            return None
        return tuple(name.decode(errors="replace") for name in self._read() if not name.startswith(_OURS))

    def close(self) -> None:
        """Leave a server that lives; one that has ended is not touched."""
        if self._client is not None and not self.server_ended:
            self._library.jack_client_close(ctypes.c_void_p(self._client))
        self._client = None

    def _join(self) -> bool:
        if self._client is None:
            status = ctypes.c_int()
            self._client = self._library.jack_client_open(_CLIENT, _NO_START_SERVER, ctypes.byref(status))
            if self._client:
                self._library.jack_on_shutdown(ctypes.c_void_p(self._client), self._on_end, None)
        return bool(self._client)

    def _read(self) -> Iterator[bytes]:
        found = self._library.jack_get_ports(ctypes.c_void_p(self._client), None, None, ctypes.c_ulong(0))
        if not found:
            return
        try:
            at = 0
            while found[at] is not None:
                yield found[at]
                at += 1
        finally:
            self._library.jack_free(found)

    def _note_end(self, _argument: Any) -> None:
        self.server_ended = True


def _load() -> Any:
    try:
        library = ctypes.CDLL(_LIBRARY)
    except OSError:
        return None
    library.jack_client_open.restype = ctypes.c_void_p
    library.jack_get_ports.restype = ctypes.POINTER(ctypes.c_char_p)
    library.jack_free.argtypes = (ctypes.POINTER(ctypes.c_char_p),)
    return library
