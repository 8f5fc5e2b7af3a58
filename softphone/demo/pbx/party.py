"""Somebody on our side of calls."""

from __future__ import annotations

from dataclasses import field

from softphone.demo.pbx.call import Call
from softphone.demo.pbx.sound import Source
from softphone.domain.facts import dataclass
from softphone.engine.edge.messages.syntax import quote


@dataclass(eq=False, slots=True)
class Party:
    """Somebody on our side of calls: a customer or an extension. A transfer gives them another leg."""

    number: str
    name: str = ""
    source: Source | None = None
    anonymous: bool = False
    legs: list[Call] = field(default_factory=list)

    @property
    def leg(self) -> Call | None:
        return self.legs[-1] if self.legs else None

    def caller_header(self, host: str) -> str:
        """The From value by which they introduce themselves."""
        if self.anonymous:
            return '"Anonymous" <sip:anonymous@anonymous.invalid>'
        display = f"{quote(self.name)} " if self.name else ""
        return f"{display}<sip:{self.number}@{host}>"
