"""From the settings page about CRMs to the use cases, and back."""

from __future__ import annotations

from softphone.domain.errors import SoftphoneError
from softphone.ui.parts.kit import Kit
from softphone.ui.presenters.crm_page import (
    browser_words,
    connection_title,
    kept_words,
    present_check,
    present_sign_in,
)
from softphone.ui.presenters.phrases import error_words
from softphone.ui.scene import Scene
from softphone.ui.settings.crm_page import CrmPage


class CrmSettings:
    """Thread: main. `current` is the connection that is shown."""

    def __init__(self, kit: Kit, scene: Scene, page: CrmPage) -> None:
        self._kit = kit
        self._page = page
        self._desk = scene.desk
        self._connecting = scene.desk.customers.connecting
        self._current = ""
        page.picked.connect(self.show)
        page.sign_in_wanted.connect(self._sign_in)
        page.cancel_wanted.connect(lambda: self._connecting.cancel_sign_in(self._current))
        page.sign_out_wanted.connect(lambda: self._connecting.sign_out(self._current))
        page.check_wanted.connect(self._check)
        page.forget_wanted.connect(self._desk.keeping_customers.forget_all)

    def show(self, crm: str = "") -> None:
        """Show this connection, or the one that waits for a sign-in, or the first."""
        names = [connection.name for connection in self._connecting.connections]
        wanted = (crm, *self._connecting.wanting_sign_in, self._current, *names)
        self._current = next((name for name in wanted if name in names), "")
        self._page.forget_secret()
        self._desk.keeping_customers.ask_count()
        self.refresh()

    def leave(self) -> None:
        """Nobody looks any more: leave no secret in the field and no check running."""
        self._page.forget_secret()
        self._connecting.cancel_check(self._current)

    def refresh(self) -> None:
        wording, connecting, crm = self._kit.wording, self._connecting, self._current
        titles = tuple(
            (c.name, connection_title(c, connecting.description(c.name))) for c in connecting.connections
        )
        self._page.show_connections(titles, crm)
        wanted = crm in connecting.wanting_sign_in
        view = present_sign_in(wording, connecting.description(crm), connecting.news(crm), wanted)
        self._page.show_sign_in(view)
        self._page.show_check(present_check(wording, connecting.checked(crm)))
        settings, keeping = self._desk.configuring.settings.customers, self._desk.keeping_customers
        self._page.show_kept(kept_words(wording, settings, keeping.count), bool(keeping.count))

    def _sign_in(self, secret: str) -> None:
        try:
            self._connecting.sign_in(self._current, secret, browser_words(self._kit.words))
        except SoftphoneError as error:
            self._page.show_problem(error_words(self._kit.words, error))
            return
        self._page.forget_secret()

    def _check(self, number: str) -> None:
        self._connecting.check(self._current, number)
        self.refresh()
