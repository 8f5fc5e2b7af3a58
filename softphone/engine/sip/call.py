"""One call from its INVITE to its end, as the engine sees it: dialogs in, domain events out.

A call outlives its dialogs: when the other side transfers it, a second dialog takes over under the same
`CallId` and the desk only hears `CallPartyChanged`. Thread: the sip thread.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import structlog

from softphone.domain.call import (
    Call,
    CallState,
    CallView,
    Direction,
    DtmfMethod,
    Party,
)
from softphone.domain.errors import Refused
from softphone.domain.events import (
    CallEnded,
    CallEstablished,
    CallHoldChanged,
    CallMediaChanged,
    CallMuteChanged,
    CallPartyChanged,
    CallProgressed,
    CommandRefused,
    DtmfReceived,
    RefusalReason,
)
from softphone.domain.ids import CallId
from softphone.domain.supervision import SupervisionMode, SupervisionRefusal
from softphone.domain.team_events import SupervisionTurnedAway
from softphone.engine.edge.messages.message import Request, Response
from softphone.engine.sip.caller import asserted_party, only_asserted, party_of
from softphone.engine.sip.dialog import Dialog, LegMedia, LegState
from softphone.engine.sip.ending import Ending, StatedReason, cause_of
from softphone.engine.sip.holding import Holding
from softphone.engine.sip.listening import NOT_PASSED_ON, Listening
from softphone.engine.sip.succession import Succession
from softphone.engine.sip.supervision_header import SIP_CODE, given_mode, wish_of
from softphone.engine.sip.surroundings import Surroundings
from softphone.engine.sip.transfer import Transfer

_log = structlog.get_logger(__name__)

END_PATIENCE_S = 2.0
"""How long the desk waits for the other side to confirm a hang-up before the call counts as ended."""


class SipCall:
    """What the desk knows by a `CallId`. `media_changed` is called when who hears whom may be another."""

    def __init__(
        self,
        view: CallView,
        around: Surroundings,
        media_changed: Callable[[], None],
        succession: Succession,
        must_encrypt: bool = False,
    ) -> None:
        self.call = Call(view)
        self.media = LegMedia()
        self.holding = Holding(around, self._established_leg, self._hold_failed)
        self.listening: Listening | None = None
        """For a lead's own leg: the mode and our microphone."""
        self._transfer = Transfer(around, view.id)
        self._around = around
        self._media_changed = media_changed
        self._succession = succession
        self._must_encrypt = must_encrypt
        self._leg: Dialog | None = None
        self._by_us = False
        self._handing_over = False
        self._rang = False
        self._reason = StatedReason()
        self._log = _log.bind(call=view.id)

    @property
    def id(self) -> CallId:
        return self.call.view.id

    @property
    def view(self) -> CallView:
        return self.call.view

    @property
    def leg(self) -> Dialog | None:
        """The dialog that carries the call, None before it has one."""
        return self._leg

    def carried_by(self, leg: Dialog) -> None:
        """Name the first dialog."""
        self._leg = leg

    def listen(self, mode: SupervisionMode, direct: bool) -> Listening:
        """Make this, before it is placed, a supervision: with the microphone closed."""
        self.listening = Listening(
            self._around, self.id, mode, direct, lambda: self._leg if self.view.live else None,
            self._media_changed, self._established, lambda: self.hang_up(NOT_PASSED_ON),
        )  # fmt: skip
        return self.listening

    @property
    def is_heard(self) -> bool:
        """Whether its stream may be played: a lead's leg only once the agent's phone has let it in."""
        return self.media.flowing and (self.listening is None or self.listening.confirmed)

    @property
    def microphone_closed(self) -> bool:
        return self.view.muted or (self.listening is not None and not self.listening.microphone)

    # --- what the desk asks for ------------------------------------------------------------------------

    def answer(self) -> None:
        """Accept; raises `Refused`. A call that does not ring any more is left alone."""
        if self.view.state is CallState.INCOMING and self._leg is not None:
            self._leg.respond(200)

    def hang_up(self, sip_code: int = 0) -> None:
        """End it in whatever state it is; raises `Refused`."""
        if not self.view.live or self._leg is None:
            return
        self._by_us = True
        self._succession.cancel()
        if self.view.state is CallState.INCOMING and not sip_code:
            sip_code = 486
        self._leg.hang_up(sip_code)
        self._around.schedule.after(END_PATIENCE_S, lambda: self._ended(sip_code or self.view.sip_code, ""))

    def mute(self, muted: bool) -> None:
        """Send silence instead of the microphone, or stop that."""
        if self.call.note(muted=muted):
            self._media_changed()
            self._around.publish(CallMuteChanged(self.id, muted))

    def silence(self) -> None:
        """Do not ring for this call any more."""
        self.call.note(silenced=True)

    def send_digits(self, digits: str, method: DtmfMethod) -> None:
        """Send DTMF; raises `Refused`. Who does not take RFC 4733 events gets INFO."""
        leg = self._dialog()
        try:
            leg.send_digits(digits, method)
        except Refused:
            if method is DtmfMethod.INFO:
                raise
            leg.send_digits(digits, DtmfMethod.INFO)

    def refresh(self, new_address: bool) -> None:
        """The dialog's way has changed: send it again over the new one, with new media if need be."""
        if self._leg is None or self.view.state is not CallState.ESTABLISHED:
            return
        try:
            self._leg.refresh(new_address, self.holding.wanted)
        except Refused as exc:
            self._log.warning("refresh_failed", detail=exc.detail)

    def watch_silence(self, now_s: float) -> None:
        """A lead's own leg ends when nothing comes from the other phone any more."""
        if self.listening is None or not self.media.flowing:
            return
        if self.listening.falls_silent(self.media.index, now_s):
            self._log.warning("supervised_phone_silent")
            self.hang_up()

    def transfer_to(self, uri: str) -> None:
        """Ask the other side to call `uri` instead of us; raises `Refused`."""
        self._transfer.blind(self._dialog(), uri)

    def hand_over_to(self, lead: Dialog | str) -> None:
        """Ask the other side to take our place with a lead: a dialog, or a URI with Replaces. Raises
        `Refused`.

        Where that fails the call stays, and the desk hears that hanging up was refused.
        """
        self._handing_over = True
        if isinstance(lead, str):
            self._transfer.blind(self._dialog(), lead)
        else:
            self._transfer.attended(self._dialog(), Transfer(self._around, self.id), lead)

    def connect_with(self, consultation: SipCall) -> None:
        """Ask the other side to take our place in the call `consultation`; raises `Refused`."""
        self._transfer.attended(self._dialog(), consultation._transfer, consultation._dialog())

    # --- what the dialogs tell -------------------------------------------------------------------------

    def leg_changed(self, leg: Dialog, state: LegState, sip_code: int, reason: str) -> None:
        if leg is self._leg:
            self._follow(state, sip_code, reason)
        elif self._succession.follow(leg, state):
            self._take_over(leg)

    def leg_media_changed(self, leg: Dialog, media: LegMedia) -> None:
        if leg is not self._leg:
            self._succession.note_media(leg, media)
            return
        self.media = media
        self._note_hold(media)
        if self._must_encrypt and (media.flowing or media.held_with_sound) and not media.facts.encrypted:
            self._end_unencrypted()
            return
        # with both sides on hold there is no stream, but the facts of the last one stand
        known = self.call.note(media=media.facts) if media.facts.codec else False
        if known and self.view.state is CallState.ESTABLISHED:
            self._around.publish(CallMediaChanged(self.id, media.facts))
        # not at once: with a 200 the stream comes before the state, and this is no early media then
        self._around.schedule.after(0.0, self._maybe_early)
        self._media_changed()

    def leg_received(self, leg: Dialog, request: Request) -> None:
        if leg is not self._leg:
            return
        if request.method in ("CANCEL", "BYE"):
            self._reason = StatedReason.read(request.headers.all("Reason"))
        elif request.method in ("INVITE", "UPDATE") and request.in_dialog:
            party = asserted_party(request.headers)
            if party is not None:
                self._now_with(party)

    def leg_reinvited(self, leg: Dialog, request: Request) -> int:
        """An ordinary call does not become a supervision by a header."""
        wish = wish_of(request.headers)
        if wish is None or leg is not self._leg:
            return 200
        claimed = only_asserted(request.headers) or self.view.party
        refusal = SupervisionRefusal.NOT_SUPERVISED
        self._around.publish(
            SupervisionTurnedAway(self.view.account_id, claimed, refusal, self._around.now(), wish.mode)
        )
        return SIP_CODE[refusal]

    def leg_rang(self, leg: Dialog, answer: Response) -> None:
        if leg is self._leg and self.listening is not None:
            self.listening.rang(given_mode(answer))

    def leg_invite_accepted(self, leg: Dialog, answer: Response | None) -> None:
        if leg is self._leg and self.listening is not None:
            self.listening.accepted(given_mode(answer))

    def leg_reinvite_refused(self, leg: Dialog, sip_code: int) -> None:
        if leg is not self._leg or (self.listening is not None and self.listening.refused(sip_code)):
            return
        self.holding.refused(sip_code)

    def leg_digit_received(self, leg: Dialog, digit: str) -> None:
        if leg is self._leg and self.listening is not None:
            self.listening.digit(digit)
        elif leg is self._leg:
            self._around.publish(DtmfReceived(self.id, digit))

    def leg_transfer_progressed(self, leg: Dialog, sip_code: int, reason: str, final: bool) -> None:
        if leg is not self._leg:
            return
        self._transfer.progressed(sip_code, reason, final)
        if final and sip_code >= 300 and self._handing_over:
            self._handing_over = False
            said = f"the lead could not be given the call: {sip_code}"
            self._around.publish(CommandRefused("HangUp", RefusalReason.FAILED, self.id, said))
        if final and 200 <= sip_code < 300:
            self._around.schedule.after(0.0, self._leave_transferred)

    def leg_referred(self, leg: Dialog, target: str) -> Dialog | None:
        listening = self.listening is not None  # nobody sends a lead elsewhere
        if leg is not self._leg or self.view.state is not CallState.ESTABLISHED or listening:
            return None
        return self._succession.referred(self, target)

    def leg_to_be_replaced(self, leg: Dialog, by: Request | None) -> Dialog | None:
        party = party_of(by) if by is not None else None
        return self._succession.replaced(self, party) if leg is self._leg else None

    def leg_replaced(self, leg: Dialog) -> None:
        successor = self._succession.heir
        if leg is self._leg and successor is not None:
            self._take_over(successor)

    # --- inside ----------------------------------------------------------------------------------------

    def _follow(self, state: LegState, sip_code: int, reason: str) -> None:
        if state is LegState.EARLY and self.view.direction is Direction.OUTBOUND:
            self._rang = True
            self._progress(CallState.RINGING, sip_code)
        elif state is LegState.CONFIRMED and (self.listening is None or self.listening.answered()):
            self._established()
        elif state is LegState.DISCONNECTED and self._succession.heir is not None:
            self._take_over(self._succession.heir)
        elif state is LegState.DISCONNECTED:
            self._ended(sip_code, reason)

    def _progress(self, state: CallState, sip_code: int) -> None:
        if self.media.flowing:
            state = CallState.EARLY
        before = self.view.state
        if before in (CallState.OUTGOING, CallState.RINGING, CallState.EARLY) and before is not state:
            self.call.advance(state, sip_code=sip_code)
            self._around.publish(CallProgressed(self.id, state, sip_code))
        self._media_changed()

    def _maybe_early(self) -> None:
        if self.media.flowing and self.view.state in (CallState.OUTGOING, CallState.RINGING):
            self._rang = True
            self._progress(CallState.EARLY, self.view.sip_code or 183)

    def release(self) -> None:
        """Let go of the dialog; it is over."""
        self._leg = None
        self._succession.close()

    def _established(self) -> None:
        if self.view.state is CallState.ESTABLISHED:
            return
        at = self._around.now()
        media = self.view.media
        if self.call.advance(CallState.ESTABLISHED, established_at=at, sip_code=200):
            self._log.info("call_established", codec=media.codec, encrypted=media.encrypted)
            self._around.publish(CallEstablished(self.id, at, media))
            if self.listening is not None:
                self.listening.established()
            self._media_changed()

    def _ended(self, sip_code: int, reason: str) -> None:
        view = self.view
        if not view.live:
            return
        cause = cause_of(
            Ending(
                view.direction,
                view.state,
                sip_code,
                self._by_us,
                self._rang,
                self._transfer.explains_end,
                self._reason,
            )
        )
        at = self._around.now()
        self.call.advance(
            CallState.TERMINATED, ended_at=at, end_cause=cause, ended_by_us=self._by_us, sip_code=sip_code
        )
        self.media = LegMedia()
        self._log.info("call_ended", cause=cause, sip_code=sip_code, by_us=self._by_us)
        self._around.publish(
            CallEnded(self.id, cause, at, self._by_us, sip_code, self._reason.text or reason)
        )
        self._media_changed()

    def _leave_transferred(self) -> None:
        if self.view.live and self._leg is not None:
            self._by_us = True
            self._leg.hang_up()

    def _end_unencrypted(self) -> None:
        """The account demands encrypted media and this is none: nobody may hear anything of it."""
        self._log.warning("media_not_encrypted")
        self.media = LegMedia()
        self._media_changed()
        self._around.schedule.after(0.0, lambda: self._leg.hang_up(488) if self._leg else None)

    def _take_over(self, successor: Dialog) -> None:
        former, self._leg = self._leg, successor
        party, media = self._succession.complete()
        self.holding.begin_anew()
        self.listening = None  # the customer was handed over to a lead: an ordinary talk from now on
        if party is not None:
            self._now_with(party)
        self.leg_media_changed(successor, media)
        if former is not None:
            former.hang_up()

    def _now_with(self, party: Party) -> None:
        if party.user == self.view.party.user and not party.display_name and not party.anonymous:
            party = replace(party, display_name=self.view.party.display_name)  # the same one, named before
        if self.call.note(party=party):
            self._around.publish(CallPartyChanged(self.id, party))

    def _note_hold(self, media: LegMedia) -> None:
        # while we hold, PJSIP does not say whether the other side holds too: keep what was known
        remote = self.view.remote_hold if media.local_hold else media.remote_hold
        if self.call.note(local_hold=media.local_hold, remote_hold=remote):
            self._around.publish(CallHoldChanged(self.id, media.local_hold, remote))

    def _dialog(self) -> Dialog:
        if self._leg is None or not self.view.live:
            raise Refused("call", "it has no dialog")
        return self._leg

    def _established_leg(self) -> Dialog | None:
        return self._leg if self.view.state is CallState.ESTABLISHED else None

    def _hold_failed(self, detail: str) -> None:
        self._around.publish(CommandRefused("HoldCall", RefusalReason.FAILED, self.id, detail))
