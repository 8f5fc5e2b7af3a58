"""The company's HTTP proxy: what `https_proxy` and the system's settings say, read strictly. No I/O here."""

from __future__ import annotations

import base64
import ipaddress
from collections.abc import Mapping
from dataclasses import field
from urllib.parse import unquote, urlsplit

from softphone.domain.errors import BadInput
from softphone.domain.facts import dataclass
from softphone.domain.text import clean_line

_USUAL_PORT = 80


@dataclass(frozen=True, slots=True)
class WebProxy:
    """A proxy that is asked to CONNECT. `user` and `password` are empty where it wants no sign-in."""

    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)

    @property
    def place(self) -> str:
        """What may be shown and logged: without the sign-in."""
        return place_of(self.host, self.port)

    @property
    def authorization(self) -> str:
        """The value of Proxy-Authorization (RFC 7617, Basic), empty without a sign-in."""
        if not self.user:
            return ""
        return "Basic " + base64.b64encode(f"{self.user}:{self.password}".encode()).decode("ascii")


def web_proxy(known: Mapping[str, str]) -> WebProxy | None:
    """The proxy for https addresses among what `urllib.request.getproxies` found; None: connect directly.

    Raises `BadInput` for one that cannot be used; its sign-in is not in the message.
    """
    address = (known.get("https") or known.get("all") or "").strip()
    if not address:
        return None
    if "://" not in address:
        address = f"http://{address}"
    scheme = clean_line(address.partition("://")[0], 20)
    if scheme.lower() != "http":
        raise BadInput("proxy", f"the proxy set on this computer is {scheme}://…, only http:// can be used")
    try:
        parts = urlsplit(address)
        port = parts.port or _USUAL_PORT
    except ValueError as exc:
        raise BadInput("proxy", "the address of the proxy set on this computer is none") from exc
    if not parts.hostname or not parts.hostname.isprintable() or " " in parts.hostname:
        raise BadInput("proxy", "the address of the proxy set on this computer is none")
    return WebProxy(parts.hostname, port, unquote(parts.username or ""), unquote(parts.password or ""))


def place_of(host: str, port: int) -> str:
    """Host and port as they stand in an address."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def is_this_computer(host: str) -> bool:
    """Whether `host` names this computer itself, which no proxy is asked about."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
