"""What the SIP side must know of sound before any sound is loaded. Pure; imports next to nothing."""

from __future__ import annotations

from enum import StrEnum

BRIDGE_HZ = 16000
"""The rate of PJSIP's conference bridge."""
FRAME_SAMPLES = 320
"""Samples of one 20 ms frame that the bridge and the sound card exchange: mono, 16 bits."""


class Tone(StrEnum):
    """Sounds that the phone makes by itself, in the agent's headset."""

    RINGBACK = "ringback"
    BUSY = "busy"
    CONGESTION = "congestion"
    CALL_WAITING = "call_waiting"
    CONFIRM = "confirm"
    ATTENTION = "attention"
