"""The first sign-in: from three fields to a registered phone, each step in words."""

from __future__ import annotations

from softphone.domain.account import RegistrationState
from softphone.domain.errors import SoftphoneError
from softphone.ui.main_window import MainWindow
from softphone.ui.parts.kit import Kit
from softphone.ui.presenters.account_form import AccountEntry, account_of
from softphone.ui.presenters.phrases import error_words
from softphone.ui.presenters.registration import present_registration
from softphone.ui.scene import Part, Scene
from softphone.ui.sign_in_page import SignInPage
from softphone.ui.theme.tokens import Tone


class FirstSignIn:
    """Lies over the work page until an account is registered. Thread: main."""

    def __init__(self, kit: Kit, scene: Scene, window: MainWindow) -> None:
        self._kit = kit
        self._scene = scene
        self._window = window
        self._asked = False
        self.page = SignInPage(kit)
        self.page.wanted.connect(self._sign_in)
        window.pages.addWidget(self.page)
        window.pages.setCurrentWidget(self.page)
        self.page.form.server.setFocus()
        scene.on_change(self._refresh)

    def _sign_in(self, entry: AccountEntry) -> None:
        signing_in = self._scene.desk.signing_in
        try:
            account = account_of(entry)
            for old in self._scene.desk.configuring.settings.accounts:
                if old.id != account.id:
                    signing_in.remove(old.id)  # the attempt before, corrected now
            signing_in.add(account, entry.password)
        except SoftphoneError as error:
            self.page.show_status(error_words(self._kit.words, error), Tone.DANGER, busy=False)
            return
        self._asked = True
        self._refresh(Part.REGISTRATION)

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
