"""Taking and making calls: the agent's commands one way, the engine's news the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from softphone.domain.address import PhoneNumber, diallable
from softphone.domain.call import CallState, CallView, Direction, DtmfMethod, EndCause, Party
from softphone.domain.campaign import Campaign
from softphone.domain.errors import BadInput, Refused
from softphone.domain.events import (
    CallArrived,
    CallEnded,
    CallEstablished,
    CallHoldChanged,
    CallMediaChanged,
    CallMuteChanged,
    CallPartyChanged,
    CallProgressed,
    CallTransferProgressed,
    CommandRefused,
    EngineAttached,
    EngineLost,
)
from softphone.domain.ids import AccountId, CallId, CampaignId
from softphone.usecases.bus import Bus
from softphone.usecases.calls.call_register import CallRegister
from softphone.usecases.calls.dialling import Dialling
from softphone.usecases.calls.not_calling import NotCalling
from softphone.usecases.calls.placing import Placing
from softphone.usecases.configuring import Configuring
from softphone.usecases.ports import Clock, Identities, NumberPlan, Telephone

MAX_CALLS = 4
"""What the engine can carry at once (measured: PJSIP's wheel allows no more)."""

MAX_DIGITS = 32
"""What the engine takes at once: each digit lasts a quarter of a second."""

BUSY_HERE, DECLINE = 486, 603


class Calling:
    """What the agent does with calls, and what becomes of them."""

    def __init__(
        self,
        telephone: Telephone,
        configuring: Configuring,
        numbers: NumberPlan,
        clock: Clock,
        identities: Identities,
        bus: Bus,
        not_calling: NotCalling,
    ) -> None:
        self._not_calling = not_calling
        self._telephone = telephone
        self._configuring = configuring
        self._numbers = numbers
        self._clock = clock
        self._identities = identities
        self._register = register = CallRegister(clock, bus)
        self._placing = Placing(configuring)
        self._answering_barred: Callable[[], bool] = lambda: False
        self._dialling_rule: Callable[[str], None] = lambda _target: None
        self.dialling = Dialling(
            telephone, register.lives, lambda c: register.end_here(c, EndCause.DO_NOT_CALL)
        )
        self.last_dialled = ""
        bus.subscribe(CallArrived, self._on_arrived)
        bus.subscribe(CallProgressed, self._on_progressed)
        bus.subscribe(CallEstablished, self._on_established)
        bus.subscribe(
            CallHoldChanged, lambda e: register.note(e.call_id, local_hold=e.local, remote_hold=e.remote)
        )
        bus.subscribe(CallMuteChanged, lambda e: register.note(e.call_id, muted=e.muted))
        bus.subscribe(CallMediaChanged, lambda e: register.note(e.call_id, media=e.media))
        bus.subscribe(CallPartyChanged, lambda e: register.note(e.call_id, party=e.party))
        bus.subscribe(CallTransferProgressed, lambda e: register.note(e.call_id, transfer_code=e.sip_code))
        bus.subscribe(CallEnded, self._on_ended)
        bus.subscribe(CommandRefused, self._on_refused)
        bus.subscribe(EngineLost, self._on_engine_lost)
        bus.subscribe(EngineAttached, self._on_engine_attached)

    # --- what is there ---

    @property
    def calls(self) -> tuple[CallView, ...]:
        """Live calls, oldest first."""
        return self._register.live

    def call(self, call_id: CallId) -> CallView | None:
        return self._register.call(call_id)

    def remember(self, call: CallView) -> None:
        """A call of an earlier desk that is over, and is worked on again."""
        self._register.remember(call)

    def take_over(self, call: CallView) -> None:
        """A call that ended while no desk was there, and of which nobody knows but the engine."""
        if self._register.call(call.id) is None:
            self._register.add(self._placing.placed(call))

    def forget(self, call_id: CallId) -> None:
        """A call that is over is not asked for any more; one that lives stays."""
        self._register.forget(call_id)

    def ringing(self) -> CallView | None:
        """The oldest call that rings here."""
        return self._register.ringing()

    def current(self) -> CallView | None:
        """The call that keys act on: the one being talked to, else one on hold, else one being dialled."""
        return self._register.current()

    def campaign(self, call: CallView) -> Campaign | None:
        return self._placing.campaign(call)

    def complete_campaigns(self, rule: Callable[[Campaign], Campaign]) -> None:
        """What the settings say of a campaign is completed by `rule` (codes that its CRM knows)."""
        self._placing.complete(rule)

    def number(self, call: CallView) -> PhoneNumber:
        """The other side's number in all its forms, in the country of the campaign or the settings."""
        return self._numbers.read(call.party.user, self._placing.region(call.campaign_id))

    # --- what the agent does ---

    def place_call(
        self, typed: str, account_id: AccountId | None, campaign_id: CampaignId | None = None
    ) -> CallId:
        """Dial what was typed, pasted or clicked; return the new call's id.

        Raises `BadInput` when it cannot be dialled, `Refused` when no account is registered, all lines
        are in use, or the number must not be called (`do_not_call`).
        """
        self._dialling_rule(typed)
        target = diallable(typed)
        if account_id is None:
            raise Refused("account", "no account is registered")
        if len(self.calls) >= MAX_CALLS:
            raise Refused("lines", f"{MAX_CALLS} calls are already going on")
        user = _user_of(target)
        campaign_id = campaign_id or self._placing.only()
        if self.forbids(user, campaign_id):
            raise Refused("do_not_call", "this number asked not to be called")
        call_id = self._identities.call()
        self.last_dialled = typed.strip()
        call = CallView(
            id=call_id,
            account_id=account_id,
            direction=Direction.OUTBOUND,
            state=CallState.OUTGOING,
            party=Party(user=user),
            started_at=self._clock.now(),
            campaign_id=campaign_id,
        )
        self._register.add(call)
        self.dialling.begin(call, target)
        return call_id

    def forbids(self, number: str, campaign_id: CampaignId | None) -> bool:
        """That number must not be called for that campaign."""
        read = self._numbers.read(number, self._placing.region(campaign_id))
        return self._not_calling.forbids(read, campaign_id)

    def redial(self, account_id: AccountId | None) -> CallId:
        """Dial the last number again."""
        return self.place_call(self.last_dialled, account_id)

    def answer(self, call_id: CallId) -> None:
        """Take a ringing call; calls in progress are put on hold. A call that is gone is no error.

        Raises `Refused` (`outcome_first`) while the company wants an outcome completed before.
        """
        if self._register.is_in(call_id, CallState.INCOMING):
            if self._answering_barred():
                raise Refused("outcome_first", "the outcome of the last call is missing")
            self._register.note(call_id, answering=True)
            self._telephone.answer(call_id)

    def bar_answering(self, rule: Callable[[], bool]) -> None:
        """No call is answered, and none of a queue offered, while `rule` says yes."""
        self._answering_barred = rule

    def check_dialling(self, rule: Callable[[str], None]) -> None:
        """Nothing is dialled, nor a transfer's target, for which `rule` raises `Refused`. It gets what was
        typed, even if that is no number."""
        self._dialling_rule = rule

    def decline(self, call_id: CallId) -> None:
        """603: nobody of this company's phones shall ring on for it."""
        self._reject(call_id, DECLINE)

    def busy(self, call_id: CallId) -> None:
        """486: another agent may take it."""
        self._reject(call_id, BUSY_HERE)

    def ignore(self, call_id: CallId) -> None:
        """Stop ringing here; the caller notices nothing."""
        if self._register.is_in(call_id, CallState.INCOMING):
            self._register.note(call_id, silenced=True)
            self._telephone.silence_ringer(call_id)

    def hang_up(self, call_id: CallId) -> None:
        """End the call in whatever state it is."""
        if self.dialling.give_up(call_id):
            self._register.end_here(call_id, EndCause.CANCELLED)
        elif self._register.lives(call_id):
            self._register.note(call_id, ending=True)
            self._telephone.hang_up(call_id)

    def hold(self, call_id: CallId) -> None:
        if self._register.is_in(call_id, CallState.ESTABLISHED):
            self._telephone.hold(call_id)

    def resume(self, call_id: CallId) -> None:
        if self._register.is_in(call_id, CallState.ESTABLISHED):
            self._telephone.resume(call_id)

    def mute(self, call_id: CallId, muted: bool) -> None:
        if self._register.is_in(call_id, CallState.ESTABLISHED):
            self._telephone.mute(call_id, muted)

    def send_dtmf(self, call_id: CallId, digits: str, method: DtmfMethod | None = None) -> None:
        """Send keypad digits 0-9 A-D * #, `MAX_DIGITS` at most; raise `BadInput` for anything else."""
        if not 0 < len(digits) <= MAX_DIGITS or not set(digits.upper()) <= set("0123456789ABCD*#"):
            raise BadInput("digits", f"only 0-9, A-D, * and # can be sent, {MAX_DIGITS} at once")
        if self._register.is_in(call_id, CallState.ESTABLISHED) or self._register.is_in(
            call_id, CallState.EARLY
        ):
            self._telephone.send_dtmf(call_id, digits.upper(), method)

    def transfer(self, call_id: CallId, typed: str) -> None:
        """Blind transfer; raise `BadInput` when the target cannot be dialled, `Refused` (`do_not_call`) when
        it must not be called."""
        self._dialling_rule(typed)
        target = diallable(typed)
        call = self._register.call(call_id)
        if self.forbids(_user_of(target), call.campaign_id if call else None):
            raise Refused("do_not_call", "this number asked not to be called")
        if self._register.is_in(call_id, CallState.ESTABLISHED):
            self._register.note(call_id, transfer_code=100)
            self._telephone.transfer(call_id, target)

    def transfer_to_call(self, call_id: CallId, consultation_id: CallId) -> None:
        """Attended transfer: connect the other sides of both calls and leave."""
        if self._register.is_in(call_id, CallState.ESTABLISHED) and self._register.is_in(
            consultation_id, CallState.ESTABLISHED
        ):
            self._register.note(call_id, transfer_code=100)
            self._telephone.transfer_to_call(call_id, consultation_id)

    def join(self, call_ids: tuple[CallId, ...]) -> None:
        """Three-way conference of established calls."""
        if len(call_ids) > 1 and all(self._register.is_in(c, CallState.ESTABLISHED) for c in call_ids):
            self._telephone.join_calls(call_ids)

    # --- what the engine says ---

    def _on_arrived(self, event: CallArrived) -> None:
        if self._register.call(event.call_id) is not None:
            return
        call = CallView(
            id=event.call_id,
            account_id=event.account_id,
            direction=Direction.INBOUND,
            state=CallState.INCOMING,
            party=event.party,
            started_at=event.at,
            invitation=event.invitation,
        )
        placed = self._placing.placed(call)
        if placed.queue and self._answering_barred():
            self._turn_away(placed)
        else:
            self._register.add(placed)

    def _turn_away(self, call: CallView) -> None:
        """Busy for the queue: a colleague can take the caller at once, the agent here cannot."""
        self._telephone.reject(call.id, BUSY_HERE)
        over = replace(call, state=CallState.TERMINATED, ended_at=self._clock.now(), ended_by_us=True)
        self._register.add(replace(over, end_cause=EndCause.NOT_OFFERED))

    def _on_progressed(self, event: CallProgressed) -> None:
        self._register.advance(event.call_id, event.state, sip_code=event.sip_code)

    def _on_established(self, event: CallEstablished) -> None:
        self._register.advance(
            event.call_id, CallState.ESTABLISHED, established_at=event.at, media=event.media, answering=False
        )

    def _on_ended(self, event: CallEnded) -> None:
        call = self._register.call(event.call_id)
        cause = EndCause.MISSED if call and self._missed(call, event) else event.cause
        self._register.advance(
            event.call_id,
            CallState.TERMINATED,
            ended_at=event.at,
            end_cause=cause,
            ended_by_us=event.by_us,
            sip_code=event.sip_code,
            answering=False,
            ending=False,
        )

    def _missed(self, call: CallView, event: CallEnded) -> bool:
        if event.cause is not EndCause.ABANDONED or not call.queue:
            return False
        rang_s = (event.at - call.started_at).total_seconds()
        return rang_s >= self._configuring.settings.agent.missed_offer_after_s

    def _on_refused(self, event: CommandRefused) -> None:
        call = self._register.call(event.call_id)
        if call is None or not call.live:
            return
        if event.command == "PlaceCall":
            self._register.end_here(call.id, EndCause.REFUSED_HERE)
        else:
            self._register.note(call.id, answering=False, ending=False, transfer_code=0)

    def _on_engine_lost(self, _event: EngineLost) -> None:
        for call in self._register.live:
            self._register.end_here(call.id, EndCause.ENGINE_LOST)

    def _on_engine_attached(self, event: EngineAttached) -> None:
        held = {call.id for call in event.calls}
        for call in self._register.live:
            if call.id not in held:
                self._register.end_here(call.id, EndCause.ENGINE_LOST)
        for view in event.calls:
            if view.live and not view.supervision and not self._register.lives(view.id):
                self._register.add(self._placing.placed(view))

    # --- inside ---

    def _reject(self, call_id: CallId, sip_code: int) -> None:
        if self._register.is_in(call_id, CallState.INCOMING):
            self._register.note(call_id, ending=True)
            self._telephone.reject(call_id, sip_code)


def _user_of(target: str) -> str:
    """The number in what is dialled."""
    return target.removeprefix("sip:").split("@")[0]
