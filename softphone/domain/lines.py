"""What a colleague's line is doing, as the telephone system tells those who may watch it (BLF, RFC 4235)."""

from __future__ import annotations

from enum import StrEnum


class LineState(StrEnum):
    UNKNOWN = "unknown"
    """Nothing is known: not asked yet, or there is no way to the telephone system now."""
    IDLE = "idle"
    CALLING = "calling"
    """Calls somebody who has not answered yet."""
    RINGING = "ringing"
    """Is being called."""
    TALKING = "talking"
    """Has at least one answered call, perhaps on hold."""
    REFUSED = "refused"
    """The telephone system does not let this account watch the line, or does not know it."""
