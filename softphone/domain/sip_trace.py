"""The trace of SIP messages that support may ask for."""

from __future__ import annotations

from enum import StrEnum


class TraceFormat(StrEnum):
    TEXT = "text"
    """For reading: one block per message."""
    PCAP = "pcap"
    """For Wireshark: every message as a datagram, those of encrypted connections too."""
    LADDER = "ladder"
    """JSON: who sent what to whom in which call, for drawing."""
