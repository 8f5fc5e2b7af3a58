"""What a call needs of one SIP dialog, and what a dialog tells its call.

`leg.Leg` is PJSIP's; tests have one without a network. Thread: the sip thread.
"""

from __future__ import annotations

from dataclasses import field
from enum import IntEnum
from typing import Protocol

from softphone.domain.call import DtmfMethod, MediaFacts
from softphone.domain.facts import dataclass
from softphone.engine.edge.messages.message import Request, Response
from softphone.engine.sip.quality import RtpCounters


class LegState(IntEnum):
    """States of an INVITE session under PJSIP's numbers (pjsip_inv_state)."""

    NULL = 0
    CALLING = 1
    INCOMING = 2
    EARLY = 3
    CONNECTING = 4
    CONFIRMED = 5
    DISCONNECTED = 6


_COMPLETED, _TERMINATED = 4, 6
_CHALLENGES = (401, 407)


@dataclass(frozen=True, slots=True)
class TransactionStep:
    """A client transaction goes from one state (pjsip_tsx_state_e) to another, with this status so far."""

    before: int
    after: int
    sip_code: int

    @property
    def is_refusal(self) -> bool:
        """Whether this step is the news that the request was refused.

        A refused transaction completes, and terminates up to 32 s later (RFC 3261 timer D), which is no news;
        only one that timed out terminates at once. A challenge is answered by PJSIP, so it is no refusal.
        """
        ends = self.after == _COMPLETED or (self.after == _TERMINATED and self.before != _COMPLETED)
        return ends and self.sip_code >= 300 and self.sip_code not in _CHALLENGES

    @property
    def is_acceptance(self) -> bool:
        """Whether this step is the news of a 2xx: an INVITE transaction terminates with it (RFC 3261
        17.1.1.2)."""
        return self.after != self.before and 200 <= self.sip_code < 300


@dataclass(frozen=True, slots=True)
class LegMedia:
    """The audio stream of a leg: `flowing` if there is one that neither side holds.

    `held_with_sound`: the other side holds us and may send something all the same, music as a rule
    (`a=sendonly`, RFC 3264 section 8.4).
    """

    flowing: bool = False
    held_with_sound: bool = False
    local_hold: bool = False
    remote_hold: bool = False
    index: int = -1
    facts: MediaFacts = field(default_factory=MediaFacts)


class Dialog(Protocol):
    """Commands raise `Refused` when the stack will not have them now."""

    def place(self, uri: str, headers: tuple[tuple[str, str], ...]) -> None:
        """Send INVITE."""

    def respond(self, sip_code: int) -> None:
        """Answer the INVITE: 180 rings, 200 accepts, 300 and above refuse."""

    def hang_up(self, sip_code: int = 0) -> None:
        """CANCEL, BYE or refuse with `sip_code`, whatever fits the state; over is over."""

    def hold(self) -> None: ...
    def resume(self) -> None: ...
    def refresh(self, new_media: bool, held: bool) -> None:
        """Send re-INVITE to say where we are now, with new media ports if `new_media`, and held if `held`."""

    def reinvite(self, headers: tuple[tuple[str, str], ...]) -> None:
        """Send re-INVITE with the same media and these headers."""

    def send_digits(self, digits: str, method: DtmfMethod) -> None: ...
    def refer(self, uri: str) -> None: ...
    def refer_to_replace(self, other: Dialog) -> None: ...
    def counters(self, index: int) -> RtpCounters:
        """RTP totals up to now; raises `Refused` when there is no stream."""


class DialogOwner(Protocol):
    """Who wants to know what happens in a dialog."""

    def leg_changed(self, leg: Dialog, state: LegState, sip_code: int, reason: str) -> None: ...
    def leg_media_changed(self, leg: Dialog, media: LegMedia) -> None: ...
    def leg_received(self, leg: Dialog, request: Request) -> None:
        """A request arrived inside the dialog, or the CANCEL of its INVITE."""

    def leg_reinvited(self, leg: Dialog, request: Request) -> int:
        """A re-INVITE arrived; return 200 to let PJSIP answer it, or the status to refuse it with."""

    def leg_rang(self, leg: Dialog, answer: Response) -> None:
        """A provisional answer to our INVITE came."""

    def leg_invite_accepted(self, leg: Dialog, answer: Response | None) -> None:
        """A 2xx to an INVITE of ours came, the first or a later one; None if PJSIP does not show it."""

    def leg_reinvite_refused(self, leg: Dialog, sip_code: int) -> None: ...
    def leg_digit_received(self, leg: Dialog, digit: str) -> None: ...
    def leg_transfer_progressed(self, leg: Dialog, sip_code: int, reason: str, final: bool) -> None: ...
    def leg_referred(self, leg: Dialog, target: str) -> Dialog | None:
        """REFER received: return the new, still empty dialog that will call `target`, None to decline."""

    def leg_to_be_replaced(self, leg: Dialog, by: Request | None) -> Dialog | None:
        """An INVITE with Replaces named this dialog: return the empty one to take over, None to decline."""

    def leg_replaced(self, leg: Dialog) -> None: ...
