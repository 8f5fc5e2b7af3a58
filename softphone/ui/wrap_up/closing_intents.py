"""Closing stuck records: here, by asking a lead, and by a lead for an agent far away."""

from __future__ import annotations

from collections.abc import Callable

from softphone.domain.ids import DeliveryId
from softphone.domain.record_events import ClosingAnswered, ClosingsAskedChanged, EscalationsChanged
from softphone.domain.wrap_up import HistoryEntry
from softphone.ui.main_window import MainWindow
from softphone.ui.presenters.closing import closing_words
from softphone.ui.presenters.history import HistoryRow
from softphone.ui.presenters.notices import Notice
from softphone.ui.scene import Part, Scene
from softphone.ui.wrap_up.closing_record import Decided, Decision


class ClosingIntents:
    """Thread: main. `asks_reason` takes a name, and whether it is a change of what the CRM has, and answers
    with the reason, or nothing; `decides` is a lead's word about an agent's record."""

    def __init__(
        self,
        scene: Scene,
        window: MainWindow,
        attempt: Callable[[Callable[[], object]], bool],
        asks_reason: Callable[[str, bool], str],
        decides: Callable[[str], Decided],
    ) -> None:
        self._scene = scene
        self._desk = scene.desk
        self._attempt = attempt
        self._asks_reason = asks_reason
        self._decides = decides
        window.history.close_wanted.connect(self._close)
        window.history.lead_wanted.connect(self._ask_a_lead)
        scene.desk.bus.subscribe(ClosingAnswered, self._on_answered)
        for asked_of_a_lead in (ClosingsAskedChanged, EscalationsChanged):
            scene.desk.bus.subscribe(asked_of_a_lead, lambda _e: scene.touch(Part.NOTICES | Part.TEAM))

    def decide(self, notice: Notice) -> None:
        """The lead looks at a request: close it with a reason, leave it open, or decide later."""
        delivery_id = DeliveryId(notice.subject)
        asked = self._desk.closing_for_others.find(delivery_id)
        if asked is None or asked.answered:
            return
        decided = self._decides(asked.name)
        if decided.decision is Decision.CLOSE:
            self._attempt(lambda: self._desk.closing_for_others.close(delivery_id, decided.reason))
        elif decided.decision is Decision.KEEP:
            self._desk.closing_for_others.keep(delivery_id)

    def _close(self, row: HistoryRow) -> None:
        entry = self._entry(row)
        reason = self._asks_reason(row.name, entry.correction) if entry is not None else ""
        if entry is not None and reason:
            self._attempt(lambda: self._desk.closing_records.close(entry, reason))

    def _ask_a_lead(self, row: HistoryRow) -> None:
        entry = self._entry(row)
        if entry is not None:
            self._attempt(lambda: self._desk.asking_to_close.ask(entry))
            self._scene.touch(Part.HISTORY)

    def _entry(self, row: HistoryRow) -> HistoryEntry | None:
        loaded = self._desk.looking_back.loaded.entries
        return next((e for e in loaded if e.record.call.id == row.call_id), None)

    def _on_answered(self, event: ClosingAnswered) -> None:
        self._scene.say(*closing_words(self._scene.wording, event))
        self._scene.touch(Part.HISTORY)
