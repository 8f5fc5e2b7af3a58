"""What every request to a running desk has."""

from __future__ import annotations

from softphone.domain.facts import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Root of all requests. `timeout_s` is how long to wait for the confirmation, at most 60."""

    timeout_s: float = 10.0
