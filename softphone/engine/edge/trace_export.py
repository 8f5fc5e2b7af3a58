"""The SIP trace for people and their tools: text, pcap, and the steps of a ladder diagram.

All of it takes masked entries as `Trace.entries()` gives them. Pure functions; any thread.
"""

from __future__ import annotations

import ipaddress
import struct
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from softphone.domain.facts import dataclass
from softphone.domain.text import clean_line
from softphone.engine.edge.trace import Direction, TraceEntry

_PCAP_HEADER = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65_535, 101)  # 101: raw IP
_MOST_IN_DATAGRAM = 65_000


@dataclass(frozen=True, slots=True)
class Step:
    """One arrow of a ladder diagram. `label` is the method, or status and reason phrase, cleaned."""

    at: float
    direction: Direction
    account_id: str
    call_id: str
    label: str
    cseq: str


def as_text(entries: Iterable[TraceEntry]) -> str:
    """One block per message, time in UTC."""
    blocks = []
    for entry in entries:
        when = datetime.fromtimestamp(entry.at, UTC).isoformat(timespec="milliseconds")
        arrow = "->" if entry.direction is Direction.SENT else "<-"
        head = (
            f"{when} {entry.account_id} {entry.transport.upper()} "
            f"{entry.local[0]}:{entry.local[1]} {arrow} {entry.remote[0]}:{entry.remote[1]}"
        )
        body = entry.data.decode("utf-8", "replace").replace("\r\n", "\n").rstrip("\n")
        blocks.append(f"{head}\n{_printable(body)}\n")
    return "\n".join(blocks)


def as_pcap(entries: Iterable[TraceEntry]) -> bytes:
    """A capture file with every message as a UDP datagram between the real addresses and ports.

    The messages of TLS and web sockets are shown in clear, that is the point of it.
    """
    return _PCAP_HEADER + b"".join(_records(entries))


def steps(entries: Iterable[TraceEntry]) -> list[Step]:
    """What a ladder view draws, in order."""
    return [_step(entry) for entry in entries]


def _printable(text: str) -> str:
    return "".join(c if c in "\n\t" or c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def _step(entry: TraceEntry) -> Step:
    head = entry.data.partition(b"\r\n\r\n")[0].decode("utf-8", "replace").split("\r\n")
    first = head[0]
    label = first[8:] if first.upper().startswith("SIP/2.0 ") else first.split(" ", 1)[0]
    return Step(
        entry.at,
        entry.direction,
        entry.account_id,
        clean_line(_value(head, ("call-id", "i"))),
        clean_line(label),
        clean_line(_value(head, ("cseq",))),
    )


def _value(lines: list[str], names: tuple[str, ...]) -> str:
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        if colon and name.strip().lower() in names:
            return value.strip()
    return ""


def _records(entries: Iterable[TraceEntry]) -> Iterator[bytes]:
    for entry in entries:
        sent = entry.direction is Direction.SENT
        source, target = (entry.local, entry.remote) if sent else (entry.remote, entry.local)
        packet = _datagram(source, target, entry.data[:_MOST_IN_DATAGRAM])
        seconds, fraction = divmod(entry.at, 1)
        yield struct.pack("<IIII", int(seconds), int(fraction * 1e6), len(packet), len(packet)) + packet


def _datagram(source: tuple[str, int], target: tuple[str, int], data: bytes) -> bytes:
    first, second = (ipaddress.ip_address(address.split("%")[0]) for address, _ in (source, target))
    length = 8 + len(data)
    if isinstance(first, ipaddress.IPv4Address) and isinstance(second, ipaddress.IPv4Address):
        udp = struct.pack("!HHHH", source[1], target[1], length, 0) + data
        head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + length, 0, 0, 64, 17, 0) + first.packed + second.packed
        return head[:10] + struct.pack("!H", _checksum(head)) + head[12:] + udp
    pseudo = first.packed + second.packed + struct.pack("!II", length, 17)
    plain = struct.pack("!HHHH", source[1], target[1], length, 0) + data
    udp = plain[:6] + struct.pack("!H", _checksum(pseudo + plain) or 0xFFFF) + data
    return struct.pack("!IHBB", 0x60000000, length, 17, 64) + first.packed + second.packed + udp


def _checksum(data: bytes) -> int:
    """RFC 1071."""
    padded = data + b"\0" * (len(data) % 2)
    total = sum(padded[i] << 8 | padded[i + 1] for i in range(0, len(padded), 2))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF
