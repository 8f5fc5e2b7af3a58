"""From the customer's card to the use cases: open the record, choose, search, make, correct."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut

from softphone.domain.customer import LookupState
from softphone.domain.delivery import Delivery
from softphone.domain.errors import SoftphoneError
from softphone.domain.ids import CallId, CustomerId
from softphone.ui.customer.finding_intents import FindingIntents
from softphone.ui.customer.refused_changes import Decision
from softphone.ui.main_window import MainWindow
from softphone.ui.presenters.customer_work import Panel, entry_of
from softphone.ui.presenters.phrases import error_words
from softphone.ui.scene import Scene
from softphone.ui.theme.tokens import Tone

Decide = Callable[[tuple[Delivery, ...]], Decision]
"""Asks what becomes of refused changes."""


class CustomerIntents:
    """Thread: main. Everything is about the call on the sheet."""

    def __init__(self, scene: Scene, window: MainWindow, decides: Decide, finding: FindingIntents) -> None:
        self._finding = finding
        self._decides = decides
        self._scene = scene
        self._window = window
        self._customers = scene.desk.customers
        self._recognising = scene.desk.recognising
        self._stage = scene.customers
        self._connect()
        self._connect_keys()

    def open_record(self) -> None:
        """Show the record in the system's browser."""

        def show(call_id: CallId) -> None:
            known = self._recognising.lookup(call_id).state in (LookupState.ONE, LookupState.SEVERAL)
            if known and not self._recognising.open_record(call_id):
                self._scene.say(self._scene.wording.words.t("The record could not be opened in the browser."))

        self._with_sheet(show)

    def make_way(self) -> None:
        """The notes are wanted; in a narrow window a form or search has taken their place."""
        self._with_sheet(self._stage.put_aside)

    def settle_refused(self) -> None:
        """What the CRM has refused is sent again or given up, by the agent's word."""
        self.settle(self._decides(self._customers.editing.refused))

    def settle(self, decision: Decision) -> None:
        """Do as decided with all that was refused."""
        editing = self._customers.editing
        if decision is Decision.AGAIN:
            editing.retry_refused()
        elif decision is Decision.DISCARD:
            editing.discard_refused()

    # --- connections ---

    def _connect(self) -> None:
        card = self._window.sheet.customer
        card.record_wanted.connect(self.open_record)
        card.ask_again.connect(lambda: self._with_sheet(self._recognising.ask_again))
        card.chosen.connect(self._choose)
        card.search_wanted.connect(lambda: self._open(Panel.SEARCH))
        card.new_wanted.connect(lambda: self._open(Panel.NEW))
        card.edit_wanted.connect(lambda: self._open(Panel.EDIT))
        search, form = card.search, card.form
        search.typed.connect(lambda text: self._search(text, at_once=False))
        search.entered.connect(lambda text: self._search(text, at_once=True))
        search.taken.connect(self._take)
        search.create_wanted.connect(lambda: self._open(Panel.NEW))
        search.closed.connect(self._close)
        form.edited.connect(
            lambda name, text: self._with_sheet(lambda call: self._stage.note(call, name, text))
        )
        form.submitted.connect(self._submit)
        form.closed.connect(self._close)

    def _connect_keys(self) -> None:
        keys: dict[str, Callable[[], None]] = {
            "Ctrl+R": self._open_record_by_key,
            "Ctrl+Shift+F": self._seek,
            "Ctrl+Shift+N": lambda: self._open(Panel.NEW),
            "Ctrl+Shift+E": lambda: self._open(Panel.EDIT),
            **{f"Ctrl+{place + 1}": self._chooser(place) for place in range(9)},
        }
        for pressed, action in keys.items():
            QShortcut(QKeySequence(pressed), self._window).activated.connect(action)

    # --- doing ---

    def _seek(self) -> None:
        """In the card of the call; without a call on the page for it."""
        if self._scene.on_sheet():
            self._open(Panel.SEARCH)
        else:
            self._finding.begin()

    def _open_record_by_key(self) -> None:
        if self._scene.on_sheet():
            self.open_record()
        else:
            self._finding.open_record()

    def _with_sheet(self, action: Callable[[CallId], object]) -> None:
        call_id = self._scene.on_sheet()
        if call_id:
            action(call_id)

    def _choose(self, customer_id: str) -> None:
        self._with_sheet(lambda call: self._recognising.choose(call, CustomerId(customer_id)))

    def _chooser(self, place: int) -> Callable[[], None]:
        """The customer at that place of the list, by a key alone."""

        def choose(call_id: CallId) -> None:
            matches = self._recognising.lookup(call_id).matches
            if len(matches) > 1 and place < len(matches):
                self._recognising.choose(call_id, matches[place].id)

        return lambda: self._with_sheet(choose)

    def _open(self, panel: Panel) -> None:
        """Open a part of the card where this call allows it, and put the keyboard there."""

        def open_for(call_id: CallId) -> None:
            work = self._stage.work(call_id)
            possible = {
                Panel.SEARCH: work.can_search,
                Panel.NEW: work.can_create,
                Panel.EDIT: work.can_edit,
            }
            if possible.get(panel, False):
                self._window.show_customer()
                self._stage.open(call_id, panel)
                self._window.sheet.customer.focus_panel()

        self._with_sheet(open_for)

    def _close(self) -> None:
        self._with_sheet(self._stage.close)
        self._window.sheet.customer.setFocus(Qt.FocusReason.OtherFocusReason)

    def _search(self, text: str, *, at_once: bool) -> None:
        self._with_sheet(lambda call: self._stage.search(call, text, at_once=at_once))

    def _take(self, customer_id: str) -> None:
        def take(call_id: CallId) -> None:
            self._customers.searching.take(call_id, CustomerId(customer_id))
            self._stage.close(call_id)

        self._with_sheet(take)

    def _submit(self) -> None:
        def submit(call_id: CallId) -> None:
            if self._stage.panel(call_id) is Panel.EDIT:
                self._save(call_id)
            elif self._stage.panel(call_id) is Panel.NEW:
                self._create(call_id)

        self._with_sheet(submit)

    def _save(self, call_id: CallId) -> None:
        if not self._customers.editing.save(call_id, self._stage.typed(call_id)):
            self._scene.say(self._scene.wording.words.t("Nothing was changed."), Tone.NEUTRAL)
        self._stage.close(call_id)

    def _create(self, call_id: CallId) -> None:
        creation = self._customers.creating.creation(call_id)
        if creation is None:
            return
        try:
            self._customers.creating.create(call_id, entry_of(self._stage.typed(call_id), creation))
        except SoftphoneError as error:
            form = self._window.sheet.customer.form
            form.show_problem(error_words(self._scene.wording.words, error))
