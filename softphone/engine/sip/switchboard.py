"""All calls of the user agent, and what they do to each other: who is held, heard, alerted.

Thread: the sip thread.
"""

from __future__ import annotations

import uuid
import weakref
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol
from urllib.parse import quote

import structlog

from softphone.domain.account import Account
from softphone.domain.call import CallState, CallView, Direction, Party
from softphone.domain.errors import Refused
from softphone.domain.events import CallArrived, CallEnded, Event
from softphone.domain.ids import AccountId, CallId
from softphone.domain.supervision import SupervisionMode
from softphone.domain.text import mask_number
from softphone.engine.edge.local_leg import Arrival
from softphone.engine.edge.messages.message import Request
from softphone.engine.sip.alerts import BUSY_TONE_S, NOTICE_TONE_S, Alerting, Alerts, busy_tone_fits
from softphone.engine.sip.bridge import Bridge
from softphone.engine.sip.call import SipCall
from softphone.engine.sip.caller import invitation_of, party_of, read_request
from softphone.engine.sip.dialling import member_uri
from softphone.engine.sip.dialog import DialogOwner
from softphone.engine.sip.encryption import offers_keys
from softphone.engine.sip.endpoint import CALL_LIMIT
from softphone.engine.sip.guard import Faults
from softphone.engine.sip.leg import Leg
from softphone.engine.sip.line import Line
from softphone.engine.sip.mixer import Voice, wanted_links
from softphone.engine.sip.sound_port import FrameSource
from softphone.engine.sip.succession import Succession
from softphone.engine.sip.supervision_header import SIP_CODE, Situation, Wish, wish_of
from softphone.engine.sip.supervisor_leg import SupervisorLeg
from softphone.engine.sip.supervisors import Supervisors
from softphone.engine.sip.surroundings import Surroundings
from softphone.engine.sip.turning_away import Nobody

_log = structlog.get_logger(__name__)


class SoundCard(FrameSource, Alerting, Protocol):
    """What calls need of the sound card."""

    def start_voice(self) -> None: ...
    def stop_voice(self) -> None: ...


