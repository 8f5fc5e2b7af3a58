"""SIP on the wire for tests: exact bytes out, simple messages in, over UDP, TCP and TLS.

Deliberately naive and independent of the product's own parser: it shows what was really sent.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import socket
import ssl
from dataclasses import dataclass, field

from tests.peers.ports import free_port

Address = tuple[str, int]
LARGEST_DATAGRAM = 65_535


@dataclass
class SipMessage:
    """Start line, headers in order as they came, body."""

    start: str
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""

    @classmethod
    def parse(cls, data: bytes) -> SipMessage:
        """Split at line ends and colons; no checks."""
        head, _, body = data.partition(b"\r\n\r\n")
        lines = head.decode("utf-8", "surrogateescape").split("\r\n")
        pairs = [line.partition(":") for line in lines[1:]]
        return cls(lines[0], [(name.strip(), value.strip()) for name, _, value in pairs], body)

    def __bytes__(self) -> bytes:
        lines = [self.start, *(f"{name}: {value}" for name, value in self.headers)]
        lines.append(f"Content-Length: {len(self.body)}")
        return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8", "surrogateescape") + self.body

    @property
    def is_request(self) -> bool:
        """Whether it is no response."""
        return not self.start.startswith("SIP/2.0 ")

    @property
    def method(self) -> str:
        """Of a request itself; of a response the method that it answers."""
        return self.start.split()[0] if self.is_request else self["CSeq"].split()[-1]

    @property
    def status(self) -> int:
        """Status code of a response, 0 for a request."""
        return 0 if self.is_request else int(self.start.split()[1])

    def get(self, name: str) -> str | None:
        """First value of a header, whatever its case."""
        return next(iter(self.all(name)), None)

    def all(self, name: str) -> list[str]:
        """All values of a header in order, one per line that it came on."""
        return [value for header, value in self.headers if header.lower() == name.lower()]

    def __getitem__(self, name: str) -> str:
        value = self.get(name)
        if value is None:
            raise KeyError(f"no {name} in {self.start!r}")
        return value

    def uri_of(self, name: str) -> str:
        """The address inside a From, To or Contact header."""
        value = self[name]
        inside = re.search(r"<([^>]*)>", value)
        return inside.group(1) if inside else value.split(";")[0].strip()

    def tag_of(self, name: str) -> str | None:
        """The tag parameter of From or To."""
        found = re.search(r";tag=([^;>\s]+)", self[name].rpartition(">")[2] or self[name])
        return found.group(1) if found else None

    def reply(
        self,
        status: int,
        reason: str,
        *,
        tag: str = "",
        extra: tuple[tuple[str, str], ...] = (),
        body: bytes = b"",
    ) -> SipMessage:
        """The response to this request (RFC 3261, section 8.2.6)."""
        copied = ("via", "from", "to", "call-id", "cseq", "record-route")
        headers = [(name, value) for name, value in self.headers if name.lower() in copied]
        if tag and self.tag_of("To") is None:
            headers = [(n, f"{v};tag={tag}" if n.lower() == "to" else v) for n, v in headers]
        return SipMessage(f"SIP/2.0 {status} {reason}", [*headers, *extra], body)


class UdpWire:
    """A UDP socket on loopback."""

    def __init__(self, host: str = "127.0.0.1", port: int = 0) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((host, port or free_port()))
        self.address: Address = self._socket.getsockname()

    def send(self, data: bytes | SipMessage, to: Address) -> None:
        """Send these bytes as one datagram."""
        self._socket.sendto(bytes(data), to)

    def receive(self, *, timeout_s: float = 5.0) -> tuple[SipMessage, Address]:
        """The next message and its sender; raises TimeoutError when none comes."""
        data, sender = self.receive_bytes(timeout_s=timeout_s)
        return SipMessage.parse(data), sender

    def receive_bytes(self, *, timeout_s: float = 5.0) -> tuple[bytes, Address]:
        """The next datagram as it is and its sender; raises TimeoutError when none comes."""
        self._socket.settimeout(timeout_s)
        data, sender = self._socket.recvfrom(LARGEST_DATAGRAM)
        return data, sender

    def is_quiet(self, *, for_s: float) -> bool:
        """Whether nothing at all arrives for so long."""
        try:
            self.receive_bytes(timeout_s=for_s)
        except TimeoutError:
            return True
        return False

    def close(self) -> None:
        """Give the port back."""
        self._socket.close()


class StreamWire:
    """One TCP or TLS connection with SIP's framing by Content-Length (RFC 3261, section 18.3)."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self._buffer = b""

    @classmethod
    def connect(
        cls, to: Address, *, tls: ssl.SSLContext | None = None, name: str = "localhost"
    ) -> StreamWire:
        """Open a connection, with TLS if a context is given."""
        connection = socket.create_connection(to, timeout=5)
        return cls(tls.wrap_socket(connection, server_hostname=name) if tls else connection)

    @property
    def address(self) -> Address:
        """Our own end."""
        host, port = self._socket.getsockname()[:2]
        return str(host), int(port)

    def send(self, data: bytes | SipMessage) -> None:
        """Send these bytes."""
        self._socket.sendall(bytes(data))

    def receive(self, *, timeout_s: float = 5.0) -> SipMessage:
        """The next whole message; raises TimeoutError when none comes, ConnectionError at the end."""
        self._socket.settimeout(timeout_s)
        while True:
            self._buffer = self._buffer.lstrip(b"\r\n")
            head, found, rest = self._buffer.partition(b"\r\n\r\n")
            if found:
                length = re.search(rb"^(?:content-length|l)\s*:\s*(\d+)", head, re.IGNORECASE | re.MULTILINE)
                size = int(length.group(1)) if length else 0
                if len(rest) >= size:
                    self._buffer = rest[size:]
                    return SipMessage.parse(head + found + rest[:size])
            data = self._socket.recv(LARGEST_DATAGRAM)
            if not data:
                raise ConnectionError("the connection was closed")
            self._buffer += data

    def close(self) -> None:
        """End the connection."""
        self._socket.close()


