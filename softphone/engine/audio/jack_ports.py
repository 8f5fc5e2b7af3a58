"""The ports of the JACK server, read without disturbing it: what PortAudio would list comes from them.

PortAudio can only list devices by becoming a JACK client with ports of its own each time, which makes the
server rearrange its graph and may cost whoever is in a call a block. This stays one client that takes no part
in the sound, is told by the server of what comes and goes, and reads the ports' names from the memory that
the server shares. One life, one server: libjack was not made for two, so whoever uses this ends its process
when `server_ended`. One thread, but `on_news`, which comes on libjack's.
"""

from __future__ import annotations

import ctypes
from collections import Counter, deque
from collections.abc import Callable, Iterator
from typing import Any

from softphone.domain.audio import AudioDevice
from softphone.domain.text import clean_line
from softphone.engine.audio.catalogue import JACK

_LIBRARY = "libjack.so.0"
_CLIENT = b"softphone-watch"
_NO_START_SERVER = 0x01
_IS_INPUT, _IS_OUTPUT = 0x1, 0x2
_AUDIO = b"audio"
_OURS = (b"PortAudio", _CLIENT)
"""Clients whose ports are those of telephones, not of devices."""

_Ended = ctypes.CFUNCTYPE(None, ctypes.c_void_p)
_PortCame = ctypes.CFUNCTYPE(None, ctypes.c_uint32, ctypes.c_int, ctypes.c_void_p)
_ClientCame = ctypes.CFUNCTYPE(None, ctypes.c_char_p, ctypes.c_int, ctypes.c_void_p)


def _nobody() -> None:
    return


class JackPorts:
    """`names` answers None without a server, and looks for one again each time it is asked."""

    def __init__(self, library: Any = None, on_news: Callable[[], None] = _nobody) -> None:
        self._library = _load() if library is None else library
        self._on_news = on_news
        self._client: int | None = None
        self._departed = deque[str]()
        # kept: libjack only has their addresses
        self._on_end = _Ended(self._note_end)
        self._on_port = _PortCame(self._note_port)
        self._on_client = _ClientCame(self._note_client)
        self.server_ended = False

    def names(self) -> tuple[str, ...] | None:
        """Every device's ports, in the server's order."""
        if self._library is None or self.server_ended or not self._join():
            return None
        return self._read()

    def devices(self) -> tuple[AudioDevice, ...] | None:
        """What PortAudio makes of the ports: each client a device, the first of a direction its default."""
        if self.names() is None:
            return None
        clients = dict.fromkeys(map(_client_of, self._read(_AUDIO)))
        captures = Counter(map(_client_of, self._read(_AUDIO, _IS_OUTPUT)))
        plays = Counter(map(_client_of, self._read(_AUDIO, _IS_INPUT)))
        first_in = next((client for client in clients if captures[client]), "")
        first_out = next((client for client in clients if plays[client]), "")
        return tuple(
            AudioDevice(
                clean_line(client),
                JACK,
                captures[client],
                plays[client],
                client == first_in,
                client == first_out,
            )
            for client in clients
        )

    def take_departed(self) -> frozenset[str]:
        """Names of the devices that have left the server since the last question, if only for a moment."""
        departed = set[str]()
        while self._departed:
            departed.add(self._departed.popleft())
        return frozenset(departed)

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
                self._listen(ctypes.c_void_p(self._client))
        return bool(self._client)

    def _listen(self, client: ctypes.c_void_p) -> None:
        """Only an active client is told anything; without a process callback it has no place in the graph."""
        self._library.jack_on_shutdown(client, self._on_end, None)
        self._library.jack_set_port_registration_callback(client, self._on_port, None)
        self._library.jack_set_client_registration_callback(client, self._on_client, None)
        self._library.jack_activate(client)

    def _read(self, kind: bytes | None = None, flags: int = 0) -> tuple[str, ...]:
        ports = self._raw(kind, flags)
        return tuple(name.decode(errors="replace") for name in ports if not name.startswith(_OURS))

    def _raw(self, kind: bytes | None, flags: int) -> Iterator[bytes]:
        client = ctypes.c_void_p(self._client)
        found = self._library.jack_get_ports(client, None, kind, ctypes.c_ulong(flags))
        if not found:
            return
        try:
            at = 0
            while found[at] is not None:
                yield found[at]
                at += 1
        finally:
            self._library.jack_free(found)

    # --- libjack's thread ---

    def _note_end(self, _argument: Any) -> None:
        self.server_ended = True
        self._on_news()

    def _note_port(self, _port: int, _came: int, _argument: Any) -> None:
        self._on_news()

    def _note_client(self, name: bytes, came: int, _argument: Any) -> None:
        if not came:
            self._departed.append(clean_line(name.decode(errors="replace")))
            self._on_news()


def _client_of(port: str) -> str:
    return port.partition(":")[0]


def _load() -> Any:
    try:
        library = ctypes.CDLL(_LIBRARY)
    except OSError:
        return None
    library.jack_client_open.restype = ctypes.c_void_p
    library.jack_get_ports.restype = ctypes.POINTER(ctypes.c_char_p)
    library.jack_free.argtypes = (ctypes.POINTER(ctypes.c_char_p),)
    return library
