"""An INVITE that nobody is to hear of: refused without a call and without an event.

Thread: the sip thread.
"""

from __future__ import annotations

from softphone.engine.edge.messages.message import Request, Response
from softphone.engine.sip.dialog import Dialog, LegMedia, LegState


class Nobody:
    """Implements `DialogOwner` for a dialog that is being refused; nothing in it is of interest."""

    def leg_changed(self, leg: Dialog, state: LegState, sip_code: int, reason: str) -> None:
        """Its end is what was asked for."""

    def leg_media_changed(self, leg: Dialog, media: LegMedia) -> None:
        """It has no sound."""

    def leg_received(self, leg: Dialog, request: Request) -> None:
        """A CANCEL ends it just as well."""

    def leg_reinvite_refused(self, leg: Dialog, sip_code: int) -> None:
        """It has no re-INVITE."""

    def leg_rang(self, leg: Dialog, answer: Response) -> None:
        """It never calls anybody."""

    def leg_invite_accepted(self, leg: Dialog, answer: Response | None) -> None:
        """It has no re-INVITE."""

    def leg_reinvited(self, leg: Dialog, request: Request) -> int:  # noqa: ARG002
        return 488

    def leg_digit_received(self, leg: Dialog, digit: str) -> None:
        """It has no sound."""

    def leg_transfer_progressed(self, leg: Dialog, sip_code: int, reason: str, final: bool) -> None:
        """It is not transferred."""

    def leg_referred(self, leg: Dialog, target: str) -> Dialog | None:  # noqa: ARG002 - the protocol's
        return None

    def leg_to_be_replaced(self, leg: Dialog, by: Request | None) -> Dialog | None:  # noqa: ARG002
        return None

    def leg_replaced(self, leg: Dialog) -> None:
        """It is not replaced."""
