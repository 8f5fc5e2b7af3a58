"""The media of one call: its stream, and what was offered and answered about it (RFC 3264)."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from softphone.demo.pbx import sdp
from softphone.demo.pbx.g711 import PAYLOAD_TYPES
from softphone.demo.pbx.rtp import RtpStream
from softphone.engine.edge.messages.message import Request, Response

_TELEPHONE_EVENT = 101


class Media:
    """`on_hold_changed` hears when the phone puts us on hold or takes us back."""

    def __init__(self, on_digit: Callable[[str], None], on_hold_changed: Callable[[bool], None]) -> None:
        self.stream = RtpStream(on_digit)
        self.held = False
        self.direction = "sendrecv"
        """What we offer: sendonly while we hold the phone."""
        self._on_hold_changed = on_hold_changed
        self._remote: sdp.Audio | None = None
        self._session = secrets.randbits(31)
        self._version = 0

    def note_offer(self, body: bytes) -> None:
        """Remember the phone's offer without speaking yet; raises `UnfitOfferError`."""
        self._remote = sdp.read(body) if body else None

    def start(self) -> None:
        """Speak to the phone, if it has said where."""
        if self._remote is not None:
            self.stream.start(self._remote)

    def hear(self, body: bytes) -> None:
        """Go on as the phone now describes its side; raises `UnfitOfferError`."""
        self._remote = sdp.read(body)
        self.stream.start(self._remote)
        held = self._remote.direction in ("sendonly", "inactive")
        if held != self.held:
            self.held = held
            self._on_hold_changed(held)

    def describe_offer(self, message: Request | Response) -> None:
        """Put an offer of ours into a message."""
        host, port = self.stream.local
        types = tuple(PAYLOAD_TYPES)
        self._describe(message, sdp.Audio(host, port, types, _TELEPHONE_EVENT, self.direction))

    def describe_reply(self, message: Request | Response) -> None:
        """Put the answer to the phone's last offer into a message, or an offer if there was none."""
        offered = self._remote
        if offered is None:
            self.describe_offer(message)
            return
        host, port = self.stream.local
        direction = sdp.mirrored(offered.direction)
        audio = sdp.Audio(host, port, offered.payload_types[:1], offered.telephone_event, direction)
        self._describe(message, audio)

    def _describe(self, message: Request | Response, audio: sdp.Audio) -> None:
        self._version += 1
        message.headers.add("Content-Type", "application/sdp")
        message.body = sdp.write(audio, self._session, self._version)
