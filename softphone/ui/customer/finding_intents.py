"""From the page on which customers are looked up without a call to the use cases."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt

from softphone.domain.ids import CampaignId, CustomerId
from softphone.ui.main_window import MainWindow
from softphone.ui.scene import Scene

Attempt = Callable[[Callable[[], object]], bool]


class FindingIntents:
    """Thread: main. `attempt` tells the agent in words why something cannot be done."""

    def __init__(self, scene: Scene, window: MainWindow, attempt: Attempt) -> None:
        self._scene = scene
        self._window = window
        self._attempt = attempt
        self._finding = scene.desk.customers.finding
        page, finding = window.find_page, self._finding
        page.company_chosen.connect(self._choose)
        page.back_wanted.connect(self._back)
        page.search.typed.connect(finding.type)
        page.search.entered.connect(lambda text: finding.type(text, at_once=True))
        page.search.taken.connect(lambda customer: finding.open(CustomerId(customer)))
        page.search.closed.connect(self._close)
        page.card.record_wanted.connect(self.open_record)
        page.card.dial_wanted.connect(self._call)

    def begin(self) -> None:
        """The agent wants to look somebody up."""
        if self._finding.companies:
            self._window.show_find()
            self._window.find_page.begin()

    def open_record(self) -> None:
        if self._finding.finding.shown is not None and not self._finding.open_record():
            self._scene.say(self._scene.wording.words.t("The record could not be opened in the browser."))

    def _choose(self, campaign_id: str) -> None:
        self._finding.choose_company(CampaignId(campaign_id))
        self._window.find_page.begin()

    def _back(self) -> None:
        self._finding.back()
        self._window.find_page.begin()

    def _close(self) -> None:
        """Escape: nothing typed any more; with nothing typed, back to the dial field."""
        if self._finding.finding.search.text:
            self._finding.clear()
        else:
            self._window.dial.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _call(self, number: str) -> None:
        account = self._scene.desk.signing_in.first_registered()
        self._attempt(lambda: self._finding.call(number, account))
