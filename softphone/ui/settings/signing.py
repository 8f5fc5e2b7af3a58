"""The first sign-in: from three fields to a registered phone, each step in words."""

from __future__ import annotations

from collections.abc import Callable

from softphone.domain.account import RegistrationState
from softphone.domain.errors import SoftphoneError
from softphone.ui.main_window import MainWindow
from softphone.ui.parts.kit import Kit
from softphone.ui.presenters.account_form import AccountEntry, account_of, empty_entry
from softphone.ui.presenters.phrases import error_words
from softphone.ui.presenters.provisioning import present_lock
from softphone.ui.presenters.registration import present_registration
from softphone.ui.scene import Part, Scene
from softphone.ui.settings.locks import show_lock
from softphone.ui.settings.sign_in_page import SignInPage
from softphone.ui.telling import SIGN_IN_FAULT, Told
from softphone.ui.theme.tokens import Tone


class FirstSignIn:
    """Lies over the work page until an account is registered. Thread: main."""

    def __init__(
        self, kit: Kit, scene: Scene, window: MainWindow, ask_for_address: Callable[[], None]
    ) -> None:
        self._kit = kit
        self._scene = scene
        self._window = window
        self._asked = False
        self.page = SignInPage(kit)
        self.page.wanted.connect(self._sign_in)
        self.page.set_up_wanted.connect(ask_for_address)
        window.pages.addWidget(self.page)
        window.pages.setCurrentWidget(self.page)
        self._fill_in()
        scene.on_change(self._refresh)

    def settings_changed(self) -> None:
        """The company has set this phone up meanwhile: with an account, or with what the form needs."""
        if self._scene.desk.configuring.settings.accounts:
            self._finish()
        else:
            self._fill_in()

    def _fill_in(self) -> None:
        """What the company has said already is there and locked; the cursor waits at the first gap."""
        form, desk = self.page.form, self._scene.desk
        template = desk.configuring.settings.sign_in
        if template.server:
            form.show_entry(empty_entry(template))
        locked, company = desk.configuring.locked(), desk.provisioning.state.company
        fields = {"server": form.server, "transport": form.transport, "media_encryption": form.encryption}
        for name, widget in fields.items():
            by = locked.get(f"sign_in.{name}")
            show_lock(self._kit, widget, present_lock(self._kit.words, by, company) if by else "")
        (form.user if template.server else form.server).setFocus()

    def _sign_in(self, entry: AccountEntry) -> None:
        signing_in = self._scene.desk.signing_in
        with Told(self._tell, SIGN_IN_FAULT):
            account = account_of(entry)
            for old in self._scene.desk.configuring.settings.accounts:
                if old.id != account.id:
                    signing_in.remove(old.id)  # the attempt before, corrected now
            signing_in.add(account, entry.password)
            self._asked = True
            self._refresh(Part.REGISTRATION)

    def _tell(self, error: SoftphoneError) -> None:
        self.page.show_status(error_words(self._kit.words, error), Tone.DANGER, busy=False)

    def _refresh(self, parts: Part) -> None:
        desk = self._scene.desk
        if Part.REGISTRATION not in parts or not self._asked:
            return
        states = {r.state for r in desk.signing_in.registrations}
        if RegistrationState.REGISTERED in states:
            self._finish()
            return
        accounts = desk.configuring.settings.accounts
        view = present_registration(self._kit.wording, accounts, desk.signing_in.registrations)
        busy = states <= {RegistrationState.TRYING}
        self.page.show_status(" ".join(p for p in (view.text, view.advice) if p), view.tone, busy)

    def _finish(self) -> None:
        self._asked = False
        self.page.form.forget_password()
        self._window.pages.setCurrentIndex(0)
        self._window.dial.field.setFocus()