class StreamListener:
    """Accepts TCP or TLS connections, one at a time."""

    def __init__(self, host: str = "127.0.0.1", *, tls: ssl.SSLContext | None = None, port: int = 0) -> None:
        self._tls = tls
        self._socket = socket.create_server((host, port or free_port()))
        self.address: Address = self._socket.getsockname()[:2]

    def accept(self, *, timeout_s: float = 5.0) -> StreamWire:
        """The next connection; raises TimeoutError when none comes, ssl.SSLError when the handshake fails."""
        self._socket.settimeout(timeout_s)
        connection, _ = self._socket.accept()
        connection.settimeout(timeout_s)
        return StreamWire(self._tls.wrap_socket(connection, server_side=True) if self._tls else connection)

    def close(self) -> None:
        """Stop listening; open connections stay."""
        self._socket.close()


def digest_answer(challenge: str, *, method: str, uri: str, user: str, password: str) -> str:
    """The Authorization value for a Digest challenge with MD5 or SHA-256 and qop=auth or none (RFC 8760)."""
    asked = dict(re.findall(r'(\w+)="?([^",]*)"?', challenge.partition(" ")[2]))
    algorithm = asked.get("algorithm", "MD5")
    hashing = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}[algorithm.upper()]

    def digest(text: str) -> str:
        return hashing(text.encode()).hexdigest()

    first = digest(f"{user}:{asked['realm']}:{password}")
    second = digest(f"{method}:{uri}")
    answer = {"username": user, "realm": asked["realm"], "nonce": asked["nonce"], "uri": uri}
    plain = f"algorithm={algorithm}"
    if "qop" in asked:
        cnonce = secrets.token_hex(8)
        answer["response"] = digest(f"{first}:{asked['nonce']}:00000001:{cnonce}:auth:{second}")
        answer["cnonce"] = cnonce
        plain += ", qop=auth, nc=00000001"
    else:
        answer["response"] = digest(f"{first}:{asked['nonce']}:{second}")
    if "opaque" in asked:
        answer["opaque"] = asked["opaque"]
    return "Digest " + ", ".join(f'{name}="{value}"' for name, value in answer.items()) + f", {plain}"
