"""Voice mail that waits: the body of a message-summary NOTIFY (RFC 3842 section 5.2). Pure; thread: any."""

from __future__ import annotations

import re
from dataclasses import dataclass

_WAITING = re.compile(r"^Messages-Waiting[ \t]*:[ \t]*(yes|no)[ \t]*$", re.IGNORECASE | re.MULTILINE)
_VOICE = re.compile(r"^Voice-Message[ \t]*:[ \t]*(\d{1,6})/(\d{1,6})", re.IGNORECASE | re.MULTILINE)
_BODY_LIMIT = 4_000


@dataclass(frozen=True, slots=True)
class Waiting:
    """Counts of voice messages; zero where the server gives none."""

    waiting: bool = False
    new: int = 0
    old: int = 0


def read_summary(body: bytes) -> Waiting:
    """Return what the summary says; what is malformed counts as nothing waiting."""
    text = body[:_BODY_LIMIT].decode("utf-8", "replace").replace("\r\n", "\n")
    stated = _WAITING.search(text)
    counts = _VOICE.search(text)
    return Waiting(
        waiting=stated is not None and stated[1].lower() == "yes",
        new=int(counts[1]) if counts else 0,
        old=int(counts[2]) if counts else 0,
    )
