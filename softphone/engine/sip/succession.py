"""When the other side puts somebody else in its place: REFER to us, or an INVITE with Replaces.

A REFER is accepted only inside an established dialog. The call then has two dialogs for a while; the new
one, the heir, takes over when it is answered, or at once if the old one ends first. Thread: the sip thread.
"""

from __future__ import annotations

from collections.abc import Callable

from softphone.domain.address import SipAddress
from softphone.domain.call import Party
from softphone.domain.errors import BadInput
from softphone.domain.text import clean_line
from softphone.engine.sip.dialog import Dialog, DialogOwner, LegMedia, LegState


class Succession:
    """The heir of one call's dialog. `new_leg` makes an empty dialog owned by the call."""

    def __init__(self, new_leg: Callable[[DialogOwner], Dialog]) -> None:
        self.heir: Dialog | None = None
        self._new_leg: Callable[[DialogOwner], Dialog] | None = new_leg
        self._party: Party | None = None
        self._media = LegMedia()

    def referred(self, owner: DialogOwner, target: str) -> Dialog | None:
        """Accept a REFER to a SIP target unless a succession runs already."""
        party = _party_at(target)
        return None if party is None else self._begin(owner, party)

    def replaced(self, owner: DialogOwner, by: Party | None) -> Dialog | None:
        """Let the INVITE of `by` with Replaces take the dialog's place."""
        return self._begin(owner, by)

    def follow(self, leg: Dialog, state: LegState) -> bool:
        """Note the heir's progress; True when it is to take over now."""
        if leg is not self.heir:
            return False
        if state is LegState.DISCONNECTED:
            self.heir = None
            return False
        return state is LegState.CONFIRMED

    def note_media(self, leg: Dialog, media: LegMedia) -> None:
        """Keep what the heir's stream is until it takes over."""
        if leg is self.heir:
            self._media = media

    def complete(self) -> tuple[Party | None, LegMedia]:
        """The heir has taken over; return who it is and its stream."""
        self.heir = None
        return self._party, self._media

    def cancel(self) -> None:
        """We hang up: the heir goes too."""
        heir, self.heir = self.heir, None
        if heir is not None:
            heir.hang_up()

    def close(self) -> None:
        """The call is over: hold no pj object any more.

        One that the garbage collector finds later dies on whichever thread that is, and a late account takes
        a newer one that reuses its id with it.
        """
        self.heir = self._new_leg = None

    def _begin(self, owner: DialogOwner, party: Party | None) -> Dialog | None:
        if self.heir is not None or self._new_leg is None:
            return None
        self._party, self._media = party, LegMedia()
        self.heir = self._new_leg(owner)
        return self.heir


def _party_at(target: str) -> Party | None:
    uri = target.strip().removeprefix("<").split(">", 1)[0]
    if not uri.lower().startswith(("sip:", "sips:")):
        return None
    try:
        address = SipAddress.parse(uri)
    except BadInput:
        return None
    return Party(clean_line(address.user), clean_line(address.host))
