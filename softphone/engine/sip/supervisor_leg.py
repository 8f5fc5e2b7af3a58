"""A lead's leg at the agent's phone: let in, heard and hearing by its mode, until it goes. Thread: the sip
thread.

It never is a call of the desk: it does not ring, cannot be answered, transferred or replaced.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import structlog

from softphone.domain.call import DtmfMethod, Party
from softphone.domain.errors import Refused
from softphone.domain.ids import AccountId, CallId
from softphone.domain.supervision import SupervisionMode
from softphone.engine.edge.messages.message import Request, Response
from softphone.engine.sip.dialog import Dialog, LegMedia, LegState
from softphone.engine.sip.mixer import LeadVoice
from softphone.engine.sip.silence import SilenceWatch
from softphone.engine.sip.supervision_header import confirmation

_log = structlog.get_logger(__name__)


class SupervisorLeg:
    """Implements `dialog.DialogOwner`. `changed` is called when the sound or the leg's life has changed;
    `ask_mode` gets each re-INVITE and returns the status that it deserves."""

    def __init__(
        self,
        call_id: CallId,
        account_id: AccountId,
        lead: Party,
        mode: SupervisionMode,
        since: datetime,
        changed: Callable[[SupervisorLeg], None],
        ask_mode: Callable[[SupervisorLeg, Request], int],
    ) -> None:
        self.id = call_id
        self.account_id = account_id
        self.lead = lead
        self.mode = mode
        self.since = since
        self.asks = False
        self.was_asked = False
        self.announced = False
        self.confirmed = False
        self.over = False
        self.media = LegMedia()
        self.silence = SilenceWatch()
        self.leg: Dialog | None = None
        self.sip_call_id = ""
        self.remote_tag = ""
        self.must_encrypt = False
        self.unencrypted = False
        """Media came without encryption where the account demands it: the leg has to go."""
        self._changed = changed
        self._ask_mode = ask_mode

    @property
    def voice(self) -> LeadVoice:
        """What the mixer needs; nothing flows before the lead was let in."""
        return LeadVoice(self.id, self.media.flowing and self.confirmed and not self.over, self.mode)

    @property
    def has_taken_over(self) -> bool:
        return self.voice.flowing and self.mode is SupervisionMode.TAKE_OVER

    def hang_up(self, sip_code: int = 0) -> None:
        """End it in whatever state it is."""
        if self.leg is not None and not self.over:
            self.leg.hang_up(sip_code)

    def refresh(self, new_address: bool) -> None:
        """The way to the server is a new one."""
        if self.leg is None or not self.confirmed or self.over:
            return
        try:
            self.leg.refresh(new_address, held=False)
        except Refused as exc:
            _log.warning("refresh_failed", call=self.id, detail=exc.detail)

    def packets_received(self) -> int | None:
        """How many have come from the lead's phone on this stream, None while there is none."""
        if self.leg is None or not self.voice.flowing:
            return None
        try:
            return self.leg.counters(self.media.index).rx_packets
        except Refused:
            return None

    def is_silent(self, now_s: float) -> bool:
        """Whether nothing at all has come from the lead's phone for too long: it has lost its network."""
        if self.leg is None or not self.voice.flowing:
            self.silence.forget()
            return False
        return self.silence.lasts(self.leg.counters(self.media.index).rx_packets, now_s)

    # --- what the dialog tells ---------------------------------------------------------------------------

    def leg_changed(self, leg: Dialog, state: LegState, sip_code: int, reason: str) -> None:  # noqa: ARG002
        if leg is not self.leg:
            return
        self.confirmed = state is LegState.CONFIRMED
        self.over = state is LegState.DISCONNECTED
        if self.confirmed or self.over:
            self._changed(self)
        if self.over:
            self.leg = None  # it holds us: found late by the collector, it would hang up its slot's next call

    def leg_media_changed(self, leg: Dialog, media: LegMedia) -> None:
        if leg is not self.leg:
            return
        if self.must_encrypt and media.flowing and not media.facts.encrypted:
            self.media = LegMedia()  # the account demands encrypted media: nobody hears anything of it
            self.unencrypted = True
        else:
            self.media = media
        self._changed(self)

    def leg_reinvited(self, leg: Dialog, request: Request) -> int:
        return self._ask_mode(self, request) if leg is self.leg else 481

    def leg_rang(self, leg: Dialog, answer: Response) -> None:
        """It never calls anybody."""

    def leg_invite_accepted(self, leg: Dialog, answer: Response | None) -> None:
        """Nothing was asked."""

    def leg_received(self, leg: Dialog, request: Request) -> None:
        """Only re-INVITEs say anything here."""

    def leg_reinvite_refused(self, leg: Dialog, sip_code: int) -> None:
        """A refresh was refused; the old way stands."""

    def leg_digit_received(self, leg: Dialog, digit: str) -> None:
        """Some digits ask which mode is in force; the others do nothing."""
        said = confirmation(digit, self.mode)
        if leg is not self.leg or not said or not self.voice.flowing:
            return
        try:
            leg.send_digits(said, DtmfMethod.RFC4733)
        except Refused as exc:
            _log.info("mode_not_confirmed", call=self.id, detail=exc.detail)

    def leg_transfer_progressed(self, leg: Dialog, sip_code: int, reason: str, final: bool) -> None:
        """Told by the customer's call, which was transferred to this leg."""

    def leg_referred(self, leg: Dialog, target: str) -> Dialog | None:  # noqa: ARG002
        return None

    def leg_to_be_replaced(self, leg: Dialog, by: Request | None) -> Dialog | None:  # noqa: ARG002
        return None

    def leg_replaced(self, leg: Dialog) -> None:
        """Never: it was declined."""
