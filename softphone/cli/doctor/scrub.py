"""What may leave this computer: log lines by a list of what is allowed, texts without secrets and numbers.

Nothing is kept because nobody thought of it: an unknown key loses its value, a text of unknown origin too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

LEFT_OUT = "…"

_TOKENS = frozenset(
    {
        *("event", "level", "call", "delivery", "cause", "code", "codec", "sip_code", "command", "trouble"),
        *("status", "state", "step", "role", "kind", "event_type", "layer", "method", "scheme", "transport"),
        *("thread", "verdict", "permission", "package", "monotonic_ns"),
    }
)
"""Keys whose values are words of ours: lower case, ids, figures."""

_FIGURES = frozenset(
    {
        *("attempt", "by_us", "calls", "changed", "count", "cuts", "encrypted", "ended", "enrolled", "on"),
        *("entries", "exit_code", "fast_frames", "in_time", "interrupted", "kept", "landed", "links"),
        *("matches", "microphone_delay_ms", "pid", "port", "raised", "rate", "restarted", "s", "seconds"),
        *("serial", "signed", "speaker_delay_ms", "took_ms", "underruns", "unfinished", "unreadable"),
        *("waited_s", "waiting", "writes"),
    }
)
"""Keys whose values are numbers, true or false."""

_TOLD = frozenset({"setting_left_out", "profile_not_taken", "profile_checked"})
"""Events whose texts speak of the company's files, never of a customer."""

_TEXTS = frozenset({"place", "detail", "company", "in_force"})
_EVENTS = (
    "Changed|Established|Ended|Arrived|Lost|Attached|Measured|Opened|Failed|Saved|Recorded|Loaded|Checked"
)
_MORE_EVENTS = "Attempted|Due|Up|Progressed|Refused"
_WORD = re.compile(rf"[a-z0-9_.:-]{{1,60}}|[A-Z][A-Za-z]{{2,40}}(?:{_EVENTS}|{_MORE_EVENTS})")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]{5,15}(?:Z|[+-]\d\d:\d\d)")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32}")
_NUMBER = re.compile(
    r"(?P<time>\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?)?)"
    r"|(?P<address>\d{1,3}(?:\.\d{1,3}){3}(?![\d.]))"
    r"|\+?\d[\d ()/.-]{4,}\d"
)
_ADDRESS = re.compile(r"[\w.+%*-]+@[\w.-]+")
_FRAME = re.compile(r'  File "([^"]+)", line (\d+), in (\S+)')
_CLASS = re.compile(r"([A-Za-z_][\w.]*(?:Error|Exception|Refused|Broken|Later|Input|Interrupt|Exit))\b")


class Scrubber:
    """Knows the secrets of this phone and takes them out of everything."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self.secrets = tuple(sorted({s for s in secrets if len(s) >= 4}, key=len, reverse=True))
        self._home = str(Path.home())

    def text(self, text: str) -> str:
        """Without known secrets, telephone numbers, addresses and the name of the user's folder."""
        text = self._without_secrets(text)
        if len(self._home) > 3:
            text = text.replace(self._home, "~")
        return _NUMBER.sub(_unless_harmless, _ADDRESS.sub(f"{LEFT_OUT}@{LEFT_OUT}", text))

    def everything(self, value: Any) -> Any:
        """A JSON value whose texts have gone through `text`."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {self._without_secrets(str(key)): self.everything(inner) for key, inner in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.everything(inner) for inner in value]
        return value

    def _without_secrets(self, text: str) -> str:
        for secret in self.secrets:
            text = text.replace(secret, LEFT_OUT)
        return text

    def log_line(self, line: str) -> str:
        """One line of a log as it may leave; what is no line of ours leaves nothing but its length."""
        try:
            entry = json.loads(line)
        except ValueError:
            return json.dumps({"left_out": len(line)})
        if not isinstance(entry, dict):
            return json.dumps({"left_out": len(line)})
        told = str(entry.get("event")) in _TOLD
        kept = {key: self._value(key, value, told) for key, value in entry.items() if isinstance(key, str)}
        return json.dumps({key if _WORD.fullmatch(key) else LEFT_OUT: v for key, v in kept.items()})

    def _value(self, key: str, value: Any, told: bool) -> Any:
        if key == "timestamp":
            return value if isinstance(value, str) and _TIME.fullmatch(value) else LEFT_OUT
        if key in ("exception", "stack"):
            return self._trace(str(value))
        if isinstance(value, (bool, int, float)) and key in _FIGURES | _TOKENS:
            return value
        if key in _TOKENS and isinstance(value, str):
            word = _WORD.fullmatch(value) and (_UUID.fullmatch(value) or not _NUMBER.search(value))
            return self.text(value) if word else LEFT_OUT
        if told and key in _TEXTS and isinstance(value, str):
            return self.text(value)
        return LEFT_OUT

    def _trace(self, text: str) -> str:
        """Where it happened and of what class it was; messages may quote anything."""
        lines = []
        for line in text.splitlines():
            frame, raised = _FRAME.match(line), _CLASS.match(line)
            if frame:
                lines.append(f"{Path(frame[1]).name}:{frame[2]} {frame[3]}")
            elif raised and not line.startswith(" "):
                lines.append(raised[1])
        return "\n".join(lines)


def _unless_harmless(found: re.Match[str]) -> str:
    """Times, dotted addresses and short figures look like telephone numbers."""
    harmless = found["time"] or found["address"] or sum(c.isdigit() for c in found[0]) < 6
    return found[0] if harmless else LEFT_OUT
