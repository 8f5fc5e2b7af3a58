"""What the window is about at this moment: which call is on stage, whose notes are open, what is wrong.

The use cases hold the facts; the scene adds what only a window needs (selection, messages, line quality,
which ended call is still worth showing) and says which parts have changed. No Qt here.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Flag, auto

from softphone.domain.audio import MediaQuality
from softphone.domain.call import CallState, CallView, EndCause
from softphone.domain.callback import Callback
from softphone.domain.crm_events import (
    CrmCheckEnded,
    CrmDescribed,
    CrmSignInChanged,
    CrmSignInNeeded,
    CrmStepChecked,
)
from softphone.domain.customer_events import CustomerCardChanged, KeptCustomersCounted
from softphone.domain.customer_work import CustomerFindingChanged, RefusedChangesChanged
from softphone.domain.events import (
    AgentStatusChanged,
    AudioChanged,
    AudioLevelsMeasured,
    CallChanged,
    CommandRefused,
    EngineAttached,
    EngineLost,
    LineWarned,
    MediaQualityMeasured,
    MessageWaitingChanged,
    RegistrationChanged,
    SoundTestChanged,
    TraceExported,
)
from softphone.domain.ids import CallId
from softphone.domain.keeping_events import CallbacksLoaded, HistoryLoaded, StoreOpened
from softphone.domain.recording_events import RecordingChanged
from softphone.domain.team_events import (
    HelpChanged,
    OwnHelpChanged,
    SupervisionChanged,
    SupervisorsChanged,
    TeamChanged,
)
from softphone.domain.wrap_up_events import CallbackDue, OutboxChanged, WrapUpChanged
from softphone.ui.customer.stage import CustomerStage
from softphone.ui.presenters.phrases import END_CAUSE, REFUSAL, SUPERSEDED
from softphone.ui.presenters.trace import trace_words
from softphone.ui.presenters.wording import Wording
from softphone.ui.theme.tokens import Tone
from softphone.usecases.desk import Desk

ENDED_SHOWN_S = 12.0
"""How long a call that needs no outcome stays on stage after its end."""

SAVED_SHOWN_S = 3.0
"""How long "Saved" stays in sight before the panel closes."""

MESSAGE_SHOWN_S = 8.0


class Part(Flag):
    """Regions of the window that are drawn together."""

    AGENT = auto()
    REGISTRATION = auto()
    CALLS = auto()
    CUSTOMER = auto()
    WRAP_UP = auto()
    HISTORY = auto()
    NOTICES = auto()
    LEVELS = auto()
    AUDIO = auto()
    CRM = auto()
    TEAM = auto()
    FINDING = auto()


ALL = Part(sum(part.value for part in Part))


class Scene:
    """Thread: main. `schedule` runs a function a little later, so that a burst of news is drawn once."""

    def __init__(self, desk: Desk, wording: Wording, schedule: Callable[[Callable[[], None]], None]) -> None:
        self.desk = desk
        self.wording = wording
        self.selected: CallId | None = None
        self.quality: dict[CallId, MediaQuality] = {}
        self.levels = AudioLevelsMeasured(-96.0, -96.0)
        self.engine_lost: EngineLost | None = None
        self.store = StoreOpened()
        self.messages: tuple[tuple[Tone, str], ...] = ()
        self.due: tuple[Callback, ...] = ()
        """Callbacks that the agent is being reminded of."""
        self._clock = desk.ports.clock
        self._schedule = schedule
        self._listeners: list[Callable[[Part], None]] = []
        self._dirty = Part(0)
        self._taken: set[CallId] = set()
        self.customers = CustomerStage(desk, lambda: self.touch(Part.CUSTOMER))
        self._ended: CallId | None = None
        self._saved: CallId | None = None
        self._registration_at = self._clock.monotonic()
        self._listen()

    # --- what is shown ---

    @property
    def registration_age_s(self) -> float:
        """Seconds since the registration last changed."""
        return self._clock.monotonic() - self._registration_at

    def call(self, call_id: CallId) -> CallView | None:
        """The call, live or ended, also one from before a restart that still wants an outcome."""
        known = self.desk.calling.call(call_id)
        if known is None:
            record = self.desk.wrapping_up.record(call_id)
            return record.call if record else None
        return known

    def on_stage(self) -> CallId | None:
        """The call that has the stage: a conversation, else what rings, else what wants an outcome."""
        talking, ringing = self._talking(), self._ringing()
        if talking:
            if self.selected in talking:
                return self.selected
            current = self.desk.calling.current()
            return current.id if current and current.id in talking else talking[0]
        if ringing:
            return ringing[0]
        waiting = self.desk.wrapping_up.open_calls
        if waiting:
            return self.selected if self.selected in waiting else waiting[0]
        return self._ended

    def also_ringing(self) -> tuple[CallId, ...]:
        """Calls that ring while the stage belongs to another."""
        return tuple(c for c in self._ringing() if c != self.on_stage())

    def on_sheet(self) -> CallId | None:
        """The call whose customer and notes are open beside the stage."""
        talking, waiting = self._talking(), self.desk.wrapping_up.open_calls
        if self.selected is not None and self.selected in (*talking, *waiting):
            return self.selected
        if talking:
            return self.on_stage()
        candidates = (*waiting, *self._ringing())
        return candidates[0] if candidates else self._saved

    def aside(self) -> tuple[CallId, ...]:
        """Further calls to switch to: conversations and missing outcomes."""
        shown = (self.on_stage(), self.on_sheet())
        return tuple(c for c in (*self._talking(), *self.desk.wrapping_up.open_calls) if c not in shown)

    # --- what the window does ---

    def leave(self) -> None:
        """Draw nothing any more; another scene takes over."""
        self._listeners.clear()

    def on_change(self, listener: Callable[[Part], None]) -> None:
        self._listeners.append(listener)

    def select(self, call_id: CallId) -> None:
        """Show this call on stage and sheet."""
        self.selected = call_id
        self.touch(Part.CALLS | Part.CUSTOMER | Part.WRAP_UP)

    def say(self, text: str, tone: Tone = Tone.WARNING, *, stays: bool = False) -> None:
        """Show a message, for a while or until it is dismissed."""
        message = (tone, text)
        self.messages = (*(m for m in self.messages if m != message), message)[-3:]
        if not stays:
            self._clock.after(MESSAGE_SHOWN_S, lambda: self.unsay(text))
        self.touch(Part.NOTICES)

    def unsay(self, text: str) -> None:
        self.messages = tuple(m for m in self.messages if m[1] != text)
        self.touch(Part.NOTICES)

    def dismiss_store(self) -> None:
        """The agent has read that the database was begun anew."""
        self.store = StoreOpened()
        self.touch(Part.NOTICES)

    def put_off(self, call_id: CallId) -> None:
        """The agent has seen that a callback is due; it stays in the list."""
        self.due = tuple(promise for promise in self.due if promise.call_id != call_id)
        self.touch(Part.NOTICES)

    def put_away(self) -> None:
        """Clear the stage of a call that is over and needs nothing."""
        self._ended = None
        self.touch(Part.CALLS)

    def touch(self, parts: Part) -> None:
        """Have `parts` drawn anew soon."""
        scheduled, self._dirty = bool(self._dirty), self._dirty | parts
        if not scheduled:
            self._schedule(self._flush)

    def _flush(self) -> None:
        parts, self._dirty = self._dirty, Part(0)
        for listener in self._listeners:
            listener(parts)

    # --- what happens ---

    def _listen(self) -> None:
        subscribe = self.desk.bus.subscribe
        subscribe(CallChanged, self._on_call)
        subscribe(CustomerCardChanged, lambda _e: self.touch(Part.CUSTOMER | Part.CALLS))
        subscribe(WrapUpChanged, self._on_wrap_up)
        subscribe(AgentStatusChanged, lambda _e: self.touch(Part.AGENT | Part.CALLS))
        subscribe(RegistrationChanged, self._on_registration)
        subscribe(AudioChanged, lambda _e: self.touch(Part.NOTICES | Part.AUDIO))
        subscribe(SoundTestChanged, lambda _e: self.touch(Part.AUDIO))
        subscribe(AudioLevelsMeasured, self._on_levels)
        subscribe(MediaQualityMeasured, self._on_quality)
        subscribe(RecordingChanged, lambda _e: self.touch(Part.CALLS))
        subscribe(LineWarned, lambda _e: self.touch(Part.NOTICES))
        subscribe(HistoryLoaded, lambda _e: self.touch(Part.HISTORY))
        subscribe(OutboxChanged, lambda _e: self.touch(Part.HISTORY))
        subscribe(CallbackDue, self._on_due)
        subscribe(CallbacksLoaded, self._on_callbacks)
        subscribe(StoreOpened, self._on_store)
        for trouble_of_crm in (CrmSignInNeeded, CrmSignInChanged, RefusedChangesChanged):
            subscribe(trouble_of_crm, lambda _e: self.touch(Part.NOTICES | Part.CUSTOMER | Part.CRM))
        for of_finding in (CustomerFindingChanged, CrmDescribed):
            subscribe(of_finding, lambda _e: self.touch(Part.FINDING))
        for news_of_crm in (CrmDescribed, CrmStepChecked, CrmCheckEnded, KeptCustomersCounted):
            subscribe(news_of_crm, lambda _e: self.touch(Part.CRM))
        subscribe(EngineLost, self._on_engine_lost)
        subscribe(EngineAttached, self._on_engine_attached)
        subscribe(CommandRefused, self._on_refused)
        for on_my_call in (SupervisorsChanged, OwnHelpChanged):
            subscribe(on_my_call, lambda _e: self.touch(Part.CALLS))
        for of_the_team in (TeamChanged, SupervisionChanged):
            subscribe(of_the_team, lambda _e: self.touch(Part.TEAM))
        subscribe(HelpChanged, lambda _e: self.touch(Part.TEAM | Part.NOTICES))
        subscribe(MessageWaitingChanged, lambda _e: self.touch(Part.REGISTRATION))
        subscribe(TraceExported, lambda e: self.say(*trace_words(self.wording.words, e)))

    def _on_call(self, event: CallChanged) -> None:
        call = event.call
        if call.state is CallState.TERMINATED:
            self._call_over(call)
        elif call.state is not CallState.INCOMING and call.id not in self._taken:
            self._taken.add(call.id)  # the agent has just answered or dialled
            self.selected = call.id
            self._ended = None
        self.touch(Part.CALLS | Part.CUSTOMER | Part.WRAP_UP)

    def _call_over(self, call: CallView) -> None:
        self.quality.pop(call.id, None)
        if self.selected == call.id and self._talking():
            self.selected = None  # a caller who is on the line comes before an outcome
        if call.id in self.desk.wrapping_up.open_calls or call.end_cause is None:
            return
        if call.end_cause is EndCause.NOT_OFFERED:
            self.say(self.wording.words.t(END_CAUSE[EndCause.NOT_OFFERED]))
            return
        self._ended = call.id
        self._clock.after(ENDED_SHOWN_S, lambda: self._forget_ended(call.id))

    def _forget_ended(self, call_id: CallId) -> None:
        if self._ended == call_id:
            self.put_away()

    def _on_wrap_up(self, event: WrapUpChanged) -> None:
        if event.left:
            self.selected = None if self.selected == event.call_id else self.selected
            self._saved = None if self._saved == event.call_id else self._saved
        if event.superseded:
            self.say(self.wording.words.t(SUPERSEDED))
        if event.saved:
            self._saved = event.call_id
            if self.selected == event.call_id:
                self.selected = None
            self._clock.after(SAVED_SHOWN_S, lambda: self._forget_saved(event.call_id))
            if self._ended == event.call_id:
                self._ended = None
        self.touch(Part.WRAP_UP | Part.CALLS | Part.CUSTOMER)

    def _forget_saved(self, call_id: CallId) -> None:
        if self._saved == call_id:
            self._saved = None
            self.touch(Part.WRAP_UP | Part.CALLS | Part.CUSTOMER)

    def _on_registration(self, _event: RegistrationChanged) -> None:
        self._registration_at = self._clock.monotonic()
        self.touch(Part.REGISTRATION)

    def _on_levels(self, event: AudioLevelsMeasured) -> None:
        self.levels = event
        self.touch(Part.LEVELS)

    def _on_quality(self, event: MediaQualityMeasured) -> None:
        self.quality[event.quality.call_id] = event.quality
        self.touch(Part.CALLS)

    def _on_due(self, event: CallbackDue) -> None:
        self.due = (*self.due, event.callback)
        self.touch(Part.NOTICES | Part.HISTORY)

    def _on_callbacks(self, event: CallbacksLoaded) -> None:
        promised = {promise.call_id for promise in event.callbacks}
        self.due = tuple(promise for promise in self.due if promise.call_id in promised)
        self.touch(Part.NOTICES | Part.HISTORY)

    def _on_store(self, event: StoreOpened) -> None:
        self.store = event
        self.touch(Part.NOTICES | Part.HISTORY)

    def _on_engine_lost(self, event: EngineLost) -> None:
        self.engine_lost = event
        self.touch(Part.NOTICES)

    def _on_engine_attached(self, _event: EngineAttached) -> None:
        self.engine_lost = None
        self.touch(Part.NOTICES | Part.AUDIO)

    def _on_refused(self, event: CommandRefused) -> None:
        self.say(self.wording.words.t(REFUSAL[event.reason]))

    # --- inside ---

    def _talking(self) -> tuple[CallId, ...]:
        return tuple(c.id for c in self.desk.calling.calls if c.state is not CallState.INCOMING)

    def _ringing(self) -> tuple[CallId, ...]:
        return tuple(c.id for c in self.desk.calling.calls if c.state is CallState.INCOMING)