class Switchboard:
    """Makes calls of INVITEs and commands, and keeps sound and alerts in step with them."""

    def __init__(
        self,
        around: Surroundings,
        card: SoundCard,
        faults: Faults,
        arrival: Callable[[Request], Arrival | None],
        lead_tag: Callable[[AccountId, str], str] = lambda _account_id, _call_id: "",
    ) -> None:
        self.calls: dict[CallId, SipCall] = {}
        self.alerts = Alerts(card)
        self._around = around
        self._within = replace(around, publish=self._publish)
        self._card = card
        self._bridge: Bridge | None = None
        self._faults = faults
        self._arrival = arrival
        self._lead_tag = lead_tag
        self._legs: list[Leg] = []
        self._conference: frozenset[CallId] = frozenset()
        self._over: deque[CallId] = deque(maxlen=50)
        self._voice = False
        self.supervisors = Supervisors(self._within, self.rewire, self._tell_of_lead)

    # --- calls come and go -----------------------------------------------------------------------------

    def invited(self, line: Line, pj_id: int, text: str) -> None:
        """Make a call of an INVITE and let it ring; called inside PJSIP's callback."""
        request = read_request(text)
        arrival = self._arrival(request) if request is not None else None
        if request is None or arrival is None:
            # something on this computer spoke to PJSIP past the edge: nobody is to hear of it
            self._turn_away(line, pj_id, 403, "invite_past_the_edge")
        elif line.must_encrypt and request.body and not offers_keys(request.body):
            self._turn_away(line, pj_id, 488, "invite_without_keys")
        elif (wish := wish_of(request.headers)) is not None:
            self._wished(line, pj_id, request, wish)
        else:
            self._ring(line, pj_id, request, arrival)

    def _ring(self, line: Line, pj_id: int, request: Request, arrival: Arrival) -> None:
        call_id, at = CallId(str(uuid.uuid4())), self._around.now()
        view = CallView(call_id, line.account.id, Direction.INBOUND, CallState.INCOMING, Party(), at)
        call = self._new_call(view, line)
        leg = self._new_leg(line, call, pj_id)
        call.carried_by(leg)
        leg.respond(180)
        party, invitation = party_of(request), invitation_of(request, arrival.target, line.account.user)
        call.call.note(party=party, invitation=invitation)
        _log.info("call_arrived", call=call_id, caller=mask_number(party.user))
        self._publish(CallArrived(call_id, line.account.id, party, invitation, at, arrival.read_ns))
        self.rewire()

    def _wished(self, line: Line, pj_id: int, request: Request, wish: Wish) -> None:
        """An INVITE that is no call: a lead, or somebody who would like to be one."""
        talking = any(call.view.state is CallState.ESTABLISHED for call in self.calls.values())
        at = Situation(talking, self.full, self._sip_call_ids())
        refusal = self.supervisors.judge(request, wish, line.account, at)
        if refusal is not None:
            self._turn_away(line, pj_id, SIP_CODE[refusal], "supervision_refused")
            return
        leg = self._new_leg(line, Nobody(), pj_id)
        made = self.supervisors.begin(request, wish, line.account, leg, line.must_encrypt)
        leg.hand_to(made)
        self.supervisors.answer(made)

    def _sip_call_ids(self) -> frozenset[str]:
        return frozenset(leg.sip_call_id for leg in self._legs if not leg.over)

    def _turn_away(self, line: Line, pj_id: int, sip_code: int, why: str) -> None:
        """Refuse an INVITE that the desk is not to hear of; not before PJSIP's callback has returned.

        Refused inside, PJSIP aborts if the INVITE had no SDP, and hangs up the next call with its number.
        """
        _log.warning(why, account=line.account.id)
        leg = self._new_leg(line, Nobody(), pj_id)
        self._around.schedule.after(0.0, lambda: leg.hang_up(sip_code))

    def place(
        self,
        call_id: CallId,
        line: Line,
        uri: str,
        user: str,
        headers: tuple[tuple[str, str], ...] = (),
        listen: tuple[SupervisionMode, bool] | None = None,
    ) -> None:
        """Call `uri`; raises `Refused`. `listen`: a lead's leg, its mode and whether to an agent's phone."""
        self.hold_others(call_id)
        party = Party(user=user)
        at = self._around.now()
        view = CallView(call_id, line.account.id, Direction.OUTBOUND, CallState.OUTGOING, party, at)
        call = self._new_call(replace(view, supervision=listen is not None), line)
        leg = self._new_leg(line, call, None)
        call.carried_by(leg)
        if listen is not None:
            headers = call.listen(*listen).headers
        try:
            leg.place(uri, headers)
        except BaseException:
            del self.calls[call_id]
            self._legs.remove(leg)
            raise
        _log.info("call_placed", call=call_id, callee=mask_number(user))

    def find(self, call_id: CallId) -> SipCall | None:
        return self.calls.get(call_id)

    def knows(self, call_id: CallId) -> bool:
        """Whether a call of that id is or was."""
        return call_id in self.calls or call_id in self._over

    def is_over(self, call_id: CallId) -> bool:
        """Whether a call of that id has ended a short while ago."""
        return call_id in self._over

    @property
    def full(self) -> bool:
        return len(self._legs) >= CALL_LIMIT

    @property
    def idle(self) -> bool:
        """Whether no call is left, not even one whose end the other side has not confirmed."""
        return not self._legs

    def live_views(self) -> tuple[CallView, ...]:
        return tuple(call.view for call in self.calls.values() if call.view.live)

    def sweep(self) -> None:
        """Let go of what is over; outside PJSIP's callbacks only.

        A leg that somebody still holds is told of: its late end would spoil the call that has its slot then.
        """
        over = [weakref.ref(leg) for leg in self._legs if leg.over]
        if not over:
            return
        self._legs = [leg for leg in self._legs if not leg.over]
        for call in list(self.calls.values()):
            if not call.view.live and call.leg not in self._legs:
                call.release()
                del self.calls[call.id]
        held = sum(leg() is not None for leg in over)
        if held:
            _log.error("leg_held", count=held)

    def refresh(self, account_id: AccountId, new_address: bool) -> None:
        """The way to the server is a new one: tell the other side of each call, with new media if need be."""
        for call in list(self.calls.values()):
            if call.view.account_id == account_id:
                call.refresh(new_address)
        self.supervisors.refresh(account_id, new_address)

    def open_bridge(self) -> None:
        """Connect the sound card; once PJSIP runs."""
        self._bridge = Bridge(self._card, self._faults)

    @property
    def fast_frames(self) -> bool:
        """Whether audio frames cross by the fast path of `frames.py`."""
        return self._bridge is not None and self._bridge.fast

    def hang_up_all(self, account_id: AccountId | None = None) -> None:
        """End all calls, or those of one account."""
        self.supervisors.leave_all()
        for call in list(self.calls.values()):
            if account_id in (None, call.view.account_id):
                try:
                    call.hang_up()
                except Refused as exc:
                    _log.warning("hang_up_failed", call=call.id, detail=exc.detail)

    def close(self) -> None:
        """Drop everything that belongs to PJSIP; before the library stops."""
        for call in self.calls.values():
            call.release()
        self.calls.clear()
        self._legs.clear()
        if self._bridge is not None:
            self._bridge.close()
            self._bridge = None

    # --- what calls do to each other -------------------------------------------------------------------

    def hold_others(self, call_id: CallId) -> None:
        """Put every other established call on hold, except fellow members of a conference."""
        for call in self.calls.values():
            together = {call.id, call_id} <= self._conference
            if call.listening is not None:
                continue  # a lead's leg: its successor comes first, then it ends, and nothing falls silent
            if call.id != call_id and not together and call.view.state is CallState.ESTABLISHED:
                call.holding.want(True)

    def join(self, call_ids: frozenset[CallId]) -> None:
        """Let the named calls hear each other and resume those that are held."""
        self._conference = call_ids
        for call_id in call_ids:
            self.calls[call_id].holding.want(False)
        self.rewire()

    def rewire(self) -> None:
        """Bring bridge, sound card and alerts in line with the calls."""
        calls = list(self.calls.values())
        voices = [_voice_of(call) for call in calls]
        present = [c for c in calls if c.media.flowing or _is_entertained(c)]
        streams = {c.id: (c.leg, c.media.index) for c in present if isinstance(c.leg, Leg)}
        leads = list(self.supervisors.legs.values())
        streams |= {s.id: (s.leg, s.media.index) for s in leads if s.voice.flowing and isinstance(s.leg, Leg)}
        self._switch_voice(bool(streams))
        if self._bridge is not None:
            self._bridge.lay(wanted_links(voices, self._conference, self.supervisors.voices), streams)
        self.alerts.update([c.view for c in calls], flowing=bool(streams))

    def _switch_voice(self, wanted: bool) -> None:
        if wanted != self._voice:
            self._voice = wanted
            if wanted:
                self._card.start_voice()
            else:
                self._card.stop_voice()

    def _publish(self, event: Event) -> None:
        if isinstance(event, CallEnded):
            self._over.append(event.call_id)
            self._conference = self._conference - {event.call_id}
            if len(self._conference) < 2:
                self._conference = frozenset()
            self._maybe_busy_tone(event)
        self._around.publish(event)
        if isinstance(event, CallEnded):
            talking = any(view.state is CallState.ESTABLISHED for view in self.live_views())
            self.supervisors.calls_changed(talking)

    def watch_leads(self, now_s: float) -> None:
        """Once a second: legs to and from phones that have lost their network come to an end."""
        self.supervisors.watch(now_s)
        for call in list(self.calls.values()):
            call.watch_silence(now_s)

    def hand_over(self, call: SipCall) -> bool:
        """The agent hangs up while a lead has taken over: let the lead have the call; False if none has."""
        taker = next((s for s in self.supervisors.legs.values() if s.has_taken_over), None)
        if taker is None or taker.leg is None or call.view.state is not CallState.ESTABLISHED:
            return False
        line = taker.leg.account if isinstance(taker.leg, Leg) else None
        tag = self._lead_tag(taker.account_id, taker.sip_call_id)
        if line is not None and tag:
            call.hand_over_to(_replacing(taker, tag, line.account))
        else:
            call.hand_over_to(taker.leg)
        return True

    def _tell_of_lead(self) -> None:
        self.alerts.play_notice()
        self._around.schedule.after(NOTICE_TONE_S, self.alerts.stop_notice)

    def _maybe_busy_tone(self, event: CallEnded) -> None:
        if busy_tone_fits(event.cause, self.live_views()):
            self.alerts.play_busy()
            self._around.schedule.after(BUSY_TONE_S, self.alerts.stop_busy)

    def _new_call(self, view: CallView, line: Line) -> SipCall:
        def new_leg(owner: DialogOwner) -> Leg:
            return self._new_leg(line, owner, None)

        call = SipCall(view, self._within, self.rewire, Succession(new_leg), line.must_encrypt)
        self.calls[view.id] = call
        return call

    def _new_leg(self, line: Line, owner: DialogOwner, pj_id: int | None) -> Leg:
        leg = Leg(line, owner, self._faults, must_encrypt=line.must_encrypt, pj_id=pj_id)
        self._legs.append(leg)
        return leg


def _replacing(taker: SupervisorLeg, own_tag: str, account: Account) -> str:
    """Where the customer is to call: the lead's address, in place of the lead's dialog with us (RFC 3891).

    The address and not the lead's contact, which only the server may use.
    """
    dialog = f"{taker.sip_call_id};to-tag={taker.remote_tag};from-tag={own_tag}"
    return f"<{member_uri(taker.lead.user, account)}?Replaces={quote(dialog, safe='')}>"


def _voice_of(call: SipCall) -> Voice:
    talking = call.view.state is CallState.ESTABLISHED
    return Voice(call.id, call.is_heard, talking, call.microphone_closed, _is_entertained(call))


def _is_entertained(call: SipCall) -> bool:
    """Whether the other side holds us and sends music: we listen, and nobody listens to us."""
    return call.media.held_with_sound and call.listening is None
