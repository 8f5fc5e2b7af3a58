"""Offer and answer for one G.711 stream (RFC 3264, RFC 8866), as much as the demo's lines need."""

from __future__ import annotations

import ipaddress

from softphone.demo.pbx.g711 import PAYLOAD_TYPES
from softphone.domain.facts import dataclass

_DIRECTIONS = ("sendrecv", "sendonly", "recvonly", "inactive")
_MIRRORED = {"sendonly": "recvonly", "recvonly": "sendonly"}
_LIMIT = 16_384


class UnfitOfferError(ValueError):
    """There is no stream here that could be spoken: answer 488."""


@dataclass(frozen=True, slots=True)
class Audio:
    """One side's audio stream: where it wants to get media, with what, in which direction.

    `telephone_event` is the payload type of RFC 4733 digits, None without.
    """

    host: str
    port: int
    payload_types: tuple[int, ...]
    telephone_event: int | None = None
    direction: str = "sendrecv"

    @property
    def wants_media(self) -> bool:
        """Whether that side listens: it is neither on hold nor a mere speaker."""
        return self.direction in ("sendrecv", "recvonly")

    @property
    def payload_type(self) -> int:
        return self.payload_types[0]


def read(body: bytes) -> Audio:
    """The first audio stream in a session description; raises `UnfitOfferError`."""
    if len(body) > _LIMIT:
        raise UnfitOfferError("too long")
    lines = body.decode("utf-8", "replace").splitlines()
    at = next((i for i, line in enumerate(lines) if line.startswith("m=audio ")), None)
    if at is None:
        raise UnfitOfferError("no audio")
    end = next((i for i in range(at + 1, len(lines)) if lines[i].startswith("m=")), len(lines))
    session, media = lines[:at], lines[at:end]
    port, protocol, formats = _media_line(media[0])
    if protocol != "RTP/AVP" or port == 0:
        raise UnfitOfferError(f"{protocol} on port {port}")
    usable = tuple(f for f in formats if f in PAYLOAD_TYPES)
    if not usable:
        raise UnfitOfferError("no common codec")
    return Audio(
        host=_connection([*session, *media]),
        port=port,
        payload_types=usable,
        telephone_event=_telephone_event(media),
        direction=_direction(session, media),
    )


def write(audio: Audio, session_id: int, version: int) -> bytes:
    """A session description with this one stream."""
    formats = [str(payload_type) for payload_type in audio.payload_types]
    lines = [
        "v=0",
        f"o=demo {session_id} {version} IN IP4 {audio.host}",
        "s=demo",
        f"c=IN IP4 {audio.host}",
        "t=0 0",
    ]
    maps = [f"a=rtpmap:{p} {PAYLOAD_TYPES[p]}/8000" for p in audio.payload_types]
    if audio.telephone_event is not None:
        formats.append(str(audio.telephone_event))
        maps += [
            f"a=rtpmap:{audio.telephone_event} telephone-event/8000",
            f"a=fmtp:{audio.telephone_event} 0-15",
        ]
    lines += [
        f"m=audio {audio.port} RTP/AVP {' '.join(formats)}",
        *maps,
        "a=ptime:20",
        f"a={audio.direction}",
        "",
    ]
    return "\r\n".join(lines).encode()


def mirrored(direction: str) -> str:
    """The answer to a direction (RFC 3264 section 6.1)."""
    return _MIRRORED.get(direction, direction)


def _media_line(line: str) -> tuple[int, str, tuple[int, ...]]:
    words = line.removeprefix("m=audio ").split()
    if len(words) < 3 or not words[0].isdecimal() or int(words[0]) > 65_535:
        raise UnfitOfferError("malformed media line")
    return int(words[0]), words[1], tuple(int(word) for word in words[2:] if word.isdecimal())


def _connection(lines: list[str]) -> str:
    hosts = [line.split()[-1] for line in lines if line.startswith("c=IN IP4 ")]
    try:
        return str(ipaddress.IPv4Address(hosts[-1]))
    except (IndexError, ValueError) as exc:
        raise UnfitOfferError("no IPv4 address for media") from exc


def _telephone_event(media: list[str]) -> int | None:
    for line in media:
        number, _, encoding = line.removeprefix("a=rtpmap:").partition(" ")
        if line.startswith("a=rtpmap:") and encoding.lower().startswith("telephone-event/8000"):
            return int(number) if number.isdecimal() else None
    return None


def _direction(session: list[str], media: list[str]) -> str:
    for lines in (media, session):
        for line in lines:
            if line.removeprefix("a=") in _DIRECTIONS and line.startswith("a="):
                return line.removeprefix("a=")
    return "sendrecv"
