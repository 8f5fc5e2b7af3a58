"""Asking the telephone system to pause, resume, start or stop the recording of a call."""

from __future__ import annotations

from dataclasses import field, replace
from datetime import datetime

from softphone.domain.call import CallState, CallView
from softphone.domain.errors import Refused
from softphone.domain.events import CallChanged, CommandRefused
from softphone.domain.facts import dataclass
from softphone.domain.ids import CallId
from softphone.domain.recording import RecordingOrder, RecordingPolicy, RecordingRules, RecordingState
from softphone.domain.recording_events import RecordingChanged
from softphone.usecases.bus import Bus
from softphone.usecases.calls.calling import Calling
from softphone.usecases.configuring import Configuring
from softphone.usecases.ports import Clock

REFUSED_WITHIN_S = 5.0
"""The engine says at once that digits cannot be sent; a later refusal is about a key of the keypad."""


@dataclass(frozen=True, slots=True)
class CallRecording:
    """How the recording of one call stands. `since` is when the agent last asked for something."""

    rules: RecordingRules = field(default_factory=RecordingRules)
    state: RecordingState = RecordingState.OFF
    since: datetime | None = None
    possible: RecordingOrder | None = None
    """What the agent can ask for now."""


class Recording:
    """Knows what was asked for each live call. The campaign's rules hold as they are now, so a new profile
    takes effect at once; what was asked stays."""

    def __init__(self, calling: Calling, configuring: Configuring, clock: Clock, bus: Bus) -> None:
        self._configuring = configuring
        self._calling = calling
        self._clock = clock
        self._bus = bus
        self._asked: dict[CallId, CallRecording] = {}
        self._before: dict[CallId, CallRecording] = {}
        bus.subscribe(CallChanged, self._on_call)
        bus.subscribe(CommandRefused, self._on_refused)

    @property
    def stated(self) -> bool:
        """Whether the settings say of any campaign whether its calls are recorded."""
        campaigns = self._configuring.settings.campaigns
        return any(c.recording.policy is not RecordingPolicy.UNSTATED for c in campaigns)

    def of(self, call: CallView) -> CallRecording | None:
        """How it stands with `call`; None when nothing is stated about its campaign's calls."""
        campaign = self._calling.campaign(call)
        rules = campaign.recording if campaign else RecordingRules()
        if rules.policy is RecordingPolicy.UNSTATED:
            return None
        asked = self._asked.get(call.id) or CallRecording(rules, rules.at_first)
        talking = call.state is CallState.ESTABLISHED and not call.ending
        return replace(asked, rules=rules, possible=rules.possible(asked.state) if talking else None)

    def order(self, call_id: CallId, order: RecordingOrder) -> None:
        """Send the code for `order`; raise `Refused` when it cannot be asked for now."""
        call = self._calling.call(call_id)
        now = self.of(call) if call else None
        if now is None or now.possible is not order:
            known = f"; possible: {now.possible.value}" if now and now.possible else ""
            raise Refused("recording", f"{order.value} is not possible now{known}")
        self._calling.send_dtmf(call_id, now.rules.code(order))
        self._before[call_id] = now
        self._keep(call_id, replace(now, state=now.rules.after(now.state), since=self._clock.now()))

    def toggle(self, call_id: CallId) -> None:
        """Do what is possible; without anything possible do nothing."""
        call = self._calling.call(call_id)
        now = self.of(call) if call else None
        if now and now.possible:
            self.order(call_id, now.possible)

    def _keep(self, call_id: CallId, how: CallRecording) -> None:
        self._asked[call_id] = how
        self._bus.publish(RecordingChanged(call_id, how.state))

    def _on_refused(self, event: CommandRefused) -> None:
        """The digits did not leave: what was asked for last does not hold."""
        call_id = event.call_id
        if call_id not in self._before or event.command != "SendDtmf":
            return
        before, asked = self._before.pop(call_id), self._asked[call_id]
        if asked.since and (self._clock.now() - asked.since).total_seconds() <= REFUSED_WITHIN_S:
            self._keep(call_id, before)

    def _on_call(self, event: CallChanged) -> None:
        if not event.call.live:
            self._asked.pop(event.call.id, None)
            self._before.pop(event.call.id, None)
