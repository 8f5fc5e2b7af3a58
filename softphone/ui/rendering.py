"""From the scene to the widgets: each part is presented and handed over when it has changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from softphone.domain.call import CallState
from softphone.domain.customer import Lookup, LookupState
from softphone.domain.events import LineWarned
from softphone.domain.ids import CallId
from softphone.domain.wrap_up import HistoryEntry, RecordsShown
from softphone.ui.main_window import MainWindow
from softphone.ui.paint_marks import PaintMarks
from softphone.ui.presenters.agent import AgentView, present_agent
from softphone.ui.presenters.callbacks import due_notice, present_callbacks
from softphone.ui.presenters.closing import asked_words, present_closing_notices, present_escalations
from softphone.ui.presenters.crm_notices import present_crm_notices
from softphone.ui.presenters.customer import present_customer
from softphone.ui.presenters.customer_work import Panel
from softphone.ui.presenters.finding import present_finding
from softphone.ui.presenters.history import CALLBACKS, HistoryRow, present_history
from softphone.ui.presenters.lines import LineView, present_lines
from softphone.ui.presenters.notices import present_notices
from softphone.ui.presenters.on_my_call import present_badges, present_help, present_question
from softphone.ui.presenters.registration import mail_words, present_registration
from softphone.ui.presenters.script import present_script
from softphone.ui.presenters.stage import (
    CallFacts,
    RingingView,
    Stage,
    present_ended,
    present_idle,
    present_ringing,
    present_talking,
)
from softphone.ui.presenters.team import present_help_notices
from softphone.ui.presenters.wrap_up import present_wrap_up
from softphone.ui.scene import Part, Scene

CROWDED_FROM = 2
"""So many questions leave no room for the customer above the notes of a narrow window."""


class Rendering:
    """Thread: main. `tick` is called once a second for everything that counts."""

    def __init__(self, scene: Scene, window: MainWindow) -> None:
        self._scene = scene
        self._desk = scene.desk
        self._window = window
        self._wording = scene.wording
        self.searched = ""
        self.part: str = RecordsShown.ALL.value
        self._script_opened: set[CallId] = set()
        self._part_open: CallId | None = None
        self._marks = PaintMarks(window)
        self._marks.expect(window, "window")
        self._parts: dict[Part, Callable[[], None]] = {
            Part.AGENT: self._agent,
            Part.REGISTRATION: self._registration,
            Part.CALLS: self._calls,
            Part.CUSTOMER: self._customer,
            Part.WRAP_UP: self._wrap_up,
            Part.HISTORY: self._history,
            Part.NOTICES: self._notices,
            Part.FINDING: self._finding,
        }
        scene.on_change(self.render)

    def render(self, parts: Part) -> None:
        for part, draw in self._parts.items():
            if part in parts:
                draw()
        if parts & (Part.CUSTOMER | Part.WRAP_UP):
            self._script(self._scene.on_sheet())

    def tick(self) -> None:
        """Timers and countdowns."""
        self.render(Part.AGENT | Part.REGISTRATION | Part.CALLS | Part.CUSTOMER | Part.WRAP_UP)

    def agent_view(self) -> AgentView:
        available = self._desk.being_available
        reasons = self._desk.configuring.settings.agent.not_ready_reasons
        now = self._desk.ports.clock.now()
        return present_agent(self._wording, available.status, available.since, reasons, now)

    def ringing_views(self) -> tuple[RingingView, ...]:
        """Every call that rings, the newest last."""
        ringing = (c.id for c in self._desk.calling.calls if c.state is CallState.INCOMING)
        return tuple(present_ringing(self._wording, f) for f in map(self._facts, ringing) if f)

    def render_calls(self) -> None:
        """At once, not with the next burst of news."""
        self._calls()

    # --- the parts ---

    def _agent(self) -> None:
        self._window.agent.show_view(self.agent_view())
        self._window.agent.show_team(self._desk.team.supervising.may_supervise)

    def _registration(self) -> None:
        accounts = self._desk.configuring.settings.accounts
        view = present_registration(
            self._wording, accounts, self._desk.signing_in.registrations, self._scene.registration_age_s
        )
        box = self._desk.voice_mail
        mail = mail_words(self._wording.words, box.waiting, box.new)
        self._window.registration.show_view(replace(view, mail=mail))
        if self._desk.signing_in.registered:
            self._marks.expect(self._window.registration, "registered")

    def _calls(self) -> None:
        self._on_my_call()
        self._window.stage.have_recording(self._desk.recording.stated)
        self._window.stage.show_view(self._stage())
        also = (self._facts(c) for c in self._scene.also_ringing())
        self._window.second_rings.show_view(tuple(present_ringing(self._wording, f) for f in also if f))
        self._window.lines.show_view(self._lines(self._scene.aside()))
        on_stage = self._scene.on_stage()
        if self._window.transfer.isVisible():
            self._window.transfer.offer(self._connectable())
        for drawer in (self._window.keypad, self._window.transfer, self._window.help):
            call = self._scene.call(drawer.call_id)
            if drawer.isVisible() and (call is None or not call.live or drawer.call_id != on_stage):
                drawer.shut()

    def _on_my_call(self) -> None:
        """Leads on the call, one who asks to be let in, and the call for help."""
        team, talking = self._desk.team, self._window.stage.talking
        talking.show_badges(present_badges(self._wording, team.being_supervised.supervisors))
        self._window.question.show_view(present_question(self._wording, team.being_supervised.asking))
        asking = team.asking_for_help
        view = present_help(self._wording, asking.own, possible=asking.possible)
        talking.show_help(view)
        self._window.help.show_view(view)

    def _stage(self) -> Stage:
        call_id = self._scene.on_stage()
        facts = self._facts(call_id) if call_id else None
        if facts is None:
            return present_idle(self._wording, self._desk.being_available.status)
        if facts.call.state is CallState.INCOMING:
            self._marks.expect(self._window.stage.ringing, "ringing", facts.call.id)
            return present_ringing(self._wording, facts)
        if facts.call.live:
            return present_talking(self._wording, facts, self._desk.ports.clock.now())
        return present_ended(self._wording, facts, facts.call.id in self._desk.wrapping_up.open_calls)

    def _customer(self) -> None:
        call_id = self._scene.on_sheet()
        self._window.show_sheet(call_id is not None)
        if call_id:
            lookup: Lookup = self._desk.recognising.lookup(call_id)
            now = self._desk.ports.clock.now()
            view = present_customer(self._wording, lookup, now, self._scene.customers.work(call_id))
            self._window.sheet.customer.show_view(view, call_id)
            opened = call_id if view.form is not None or view.search is not None else None
            if opened is not None and opened != self._part_open:
                self._window.show_customer()
            self._part_open = opened
            if lookup.state not in (LookupState.ASKING, LookupState.LATE):
                self._marks.expect(self._window.sheet.customer, "customer", call_id)

    def _script(self, call_id: CallId | None) -> None:
        page = self._desk.following_script.page(call_id) if call_id else None
        call = self._scene.call(call_id) if call_id else None
        self._window.have_script(page is not None and call is not None)
        self._window.sheet.script.show_view(present_script(self._wording, page) if page else None)
        if page and call and call.state is CallState.ESTABLISHED and call.id not in self._script_opened:
            self._script_opened.add(call.id)
            if self._scene.customers.panel(call.id) is Panel.NONE:  # what an earlier desk left open stays so
                self._window.show_script()

    def _finding(self) -> None:
        finding = self._desk.customers.finding
        self._window.have_find(bool(finding.companies))
        only = finding.by_number_only()
        self._window.find_page.show_view(
            present_finding(self._wording, finding.finding, finding.companies, by_number_only=only)
        )

    def _wrap_up(self) -> None:
        call_id = self._scene.on_sheet()
        call = self._scene.call(call_id) if call_id else None
        if call_id is None or call is None:
            return
        state = self._desk.wrapping_up.state(call_id)
        campaign = self._desk.calling.campaign(call)
        now = self._desk.ports.clock.now()
        often = self._desk.looking_back.favourites(campaign.id) if campaign else ()
        view = present_wrap_up(self._wording, state, campaign, call.live, now, often)
        self._window.sheet.wrap_up.show_view(view)
        self._window.crowd(not call.live and len(view.form) >= CROWDED_FROM)

    def _history(self) -> None:
        loaded = self._desk.looking_back.loaded
        now = self._desk.ports.clock.now()
        if self.part == CALLBACKS:
            promised = self._desk.calling_back.promised
            view = present_callbacks(self._wording, promised, self.searched, now)
        else:
            may_close, narrowed = self._desk.closing_records.can_close, self.part != RecordsShown.ALL
            correction = self._desk.wrapping_up.correction
            view = present_history(self._wording, loaded, self.searched, now, may_close, narrowed, correction)
            view = replace(view, rows=tuple(map(self._with_leads, view.rows, loaded.entries)))
        self._window.history.show_view(view)

    def _with_leads(self, row: HistoryRow, entry: HistoryEntry) -> HistoryRow:
        """A record that a lead can be asked to close, or has been."""
        asking = self._desk.asking_to_close
        if row.delivery_id is None or not asking.can_ask(entry):
            return row
        if asking.asked(row.delivery_id):
            return replace(row, why=self._wording.words.join((row.why, asked_words(self._wording))))
        return replace(row, askable=True)

    def _notices(self) -> None:
        lost = self._scene.engine_lost
        now = self._desk.ports.clock.now()
        due = tuple(due_notice(self._wording, promise, now) for promise in self._scene.due)
        asked = present_help_notices(self._wording, self._desk.team.giving_help.requests, now)
        self._window.notices.show_view(
            asked
            + present_escalations(self._wording, self._desk.hearing_escalations.heard, now)
            + present_closing_notices(self._wording, self._desk.closing_for_others.asked, now)
            + due
            + present_notices(
                self._wording,
                engine_lost=lost is not None,
                engine_restarts=lost is None or lost.will_restart,
                store=self._scene.store,
                audio=self._desk.choosing_audio.state,
                line=self._line_warning(),
                messages=self._scene.messages,
            )
            + present_crm_notices(self._wording, self._desk.customers)
        )

    # --- inside ---

    def _line_warning(self) -> LineWarned | None:
        """What is wrong with the line of the call on stage."""
        on_stage = self._scene.on_stage()
        return self._desk.minding_the_line.warning(on_stage) if on_stage else None

    def _facts(self, call_id: CallId) -> CallFacts | None:
        call = self._scene.call(call_id)
        if call is None:
            return None
        return CallFacts(
            call,
            self._desk.calling.number(call),
            self._desk.calling.campaign(call),
            self._desk.recognising.lookup(call_id),
            self._scene.quality.get(call_id),
            call.state is CallState.INCOMING and self._desk.wrapping_up.bars_answering(),
            self._desk.recording.of(call),
        )

    def _lines(self, call_ids: tuple[CallId, ...]) -> tuple[LineView, ...]:
        found = (self._facts(c) for c in call_ids)
        return present_lines(self._wording, (f for f in found if f), self._desk.ports.clock.now())

    def _connectable(self) -> tuple[LineView, ...]:
        """Other established calls, for an attended transfer of the one on stage."""
        on_stage = self._scene.on_stage()
        calls = self._desk.calling.calls
        ids = tuple(c.id for c in calls if c.state is CallState.ESTABLISHED and c.id != on_stage)
        return self._lines(ids)
