"""Taking and making calls: the agent's commands one way, the engine's news the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from softphone.domain.address import PhoneNumber, diallable
from softphone.domain.call import Call, CallState, CallView, Direction, DtmfMethod, EndCause, Party
from softphone.domain.campaign import Campaign, campaign_for, queue_of
from softphone.domain.errors import BadInput, Refused
from softphone.domain.events import (
    CallArrived,
    CallChanged,
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
from softphone.usecases.configuring import Configuring
from softphone.usecases.dialling import Dialling
from softphone.usecases.not_calling import NotCalling
from softphone.usecases.ports import Clock, Identities, NumberPlan, Telephone

MAX_CALLS = 4
"""What the engine can carry at once (measured: PJSIP's wheel allows no more)."""

MAX_DIGITS = 32
"""What the engine takes at once: each digit lasts a quarter of a second."""

BUSY_HERE, DECLINE = 486, 603


class Calling:
    """All calls of this desk, live ones and those that have ended lately."""

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
        self._bus = bus
        self._calls: dict[CallId, Call] = {}
        self._answering_barred: Callable[[], bool] = lambda: False
        self._completed: Callable[[Campaign], Campaign] = lambda campaign: campaign
        self._dialling_rule: Callable[[str], None] = lambda _target: None
        self.dialling = Dialling(telephone, self._lives, lambda c: self._end_here(c, EndCause.DO_NOT_CALL))
        self.last_dialled = ""
        bus.subscribe(CallArrived, self._on_arrived)
        bus.subscribe(CallProgressed, self._on_progressed)
        bus.subscribe(CallEstablished, self._on_established)
        bus.subscribe(
            CallHoldChanged, lambda e: self._note(e.call_id, local_hold=e.local, remote_hold=e.remote)
        )
        bus.subscribe(CallMuteChanged, lambda e: self._note(e.call_id, muted=e.muted))
        bus.subscribe(CallMediaChanged, lambda e: self._note(e.call_id, media=e.media))
        bus.subscribe(CallPartyChanged, lambda e: self._note(e.call_id, party=e.party))
        bus.subscribe(CallTransferProgressed, lambda e: self._note(e.call_id, transfer_code=e.sip_code))
        bus.subscribe(CallEnded, self._on_ended)
        bus.subscribe(CommandRefused, self._on_refused)
        bus.subscribe(EngineLost, self._on_engine_lost)
        bus.subscribe(EngineAttached, self._on_engine_attached)

    # --- what is there ---

    @property
    def calls(self) -> tuple[CallView, ...]:
        """Live calls, oldest first."""
        return tuple(c.view for c in self._calls.values() if c.view.live)

    def call(self, call_id: CallId) -> CallView | None:
        known = self._calls.get(call_id)
        return known.view if known else None

    def remember(self, call: CallView) -> None:
        """A call of an earlier desk that is over, and is worked on again."""
        if not call.live:
            self._calls.setdefault(call.id, Call(call))

    def forget(self, call_id: CallId) -> None:
        """A call that is over is not asked for any more; one that lives stays."""
        known = self._calls.get(call_id)
        if known and not known.view.live:
            del self._calls[call_id]

    def ringing(self) -> CallView | None:
        """The oldest call that rings here."""
        return next((c for c in self.calls if c.state is CallState.INCOMING), None)

    def current(self) -> CallView | None:
        """The call that keys act on: the one being talked to, else one on hold, else one being dialled."""
        established = [c for c in self.calls if c.state is CallState.ESTABLISHED]
        talking = [c for c in established if not c.local_hold]
        dialled = [c for c in self.calls if c.direction is Direction.OUTBOUND]
        return next(iter(talking + established + dialled), None)

    def campaign(self, call: CallView) -> Campaign | None:
        campaigns = self._configuring.settings.campaigns
        found = next((c for c in campaigns if c.id == call.campaign_id), None)
        return self._completed(found) if found else None

    def complete_campaigns(self, rule: Callable[[Campaign], Campaign]) -> None:
        """What the settings say of a campaign is completed by `rule` (codes that its CRM knows)."""
        self._completed = rule

    def number(self, call: CallView) -> PhoneNumber:
        """The other side's number in all its forms, in the country of the campaign or the settings."""
        return self._numbers.read(call.party.user, self._region(call.campaign_id))

    # --- what the agent does ---

    def place_call(
        self, typed: str, account_id: AccountId | None, campaign_id: CampaignId | None = None
    ) -> CallId:
        """Dial what was typed, pasted or clicked; return the new call's id.

        Raises `BadInput` when it cannot be dialled, `Refused` when no account is registered, all lines
        are in use, or the number must not be called (`do_not_call`).
        """
        target = diallable(typed)
        if account_id is None:
            raise Refused("account", "no account is registered")
        if len(self.calls) >= MAX_CALLS:
            raise Refused("lines", f"{MAX_CALLS} calls are already going on")
        user = _user_of(target)
        campaign_id = campaign_id or self._only_campaign()
        if self.forbids(user, campaign_id):
            raise Refused("do_not_call", "this number asked not to be called")
        self._dialling_rule(user)
        call_id = self._identities.call()
        self.last_dialled = typed.strip()
        self._add(
            CallView(
                id=call_id,
                account_id=account_id,
                direction=Direction.OUTBOUND,
                state=CallState.OUTGOING,
                party=Party(user=user),
                started_at=self._clock.now(),
                campaign_id=campaign_id,
            )
        )
        self.dialling.begin(self._calls[call_id].view, target)
        return call_id

    def forbids(self, number: str, campaign_id: CampaignId | None) -> bool:
        """That number must not be called for that campaign."""
        return self._not_calling.forbids(self._numbers.read(number, self._region(campaign_id)), campaign_id)

    def redial(self, account_id: AccountId | None) -> CallId:
        """Dial the last number again."""
        return self.place_call(self.last_dialled, account_id)

    def answer(self, call_id: CallId) -> None:
        """Take a ringing call; calls in progress are put on hold. A call that is gone is no error.

        Raises `Refused` (`outcome_first`) while the company wants an outcome completed before.
        """
        if self._is(call_id, CallState.INCOMING):
            if self._answering_barred():
                raise Refused("outcome_first", "the outcome of the last call is missing")
            self._note(call_id, answering=True)
            self._telephone.answer(call_id)

    def bar_answering(self, rule: Callable[[], bool]) -> None:
        """No call is answered, and none of a queue offered, while `rule` says yes."""
        self._answering_barred = rule

    def check_dialling(self, rule: Callable[[str], None]) -> None:
        """Nothing is dialled for which `rule` raises `Refused`."""
        self._dialling_rule = rule

    def decline(self, call_id: CallId) -> None:
        """603: nobody of this company's phones shall ring on for it."""
        self._reject(call_id, DECLINE)

    def busy(self, call_id: CallId) -> None:
        """486: another agent may take it."""
        self._reject(call_id, BUSY_HERE)

    def ignore(self, call_id: CallId) -> None:
        """Stop ringing here; the caller notices nothing."""
        if self._is(call_id, CallState.INCOMING):
            self._note(call_id, silenced=True)
            self._telephone.silence_ringer(call_id)

    def hang_up(self, call_id: CallId) -> None:
        """End the call in whatever state it is."""
        if self.dialling.give_up(call_id):
            self._end_here(call_id, EndCause.CANCELLED)
        elif self._lives(call_id):
            self._note(call_id, ending=True)
            self._telephone.hang_up(call_id)

    def hold(self, call_id: CallId) -> None:
        if self._is(call_id, CallState.ESTABLISHED):
            self._telephone.hold(call_id)

    def resume(self, call_id: CallId) -> None:
        if self._is(call_id, CallState.ESTABLISHED):
            self._telephone.resume(call_id)

    def mute(self, call_id: CallId, muted: bool) -> None:
        if self._is(call_id, CallState.ESTABLISHED):
            self._telephone.mute(call_id, muted)

    def send_dtmf(self, call_id: CallId, digits: str, method: DtmfMethod | None = None) -> None:
        """Send keypad digits 0-9 A-D * #, `MAX_DIGITS` at most; raise `BadInput` for anything else."""
        if not 0 < len(digits) <= MAX_DIGITS or not set(digits.upper()) <= set("0123456789ABCD*#"):
            raise BadInput("digits", f"only 0-9, A-D, * and # can be sent, {MAX_DIGITS} at once")
        if self._is(call_id, CallState.ESTABLISHED) or self._is(call_id, CallState.EARLY):
            self._telephone.send_dtmf(call_id, digits.upper(), method)

    def transfer(self, call_id: CallId, typed: str) -> None:
        """Blind transfer; raise `BadInput` when the target cannot be dialled, `Refused` (`do_not_call`) when
        it must not be called."""
        target = diallable(typed)
        call = self._calls.get(call_id)
        if self.forbids(_user_of(target), call.view.campaign_id if call else None):
            raise Refused("do_not_call", "this number asked not to be called")
        if self._is(call_id, CallState.ESTABLISHED):
            self._note(call_id, transfer_code=100)
            self._telephone.transfer(call_id, target)

    def transfer_to_call(self, call_id: CallId, consultation_id: CallId) -> None:
        """Attended transfer: connect the other sides of both calls and leave."""
        if self._is(call_id, CallState.ESTABLISHED) and self._is(consultation_id, CallState.ESTABLISHED):
            self._note(call_id, transfer_code=100)
            self._telephone.transfer_to_call(call_id, consultation_id)

    def join(self, call_ids: tuple[CallId, ...]) -> None:
        """Three-way conference of established calls."""
        if len(call_ids) > 1 and all(self._is(c, CallState.ESTABLISHED) for c in call_ids):
            self._telephone.join_calls(call_ids)

    # --- what the engine says ---

    def _on_arrived(self, event: CallArrived) -> None:
        if event.call_id in self._calls:
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
        placed = self._placed(call)
        if placed.queue and self._answering_barred():
            self._turn_away(placed)
        else:
            self._add(placed)

    def _turn_away(self, call: CallView) -> None:
        """Busy for the queue: a colleague can take the caller at once, the agent here cannot."""
        self._telephone.reject(call.id, BUSY_HERE)
        over = replace(call, state=CallState.TERMINATED, ended_at=self._clock.now(), ended_by_us=True)
        self._add(replace(over, end_cause=EndCause.NOT_OFFERED))

    def _on_progressed(self, event: CallProgressed) -> None:
        self._advance(event.call_id, event.state, sip_code=event.sip_code)

    def _on_established(self, event: CallEstablished) -> None:
        self._advance(
            event.call_id, CallState.ESTABLISHED, established_at=event.at, media=event.media, answering=False
        )

    def _on_ended(self, event: CallEnded) -> None:
        call = self._calls.get(event.call_id)
        cause = EndCause.MISSED if call and self._missed(call.view, event) else event.cause
        self._advance(
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
        call = self._calls.get(event.call_id) if event.call_id else None
        if call is None or not call.view.live:
            return
        if event.command == "PlaceCall":
            self._end_here(call.view.id, EndCause.REFUSED_HERE)
        else:
            self._note(call.view.id, answering=False, ending=False, transfer_code=0)

    def _on_engine_lost(self, _event: EngineLost) -> None:
        for call in list(self._calls.values()):
            if call.view.live:
                self._end_here(call.view.id, EndCause.ENGINE_LOST)

    def _on_engine_attached(self, event: EngineAttached) -> None:
        held = {call.id for call in event.calls}
        for call in list(self._calls.values()):
            if call.view.live and call.view.id not in held:
                self._end_here(call.view.id, EndCause.ENGINE_LOST)
        for view in event.calls:
            known = self._calls.get(view.id)
            if view.live and not view.supervision and (known is None or not known.view.live):
                self._add(self._placed(view))

    # --- inside ---

    def _region(self, campaign_id: CampaignId | None) -> str:
        settings = self._configuring.settings
        campaign = next((c for c in settings.campaigns if c.id == campaign_id), None)
        return (campaign.region if campaign else "") or settings.calls.region

    def _placed(self, call: CallView) -> CallView:
        settings = self._configuring.settings
        queue = queue_of(call.invitation, settings.calls.queue_headers)
        campaign = campaign_for(call.invitation, queue, settings.campaigns)
        campaign_id = campaign.id if campaign else self._only_campaign_of(call)
        return replace(call, queue=queue, campaign_id=call.campaign_id or campaign_id)

    def _only_campaign_of(self, call: CallView) -> CampaignId | None:
        return self._only_campaign() if call.direction is Direction.OUTBOUND else None

    def _only_campaign(self) -> CampaignId | None:
        campaigns = self._configuring.settings.campaigns
        return campaigns[0].id if len(campaigns) == 1 else None

    def _reject(self, call_id: CallId, sip_code: int) -> None:
        if self._is(call_id, CallState.INCOMING):
            self._note(call_id, ending=True)
            self._telephone.reject(call_id, sip_code)

    def _is(self, call_id: CallId, state: CallState) -> bool:
        call = self._calls.get(call_id)
        return call is not None and call.view.state is state

    def _add(self, view: CallView) -> None:
        self._calls[view.id] = Call(view)
        self._bus.publish(CallChanged(view))

    def _advance(self, call_id: CallId, state: CallState, **facts: object) -> None:
        call = self._calls.get(call_id)
        if call and call.advance(state, **facts):
            self._bus.publish(CallChanged(call.view))

    def _note(self, call_id: CallId, **facts: object) -> None:
        call = self._calls.get(call_id)
        if call and call.note(**facts):
            self._bus.publish(CallChanged(call.view))

    def _lives(self, call_id: CallId) -> bool:
        call = self._calls.get(call_id)
        return call is not None and call.view.live

    def _end_here(self, call_id: CallId, cause: EndCause) -> None:
        now = self._clock.now()
        self._advance(
            call_id, CallState.TERMINATED, ended_at=now, end_cause=cause, answering=False, ending=False
        )


def _user_of(target: str) -> str:
    """The number in what is dialled."""
    return target.removeprefix("sip:").split("@")[0]
