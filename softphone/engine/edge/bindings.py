"""Contacts of ours that the registrar still holds although nobody answers there any more.

A flow that broke, an address that changed or a process that died leaves its binding behind until it expires,
and many servers ring it first. So each REGISTER takes the former ones away (RFC 3261 section 10.2.2), unless
the server will not have that. Edge thread only.
"""

from __future__ import annotations

from collections.abc import Iterable

from softphone.engine.edge.messages.message import Request

MOST = 5


class Bindings:
    """What is bound, as far as the registrar's answers say; `former` is from an earlier life."""

    def __init__(self, former: Iterable[str] = ()) -> None:
        self._bound: list[str] = list(former)[-MOST:]
        self._tolerated = True

    @property
    def bound(self) -> tuple[str, ...]:
        return tuple(self._bound)

    def take_away(self, request: Request, current: Iterable[str]) -> bool:
        """Add the removal of former contacts to a REGISTER; True if there are any."""
        keep = set(current)
        former = [uri for uri in self._bound if uri not in keep] if self._tolerated else []
        for uri in former:
            request.headers.add("Contact", f"<{uri}>;expires=0")
        return bool(former)

    def accepted(self, current: Iterable[str], *, removed: bool) -> bool:
        """A 2xx came: only `current` is bound now, or nothing; True if that is news."""
        before, self._bound = self._bound, [] if removed else list(current)[-MOST:]
        return before != self._bound

    def refused(self) -> None:
        """The server refused a REGISTER that took contacts away: do not try that again."""
        self._tolerated = False
