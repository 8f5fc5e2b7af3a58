"""From the widgets to the use cases. What the agent can correct is told in words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QWidget

from softphone.domain.account import RegistrationTrouble
from softphone.domain.ids import CallId, DeliveryId
from softphone.domain.wrap_up import RecordsShown
from softphone.ui.customer.finding_intents import FindingIntents
from softphone.ui.customer.intents import CustomerIntents, Decide
from softphone.ui.customer.refused_changes import Decision
from softphone.ui.main_window import MainWindow
from softphone.ui.presenters.history import CALLBACKS, HistoryRow
from softphone.ui.presenters.notices import Notice, NoticeKind
from softphone.ui.presenters.phrases import error_words
from softphone.ui.rendering import Rendering
from softphone.ui.scene import Part, Scene
from softphone.ui.team.agent_intents import AgentIntents
from softphone.ui.telling import Told
from softphone.ui.wrap_up.closing_intents import ClosingIntents
from softphone.ui.wrap_up.closing_record import Decided


class Intents:
    """Thread: main. `open_settings` shows the settings, optionally at a named page."""

    def __init__(
        self,
        scene: Scene,
        window: MainWindow,
        rendering: Rendering,
        open_settings: Callable[[str], None],
        confirms_new_database: Callable[[], bool],
        asks_reason: Callable[[str, bool], str] = lambda _name, _change: "",
        decides_from_afar: Callable[[str], Decided] = lambda _agent: Decided(),
        decides_on_changes: Decide = lambda _refused: Decision.LATER,
        listen_to: Callable[[str], None] = lambda _extension: None,
        open_team: Callable[[], object] = lambda: None,
    ) -> None:
        self._scene = scene
        self._desk = scene.desk
        self._window = window
        self._rendering = rendering
        self._open_settings = open_settings
        self._confirms_new_database = confirms_new_database
        self._listen_to = listen_to
        self._open_team = open_team
        self._connect_phone()
        self._connect_calls()
        self._connect_sheet()
        self._connect_keys()
        finding = FindingIntents(scene, window, self.attempt)
        self.customers = CustomerIntents(scene, window, decides_on_changes, finding)
        self.closing = ClosingIntents(scene, window, self.attempt, asks_reason, decides_from_afar)
        self.on_my_call = AgentIntents(self._desk.team, window, self.attempt)

    def attempt(self, action: Callable[[], object]) -> bool:
        """Do it; tell the agent in words why it cannot be done."""
        with Told(lambda error: self._scene.say(error_words(self._scene.wording.words, error))):
            action()
            return True
        return False

    def dial(self, typed: str) -> None:
        """Call what was typed, pasted or clicked, from the account that is registered."""
        account = self._desk.signing_in.first_registered()
        if self.attempt(lambda: self._desk.calling.place_call(typed, account)):
            self._window.dial.done()

    # --- connections ---

    def _connect_phone(self) -> None:
        window, desk = self._window, self._desk
        window.agent.chosen.connect(self._choose_state)
        window.agent.team_wanted.connect(self._open_team)
        window.agent.settings_wanted.connect(lambda: self._open_settings(""))
        window.registration.acted.connect(self._mend_registration)
        window.notices.acted.connect(self._act_on)
        window.notices.dismissed.connect(self._dismiss)
        window.dial.dialled.connect(self.dial)
        window.dial.redial_wanted.connect(self._redial)
        window.history.searched.connect(self._search)
        window.history.dial_wanted.connect(self.dial)
        window.history.retry_wanted.connect(self._retry)
        window.history.correction_wanted.connect(self._correct)
        window.history.part_chosen.connect(self._show_part)
        window.history.callback_wanted.connect(lambda row: self._call_back(row.call_id))
        window.history.callback_done.connect(lambda row: desk.calling_back.finish(row.call_id))

    def _connect_calls(self) -> None:
        stage, calling = self._window.stage, self._desk.calling
        stage.idle.ready_wanted.connect(lambda: self._choose_state(None))
        stage.ringing.answered.connect(self._answer)
        stage.ringing.declined.connect(lambda c: calling.decline(CallId(c)))
        stage.ringing.busied.connect(lambda c: calling.busy(CallId(c)))
        stage.ringing.ignored.connect(lambda c: calling.ignore(CallId(c)))
        stage.talking.hung_up.connect(lambda c: calling.hang_up(CallId(c)))
        stage.talking.mute_wanted.connect(lambda c, on: calling.mute(CallId(c), on))
        stage.talking.hold_wanted.connect(self._hold)
        stage.talking.keypad_wanted.connect(self._open_keypad)
        stage.talking.transfer_wanted.connect(self._open_transfer)
        stage.talking.recording_wanted.connect(
            lambda c: self.attempt(lambda: self._desk.recording.toggle(CallId(c)))
        )
        stage.ended.call_again.connect(self.dial)
        stage.ended.put_away.connect(self._scene.put_away)
        self._window.second_rings.answered.connect(self._answer)
        self._window.second_rings.declined.connect(lambda c: calling.busy(CallId(c)))
        self._window.lines.selected.connect(self._switch)
        self._window.keypad.pressed.connect(
            lambda c, digit: self.attempt(lambda: calling.send_dtmf(CallId(c), digit))
        )
        transfer = self._window.transfer
        transfer.transferred.connect(self._transfer)
        transfer.consulted.connect(self._consult)
        transfer.connected.connect(self._connect_both)

    def _connect_sheet(self) -> None:
        sheet, wrapping = self._window.sheet, self._desk.wrapping_up
        sheet.wrap_up.noted.connect(lambda c, text: wrapping.type_notes(CallId(c), text))
        sheet.wrap_up.code_chosen.connect(lambda c, code: wrapping.choose_code(CallId(c), code))
        sheet.wrap_up.answered.connect(lambda c, name, text: wrapping.answer_field(CallId(c), name, text))
        sheet.wrap_up.callback_planned.connect(self._plan_callback)
        sheet.wrap_up.save_wanted.connect(lambda c: wrapping.save(CallId(c)))
        sheet.wrap_up.leave_wanted.connect(lambda c: wrapping.cancel_correction(CallId(c)))
        script = self._desk.following_script
        sheet.script.chosen.connect(lambda c, index: script.choose(CallId(c), index))
        sheet.script.typed.connect(lambda c, text: script.answer(CallId(c), text))
        sheet.script.next_wanted.connect(lambda c: script.go_on(CallId(c)))
        sheet.script.back_wanted.connect(lambda c: script.go_back(CallId(c)))
        sheet.wrap_up.call_over.connect(self._begin_after_call_work)
        sheet.wrap_up.work_wanted.connect(lambda c, on: wrapping.request(CallId(c), on))
        sheet.wrap_up.more_time_wanted.connect(lambda c: wrapping.extend(CallId(c), 1))

    def _connect_keys(self) -> None:
        window, stage = self._window, self._window.stage
        focus = Qt.FocusReason.ShortcutFocusReason
        keys: dict[str, Callable[[], object]] = {
            "Ctrl+Shift+A": self._answer_by_key,
            "Ctrl+Shift+H": self._hang_up_by_key,
            "Ctrl+M": stage.talking.toggle_mute,
            "Ctrl+H": stage.talking.toggle_hold,
            "Ctrl+K": stage.talking.keypad.click,
            "Ctrl+T": stage.talking.transfer.click,
            "Ctrl+G": stage.talking.help.click,
            "Ctrl+Shift+R": stage.talking.recording.press,
            "Ctrl+L": lambda: window.dial.field.setFocus(focus),
            "Ctrl+O": lambda: self._to_notes(window.sheet.wrap_up.outcome.field),
            "Ctrl+N": lambda: self._to_notes(window.sheet.wrap_up.notes),
            "Ctrl+Return": self._save_by_key,
            "Ctrl+Enter": self._save_by_key,
            "Ctrl+E": self._to_script,
            "Ctrl+F": lambda: window.history.search.setFocus(focus),
            "Ctrl+Shift+T": self._open_team,
            "Ctrl+Q": window.quit_wanted.emit,
            "Ctrl+,": lambda: self._open_settings(""),
        }
        for keys_pressed, action in keys.items():
            shortcut = QShortcut(QKeySequence(keys_pressed), window)
            shortcut.activated.connect(action)

    def _to_notes(self, field: QWidget) -> None:
        self.customers.make_way()
        self._window.show_notes()
        field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _to_script(self) -> None:
        if self._window.script_there:
            self._window.show_script()
            self._window.sheet.script.take_focus()

    def _begin_after_call_work(self) -> None:
        """The outcome is next. Somebody who is typing a note or a number is left alone."""
        self._window.show_notes()
        outcome = self._window.sheet.wrap_up.outcome.field
        if not isinstance(QApplication.focusWidget(), QLineEdit | QPlainTextEdit) or self._dial_is_empty():
            outcome.setFocus(Qt.FocusReason.OtherFocusReason)

    def _dial_is_empty(self) -> bool:
        """The focus rests in the dial field and nothing is typed there."""
        field = self._window.dial.field
        return field.hasFocus() and not field.text()

    # --- the phone ---

    def _choose_state(self, reason: str | None) -> None:
        available = self._desk.being_available
        if reason is None:
            available.choose_ready()
        else:
            self.attempt(lambda: available.choose_not_ready(reason))

    def _redial(self) -> None:
        last = self._desk.calling.last_dialled
        if last:
            self._window.dial.fill(last)

    def _search(self, text: str) -> None:
        self._rendering.searched = text
        self._desk.looking_back.search(text)

    def _retry(self, row: HistoryRow) -> None:
        if row.delivery_id is not None:
            self._desk.delivering.retry(row.delivery_id)

    def _correct(self, row: HistoryRow) -> None:
        loaded = self._desk.looking_back.loaded.entries
        entry = next((e for e in loaded if e.record.call.id == row.call_id), None)
        if entry is not None:
            self._desk.wrapping_up.correct(entry)
            self._scene.select(row.call_id)
            self._window.show_notes()

    def _show_part(self, part: str) -> None:
        self._rendering.part = part
        if part == CALLBACKS:
            self._scene.touch(Part.HISTORY)
        else:
            self._desk.looking_back.show(RecordsShown(part))

    def _call_back(self, call_id: CallId) -> None:
        promise = self._desk.calling_back.promise(call_id)
        account = self._desk.signing_in.first_registered()
        if promise and self.attempt(lambda: self._desk.calling_back.call(promise, account)):
            self._scene.put_off(call_id)

    def _act_on(self, notice: Notice) -> None:
        if notice.kind is NoticeKind.AUDIO:
            self._open_settings("audio")
        elif notice.kind is NoticeKind.STORE:
            self._mend_records()
        elif notice.kind is NoticeKind.CALLBACK:
            self._call_back(CallId(notice.subject))
        elif notice.kind is NoticeKind.HELP:
            self._listen_to(notice.subject)
        elif notice.kind is NoticeKind.CLOSING:
            self.closing.decide(notice)
        elif notice.kind is NoticeKind.CRM:
            self._open_settings("crm")
        elif notice.kind is NoticeKind.CHANGES:
            self.customers.settle_refused()

    def _mend_records(self) -> None:
        keeping = self._desk.keeping_records
        if not keeping.needs_a_decision:
            self.attempt(self._desk.try_again)
        elif self._confirms_new_database():
            keeping.begin_anew()

    def _mend_registration(self) -> None:
        """Trying again is of no use while a password is missing: the agent is led to its field."""
        registrations = self._desk.signing_in.registrations
        if any(r.trouble is RegistrationTrouble.NO_PASSWORD for r in registrations):
            self._open_settings("account")
        else:
            self.attempt(self._desk.try_again)

    def _dismiss(self, notice: Notice) -> None:
        if notice.kind is NoticeKind.MESSAGE:
            self._scene.unsay(notice.text)
        elif notice.kind is NoticeKind.CALLBACK:
            self._scene.put_off(CallId(notice.subject))
        elif notice.kind is NoticeKind.HELP:
            self._desk.team.giving_help.dismiss(notice.subject)
        elif notice.kind is NoticeKind.ESCALATION:
            self._desk.hearing_escalations.dismiss(DeliveryId(notice.subject))
        else:
            self._scene.dismiss_store()

    # --- calls ---

    def _answer(self, call_id: str) -> None:
        self.attempt(lambda: self._desk.calling.answer(CallId(call_id)))

    def _answer_by_key(self) -> None:
        ringing = self._desk.calling.ringing()
        if ringing and not self._window.stage.ringing.answer.inert:
            self._answer(ringing.id)

    def _hang_up_by_key(self) -> None:
        current = self._desk.calling.current()
        if current:
            self._desk.calling.hang_up(current.id)

    def _hold(self, call_id: str, on: bool) -> None:
        calling = self._desk.calling
        (calling.hold if on else calling.resume)(CallId(call_id))

    def _switch(self, call_id: str) -> None:
        call = self._scene.call(CallId(call_id))
        if call and call.live and call.local_hold:
            self._desk.calling.resume(call.id)
        self._scene.select(CallId(call_id))

    def _open_keypad(self, call_id: str) -> None:
        self._window.transfer.shut()
        self._window.help.shut()
        self._window.keypad.open_for(CallId(call_id))

    def _open_transfer(self, call_id: str) -> None:
        self._window.keypad.shut()
        self._window.help.shut()
        self._window.transfer.open_for(CallId(call_id))
        self._rendering.render_calls()

    def _transfer(self, call_id: str, typed: str) -> None:
        if self.attempt(lambda: self._desk.calling.transfer(CallId(call_id), typed)):
            self._window.transfer.shut()

    def _consult(self, call_id: str, typed: str) -> None:
        account = self._desk.signing_in.first_registered()
        call = self._desk.calling.call(CallId(call_id))
        if call and not call.local_hold:
            self._desk.calling.hold(call.id)
        campaign = call.campaign_id if call else None
        if self.attempt(lambda: self._desk.calling.place_call(typed, account, campaign)):
            self._window.transfer.shut()

    def _connect_both(self, call_id: str, other_id: str) -> None:
        """The transfer is asked on the held call, as most telephone systems want it (RFC 5589 section 7)."""
        calling = self._desk.calling
        one, other = calling.call(CallId(call_id)), calling.call(CallId(other_id))
        if one and other:
            first, second = (one, other) if one.local_hold or not other.local_hold else (other, one)
            calling.transfer_to_call(first.id, second.id)
        self._window.transfer.shut()

    # --- customer and notes ---

    def _plan_callback(self, call_id: str, at: datetime | None, number: str) -> None:
        self._desk.wrapping_up.plan_callback(CallId(call_id), at, number)

    def _save_by_key(self) -> None:
        panel = self._window.sheet.wrap_up
        if panel.isVisible() and panel.save.isEnabled():
            panel.save.click()
