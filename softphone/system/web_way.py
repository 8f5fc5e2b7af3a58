"""The way to an https server: directly, or through the company's proxy (CONNECT, RFC 9110 section 9.3.6).

Which proxy is said by the environment (`https_proxy`, `all_proxy`, `no_proxy`) or, where that is silent, by
the settings of Windows and macOS. Automatic configuration (PAC) is not read.
"""

from __future__ import annotations

import contextlib
import re
import socket
import threading
import time

from softphone.domain.errors import BadInput
from softphone.domain.provisioning import ProvisioningAway, ProvisioningRefused, ProvisioningTrouble
from softphone.domain.text import clean_line
from softphone.domain.web_proxy import WebProxy, is_this_computer, place_of, web_proxy

_LONGEST_HEAD = 16_384
_STATUS = re.compile(rb"HTTP/1\.[01] (\d{3})(?: ([^\r\n]*))?\r?\n")
_ASKED_FOR = re.compile(rb"(?im)^proxy-authenticate[ \t]*:[ \t]*([A-Za-z]+)")


class Watch:
    """When time is over, whatever waits for bytes of the watched connection stops waiting."""

    def __init__(self, deadline_s: float) -> None:
        self._ends_at = time.monotonic() + deadline_s
        self._late = threading.Event()
        self._timer: threading.Timer | None = None

    @property
    def late(self) -> bool:
        return self._late.is_set()

    @property
    def left_s(self) -> float:
        """Seconds that are left, never none at all."""
        return max(0.1, self._ends_at - time.monotonic())

    def over(self, connected: socket.socket) -> None:
        """Watch this connection until `close`."""
        # A socket of our own: wrapping the other one in TLS takes its file descriptor away.
        watched = connected.dup()

        def cut() -> None:
            self._late.set()
            with contextlib.suppress(OSError):
                watched.shutdown(socket.SHUT_RDWR)

        self._timer = threading.Timer(self.left_s, cut)
        self._timer.daemon = True
        self._watched = watched
        self._timer.start()

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._watched.close()


def proxy_for(host: str) -> WebProxy | None:
    """The proxy that this computer names for `host`; raise `ProvisioningRefused` for one of no use."""
    if is_this_computer(host):
        return None
    from urllib.request import getproxies, proxy_bypass  # only where something is fetched from a network

    try:
        return None if proxy_bypass(host) else web_proxy(getproxies())
    except BadInput as exc:
        raise ProvisioningRefused(ProvisioningTrouble.PROXY, exc.detail) from exc


def open_way(host: str, port: int, proxy: WebProxy | None, watch: Watch) -> socket.socket:
    """A connection that ends at `host`, in time.

    Raises `OSError`; for what the proxy does, `ProvisioningAway` and `ProvisioningRefused`.
    """
    if proxy is None:
        connected = socket.create_connection((host, port), watch.left_s)
        watch.over(connected)
        return connected
    connected = _to_proxy(proxy, watch)
    try:
        _tunnel(connected, proxy, place_of(_on_the_wire(host), port))
    except OSError as exc:
        connected.close()
        raise _away(proxy, exc, watch) from exc
    except (ProvisioningAway, ProvisioningRefused):
        connected.close()
        raise
    return connected


def _to_proxy(proxy: WebProxy, watch: Watch) -> socket.socket:
    try:
        connected = socket.create_connection((proxy.host, proxy.port), watch.left_s)
    except OSError as exc:
        raise _away(proxy, exc, watch) from exc
    watch.over(connected)
    return connected


def _tunnel(connected: socket.socket, proxy: WebProxy, target: str) -> None:
    lines = [f"CONNECT {target} HTTP/1.1", f"Host: {target}", "User-Agent: softphone"]
    if proxy.authorization:
        lines.append(f"Proxy-Authorization: {proxy.authorization}")
    connected.sendall("\r\n".join([*lines, "", ""]).encode("ascii"))
    head = b""
    while b"\r\n\r\n" not in head and len(head) <= _LONGEST_HEAD:
        more = connected.recv(1024)
        if not more:
            raise ConnectionResetError("it broke off")
        head += more
    status = _STATUS.match(head)
    if status is None or len(head) > _LONGEST_HEAD:
        raise ProvisioningAway(ProvisioningTrouble.PROXY, f"{proxy.place} does not answer like a proxy")
    if not status[1].startswith(b"2"):
        raise _refusal(proxy, target, int(status[1]), _phrase(status[2]), head)


def _refusal(
    proxy: WebProxy, target: str, code: int, phrase: str, head: bytes
) -> ProvisioningAway | ProvisioningRefused:
    said = f"{code} {phrase}".strip()
    if code == 407:
        kinds = ", ".join(dict.fromkeys(kind.decode("ascii") for kind in _ASKED_FOR.findall(head)))
        if proxy.authorization:
            why = f"does not take the user and password that stand in its address ({said})"
        else:
            why = f"wants a sign-in ({kinds or said}); only Basic can be used, from the proxy's address"
        return ProvisioningRefused(ProvisioningTrouble.PROXY, f"the proxy {proxy.place} {why}")
    if code >= 500 or code == 429:
        return ProvisioningAway(
            ProvisioningTrouble.PROXY, f"the proxy {proxy.place} could not reach {target} ({said})"
        )
    return ProvisioningRefused(
        ProvisioningTrouble.PROXY, f"the proxy {proxy.place} lets nobody through to {target} ({said})"
    )


def _away(proxy: WebProxy, exc: OSError, watch: Watch) -> ProvisioningAway:
    if watch.late or isinstance(exc, TimeoutError):
        return ProvisioningAway(ProvisioningTrouble.SLOW, f"the proxy {proxy.place} does not answer in time")
    reason = exc.strerror or str(exc)
    return ProvisioningAway(
        ProvisioningTrouble.PROXY, f"the proxy {proxy.place} cannot be reached: {clean_line(reason)}"
    )


def _phrase(raw: bytes | None) -> str:
    return clean_line((raw or b"").decode("ascii", errors="replace"), 60)


def _on_the_wire(host: str) -> str:
    return host if host.isascii() else host.encode("idna").decode("ascii")
