"""Leads on this phone: who is let in, in which mode, and when they have to go. Thread: the sip thread.

Everything is decided here, at the agent's phone: by the server's assertion of who calls and by policy. A
lead's leg ends with the last call that it listened to.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import field

import structlog

from softphone.domain.account import Account
from softphone.domain.errors import Refused
from softphone.domain.facts import dataclass
from softphone.domain.ids import CallId
from softphone.domain.supervision import Notice, SupervisionPolicy, SupervisionRefusal
from softphone.domain.team_events import (
    SupervisionTurnedAway,
    SupervisorArrived,
    SupervisorChangedMode,
    SupervisorLeft,
)
from softphone.engine.edge.messages.message import Request
from softphone.engine.sip.caller import only_asserted, party_of
from softphone.engine.sip.dialog import Dialog
from softphone.engine.sip.mixer import LeadVoice
from softphone.engine.sip.supervision_header import (
    SIP_CODE,
    Situation,
    Wish,
    claimed_by,
    refusal_of,
    wish_of,
)
from softphone.engine.sip.supervisor_leg import SupervisorLeg
from softphone.engine.sip.surroundings import Surroundings

_log = structlog.get_logger(__name__)

ASK_PATIENCE_S = 30.0
WATCH_INTERVAL_S = 1.0


@dataclass
class Supervisors:
    """`rewire` lays the sound anew, `notify` plays the tone that tells the agent of a lead."""

    around: Surroundings
    rewire: Callable[[], None]
    notify: Callable[[], None]
    policy: SupervisionPolicy = field(default_factory=SupervisionPolicy)
    legs: dict[CallId, SupervisorLeg] = field(default_factory=dict)

    # --- coming in ---------------------------------------------------------------------------------------

    def judge(
        self, request: Request, wish: Wish, account: Account, at: Situation
    ) -> SupervisionRefusal | None:
        """Decide about an INVITE; a refusal is published for the record."""
        refusal = refusal_of(request, wish, self.policy, own_hosts(account), at)
        if refusal is not None:
            self.turned_away(request, wish, account, refusal)
        return refusal

    def turned_away(
        self, request: Request, wish: Wish, account: Account, refusal: SupervisionRefusal
    ) -> None:
        """Somebody tried; leave a trace."""
        claimed = claimed_by(request, party_of(request))
        _log.warning("supervision_refused", account=account.id, reason=refusal, asserted=claimed.asserted)
        self.around.publish(SupervisionTurnedAway(account.id, claimed, refusal, self.around.now(), wish.mode))

    def begin(
        self, request: Request, wish: Wish, account: Account, leg: Dialog, must_encrypt: bool = False
    ) -> SupervisorLeg:
        """Make the owner of the leg of an INVITE that was found right; `answer` comes next."""
        lead = only_asserted(request.headers)
        assert lead is not None and wish.mode is not None  # noqa: S101, PT018 - `judge` has seen to that
        made = SupervisorLeg(
            CallId(str(uuid.uuid4())),
            account.id,
            lead,
            wish.mode,
            self.around.now(),
            self._changed,
            self._asked_for_mode,
        )
        made.leg = leg
        made.must_encrypt = must_encrypt
        made.sip_call_id, made.remote_tag = request.call_id, request.from_.tag or ""
        self.legs[made.id] = made
        made.asks = self.policy.notice is Notice.ASK
        return made

    def answer(self, made: SupervisorLeg) -> None:
        """200 at once, or ask the agent first, without ringing: a lead's phone takes that for an ordinary
        call's where the telephone system keeps our header from it."""
        if made.leg is None:
            return
        if not made.asks:
            made.leg.respond(200)
            return
        self._announce(made)
        self.around.schedule.after(ASK_PATIENCE_S, lambda: self._not_answered(made))

    def let_in(self, call_id: CallId, allowed: bool) -> None:
        """The agent has answered; a lead who is gone is no error."""
        made = self.legs.get(call_id)
        if made is None or not made.asks or made.leg is None:
            return
        made.asks = False
        if allowed:
            made.leg.respond(200)
        else:
            made.hang_up(SIP_CODE[SupervisionRefusal.DECLINED])

    # --- while they are here -----------------------------------------------------------------------------

    @property
    def voices(self) -> list[LeadVoice]:
        return [made.voice for made in self.legs.values()]

    def allow(self, policy: SupervisionPolicy) -> None:
        """A new policy is in force at once: who is not named any more has to go. Tells again who is here."""
        self.policy = policy
        for made in list(self.legs.values()):
            if self._still_right(made):
                self._announce(made)
            else:
                self._end(made)

    def calls_changed(self, talking: bool) -> None:
        """Nobody listens to a phone without a call."""
        if not talking:
            self.leave_all()

    def leave_all(self) -> None:
        for made in list(self.legs.values()):
            self._end(made)

    def watch(self, now_s: float) -> None:
        """Once a second: end legs of leads whose network is gone, so that nobody waits for them."""
        for made in list(self.legs.values()):
            try:
                silent = made.is_silent(now_s)
            except Refused:
                continue  # its stream is just being replaced
            if silent:
                _log.warning("supervisor_silent", call=made.id)
                self._end(made)

    def refresh(self, account: str, new_address: bool) -> None:
        for made in self.legs.values():
            if made.account_id == account:
                made.refresh(new_address)

    # --- inside ------------------------------------------------------------------------------------------

    def _asked_for_mode(self, made: SupervisorLeg, request: Request) -> int:
        wish = wish_of(request.headers)
        if wish is None:
            return 200
        refusal = self._mode_refusal(made, wish)
        if refusal is not None or wish.mode is None:
            reason = refusal or SupervisionRefusal.MALFORMED
            self.around.publish(
                SupervisionTurnedAway(made.account_id, made.lead, reason, self.around.now(), wish.mode)
            )
            return SIP_CODE[reason]
        if wish.mode is not made.mode:
            made.mode = wish.mode
            self.rewire()
            self.around.publish(SupervisorChangedMode(made.id, made.mode, self.around.now()))
        return 200

    def _mode_refusal(self, made: SupervisorLeg, wish: Wish) -> SupervisionRefusal | None:
        if not made.confirmed or wish.mode is None:
            return SupervisionRefusal.MALFORMED
        return None if wish.mode in self.policy.modes else SupervisionRefusal.MODE_FORBIDDEN

    def _still_right(self, made: SupervisorLeg) -> bool:
        named = self.policy.names(made.lead, frozenset({made.lead.host}))
        return named and made.mode in self.policy.modes and self.policy.recordable

    def _changed(self, made: SupervisorLeg) -> None:
        if made.over:
            self._gone(made)
        elif made.unencrypted:
            self.around.schedule.after(0.0, lambda: self._end(made))
        elif made.confirmed and not made.announced:
            self._announce(made)
            if self.policy.notice is Notice.BADGE_AND_TONE:
                self.notify()
        self.rewire()

    def _announce(self, made: SupervisorLeg) -> None:
        """A lead who asks is told of at once, any other when the leg is answered; one who asked and was let
        in has changed from nothing to a mode."""
        let_in = made.was_asked and made.confirmed and not made.announced
        made.announced = made.announced or made.confirmed
        made.was_asked = made.was_asked or made.asks
        if let_in:
            self.around.publish(SupervisorChangedMode(made.id, made.mode, self.around.now()))
        elif made.asks or made.confirmed:
            self.around.publish(
                SupervisorArrived(made.id, made.account_id, made.lead, made.mode, made.since, made.asks)
            )

    def _not_answered(self, made: SupervisorLeg) -> None:
        if made.asks and not made.over:
            self.let_in(made.id, False)

    def _end(self, made: SupervisorLeg) -> None:
        try:
            made.hang_up(0 if made.confirmed else SIP_CODE[SupervisionRefusal.NO_CALL])
        except Refused as exc:
            _log.warning("hang_up_failed", call=made.id, detail=exc.detail)
        made.over = True
        self._gone(made)
        self.rewire()

    def _gone(self, made: SupervisorLeg) -> None:
        if self.legs.pop(made.id, None) is not None:
            self.around.publish(SupervisorLeft(made.id, self.around.now()))


def own_hosts(account: Account) -> frozenset[str]:
    """The hosts in whose name the account's server speaks."""
    return frozenset({host.strip("[]").lower() for host in (account.server, account.sip_domain)})
