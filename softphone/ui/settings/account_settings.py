"""The settings' account page at work: which account is shown, saving, removing, what is fixed."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from softphone.domain.account import Account
from softphone.domain.errors import SoftphoneError
from softphone.domain.ids import AccountId
from softphone.ui.parts.kit import Kit
from softphone.ui.presenters.account_form import account_of, empty_entry, entry_of
from softphone.ui.presenters.phrases import error_words
from softphone.ui.presenters.provisioning import present_company, present_lock
from softphone.ui.presenters.registration import present_registration
from softphone.ui.scene import Scene
from softphone.ui.settings.account_page import AccountPage
from softphone.ui.settings.locks import show_lock
from softphone.ui.telling import SIGN_IN_FAULT, Told


class AccountSettings:
    """Thread: main. `confirmed` asks the agent a question."""

    def __init__(self, kit: Kit, scene: Scene, page: AccountPage, confirmed: Callable[[str], bool]) -> None:
        self._kit = kit
        self._scene = scene
        self._desk = scene.desk
        self._page = page
        self._confirmed = confirmed
        first = next(iter(self._accounts), None)
        self._shown: AccountId | None = first.id if first else None
        page.save_wanted.connect(self._save)
        page.remove_wanted.connect(self._remove)
        page.picked.connect(self._pick)
        page.company.check_wanted.connect(self._desk.provisioning.refresh)
        self.fill()

    @property
    def _accounts(self) -> tuple[Account, ...]:
        return self._desk.configuring.settings.accounts

    def fill(self) -> None:
        """Show the account that was picked, as the settings have it; what was typed is gone."""
        account = self._account()
        form = self._page.form
        form.show_entry(
            entry_of(account) if account else empty_entry(self._desk.configuring.settings.sign_in)
        )
        self._page.form.password.setPlaceholderText(self._kit.t("Unchanged") if account else "")
        self._page.show_problem("")
        self.refresh()
        self._lock(account)

    def refresh(self) -> None:
        """What is true now about registrations and the company."""
        settings = self._desk.configuring.settings
        known = {account.id: account for account in settings.accounts}
        if self._shown is not None and self._shown not in known:  # the company has taken it away
            self._shown = next(iter(known), None)
            self.fill()
            return
        self._page.show_accounts([(a.id, a.aor) for a in settings.accounts], self._shown or "")
        shown = [known[self._shown]] if self._shown else []
        registrations = [r for r in self._desk.signing_in.registrations if r.account_id == self._shown]
        self._page.show_registration(present_registration(self._kit.wording, shown, registrations))
        provisioning = self._desk.provisioning
        url = settings.provisioning.url
        now = self._desk.ports.clock.now()
        view = present_company(self._kit.wording, url, provisioning.state, provisioning.last, now)
        fixed = "provisioning.url" in self._desk.configuring.locked()
        self._page.company.show_view(view, can_check=bool(url), can_change=not fixed)

    def _account(self) -> Account | None:
        return next((account for account in self._accounts if account.id == self._shown), None)

    def _pick(self, account_id: str) -> None:
        self._shown = AccountId(account_id) if account_id else None
        self.fill()
        if self._shown is None:
            self._page.form.server.setFocus()

    def _lock(self, account: Account | None) -> None:
        prefix = f"accounts.{account.id}." if account else "sign_in."
        locked = self._desk.configuring.locked()
        company = self._desk.provisioning.state.company
        for name, widget in fields_of(self._page).items():
            by = locked.get(prefix + name)
            show_lock(self._kit, widget, present_lock(self._kit.words, by, company) if by else "")
        theirs = account is not None and any(key.startswith(prefix) for key in locked)
        self._page.remove.setVisible(account is not None and not theirs)

    def _save(self) -> None:
        entry, known = self._page.form.entry(), self._account()
        self._page.show_problem("")
        with Told(self._tell, SIGN_IN_FAULT):
            account = account_of(entry, known)
            if known and not entry.password:
                self._desk.signing_in.change(account)
            else:
                self._desk.signing_in.add(account, entry.password)
            self._page.form.forget_password()
            self._shown = account.id
            self.fill()

    def _tell(self, error: SoftphoneError) -> None:
        self._page.show_problem(error_words(self._kit.words, error))

    def _remove(self) -> None:
        account = self._account()
        question = self._kit.t("Remove this account and its password from this computer?")
        if account is None or not self._confirmed(question):
            return
        try:
            self._desk.signing_in.remove(account.id)
        except SoftphoneError as error:
            self._page.show_problem(error_words(self._kit.words, error))
        self._shown = next((each.id for each in self._accounts), None)
        self.fill()


def fields_of(page: AccountPage) -> dict[str, QWidget]:
    """The control of each of an account's settings."""
    form = page.form
    return {
        "server": form.server,
        "user": form.user,
        "display_name": form.name,
        "auth_user": form.auth_user,
        "transport": form.transport,
        "media_encryption": form.encryption,
        "domain": form.domain,
        "backup_servers": form.backups,
        "ca_file": form.ca_file,
        "pinned_sha256": form.pins,
        "client_certificate": form.certificate,
        "client_key": form.key,
        "refuse_md5": form.refuse_md5,
    }
