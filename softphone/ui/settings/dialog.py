"""The settings: account, sound, window. What a policy has fixed shows a lock and cannot be changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QMessageBox,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from softphone.domain.audio import AudioRole, SoundTest
from softphone.domain.errors import SoftphoneError
from softphone.domain.settings import WindowSettings
from softphone.ui.parts.button import Button
from softphone.ui.parts.kit import Kit
from softphone.ui.presenters.further_devices import (
    present_fallback,
    present_further_ringers,
    with_fallback,
    with_further_ringer,
)
from softphone.ui.presenters.phrases import error_words
from softphone.ui.presenters.provisioning import present_lock
from softphone.ui.presenters.sound import RoleView, present_roles, with_device
from softphone.ui.presenters.sound_trial import present_trial
from softphone.ui.scene import Part, Scene
from softphone.ui.settings.account_page import AccountPage
from softphone.ui.settings.account_settings import AccountSettings
from softphone.ui.settings.crm_page import CrmPage
from softphone.ui.settings.crm_settings import CrmSettings
from softphone.ui.settings.locks import show_lock
from softphone.ui.settings.sound_page import SoundPage
from softphone.ui.settings.trace_saving import export_trace
from softphone.ui.settings.window_page import WindowPage
from softphone.ui.theme.tokens import Size, Space, Tone

PAGES = ("account", "audio", "window", "crm")


class SettingsDialog(QDialog):
    """Thread: main. Changes take effect at once; there is nothing to confirm."""

    def __init__(
        self,
        kit: Kit,
        scene: Scene,
        window_changed: Callable[[WindowSettings], None],
        ask_for_address: Callable[[], None],
    ) -> None:
        super().__init__()
        self._kit = kit
        self._scene = scene
        self._desk = scene.desk
        self._window_changed = window_changed
        self.setWindowTitle(kit.t("Settings"))
        self.account = AccountPage(kit)
        self.sound = SoundPage(kit, self._roles())
        self.window_page = WindowPage(kit)
        self.crm = CrmPage(kit)
        self._pages = QStackedWidget()
        self._tabs: list[Button] = []
        self._lay_out()
        self._connect()
        self.account.company.link_wanted.connect(ask_for_address)
        self.accounts = AccountSettings(kit, scene, self.account, self._confirmed)
        self.crms = CrmSettings(kit, scene, self.crm)
        self._fill()
        scene.on_change(self._refresh)

    def show_page(self, name: str) -> None:
        index = PAGES.index(name) if name in PAGES else 0
        self._pick(index)
        self.crms.show()
        self.show()
        self.raise_()
        self.activateWindow()
        self._watch()

    def settings_changed(self) -> None:
        """They were changed from outside: show what is in force now."""
        self.accounts.fill()
        self._fill()

    def scroll_to(self, widget: QWidget) -> None:
        """Bring a part of the page that is shown into sight."""
        page = self._pages.currentWidget()
        if isinstance(page, QScrollArea):
            page.ensureWidgetVisible(widget)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(self._kit.px(Size.DIALOG_WIDTH), self._kit.px(Size.DIALOG_HEIGHT))

    def done(self, result: int) -> None:
        super().done(result)
        self.crms.leave()
        self.account.form.forget_password()
        self._desk.choosing_audio.watch_levels(False)
        self._desk.trying_sound.stop()

    # --- showing ---

    def _fill(self) -> None:
        self.window_page.show_settings(self._desk.configuring.settings.window)
        self._refresh(Part.AUDIO | Part.REGISTRATION)
        self._lock()

    def _refresh(self, parts: Part) -> None:
        if Part.AUDIO in parts:
            self._show_sound()
        if Part.AUDIO in parts or Part.CALLS in parts:
            self._show_trial()
        if Part.REGISTRATION in parts:
            self.accounts.refresh()
        if Part.CRM in parts and self.isVisible():
            self.crms.refresh()
        if Part.LEVELS in parts and self.isVisible():
            self.sound.show_levels(self._scene.levels.microphone_dbfs, self._scene.levels.speaker_dbfs)

    def _show_sound(self) -> None:
        choice, state = self._desk.choosing_audio.choice, self._desk.choosing_audio.state
        wording = self._kit.wording
        self.sound.show_view(self._roles(), choice)
        fallbacks = {role: present_fallback(wording, role, choice, state) for role in AudioRole}
        self.sound.show_further(fallbacks, present_further_ringers(wording, choice, state))

    def _show_trial(self) -> None:
        trying, calls = self._desk.trying_sound, self._desk.calling.calls
        if trying.trial.test is None and not calls and self._sound_is_looked_at():
            trying.start(SoundTest.LISTEN)  # a test is over, or a call: the meter goes on
        words, tone = present_trial(self._kit.wording, trying.trial, trying.heard)
        if calls:
            words, tone = self._kit.t("Not while you have a call."), Tone.NEUTRAL
        self.sound.trial.show_view(trying.trial.test, not calls, words, tone)

    def _roles(self) -> tuple[RoleView, ...]:
        audio = self._desk.choosing_audio
        return present_roles(self._kit.wording, audio.choice, audio.state)

    def _lock(self) -> None:
        """What somebody else has fixed cannot be changed, shows a lock and says who."""
        locked = self._desk.configuring.locked()
        company = self._desk.provisioning.state.company
        controls: dict[str, QWidget] = {
            "window.theme": self.window_page.theme,
            "window.language": self.window_page.language,
            "window.raise_on_call": self.window_page.raise_on_call,
            "window.open_record_on_answer": self.window_page.open_record,
            **{f"audio.{role}": row.device for role, row in self.sound.rows.items()},
            **{f"audio.{role}_fallback": row.fallback.device for role, row in self.sound.rows.items()},
            "audio.also_ring_on": self.sound.ringers,
            **{f"audio.{name}": box for name, box in self.sound.processing.items()},
        }
        for key, widget in controls.items():
            by = locked.get(key)
            show_lock(self._kit, widget, present_lock(self._kit.words, by, company) if by else "")
        for role, row in self.sound.rows.items():
            by = locked.get(f"audio.{role}_gain_db")
            row.lock_gain(present_lock(self._kit.words, by, company) if by else "")

    # --- doing ---

    def _connect(self) -> None:
        audio = self._desk.choosing_audio
        self.account.trace_wanted.connect(
            lambda: self._attempt(lambda: export_trace(self, self._kit, self._desk.tracing))
        )
        self.sound.device_picked.connect(
            lambda role, key: self._attempt(
                lambda: audio.choose(with_device(audio.choice, AudioRole(role), key))
            )
        )
        self.sound.volume_set.connect(
            lambda role, db: self._attempt(lambda: audio.set_volume(AudioRole(role), db))
        )
        self.sound.volume_tried.connect(lambda role, db: audio.try_volume(AudioRole(role), db))
        self.sound.processing_set.connect(
            lambda field, on: self._attempt(lambda: audio.choose(replace(audio.choice, **{field: on})))
        )
        self.sound.fallback_picked.connect(
            lambda role, key: self._attempt(
                lambda: audio.choose(with_fallback(audio.choice, AudioRole(role), key))
            )
        )
        self.sound.ringers.switched.connect(
            lambda key, on: self._attempt(
                lambda: audio.choose(with_further_ringer(audio.choice, key, on, audio.state.devices))
            )
        )
        self.sound.refreshed.connect(audio.refresh)
        self.sound.trial.wanted.connect(self._desk.trying_sound.start)
        self.sound.trial.unwanted.connect(self._desk.trying_sound.stop)
        self.window_page.changed.connect(self._change_window)

    def _attempt(self, action: Callable[[], object]) -> bool:
        try:
            action()
        except SoftphoneError as error:
            self._scene.say(error_words(self._kit.words, error))
            return False
        return True

    def _change_window(self, window: WindowSettings) -> None:
        settings = replace(self._desk.configuring.settings, window=window)
        if self._attempt(lambda: self._desk.configuring.change(settings)):
            self._window_changed(window)

    def _confirmed(self, question: str) -> bool:
        box = QMessageBox(self)
        box.setWindowTitle(self._kit.t("Settings"))
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText(question)
        keep, remove = QPushButton(self._kit.t("Keep it")), QPushButton(self._kit.t("Remove it"))
        box.addButton(keep, QMessageBox.ButtonRole.RejectRole)
        box.addButton(remove, QMessageBox.ButtonRole.DestructiveRole)
        box.setDefaultButton(keep)
        box.setEscapeButton(keep)
        box.exec()
        return box.clickedButton() is remove

    # --- layout ---

    def _lay_out(self) -> None:
        kit = self._kit
        names = (kit.t("Account"), kit.t("Sound"), kit.t("Window"), kit.t("CRM"))
        pages: tuple[QWidget, ...] = (self.account, self.sound, self.window_page, self.crm)
        tabs = QHBoxLayout()
        for index, (name, page) in enumerate(zip(names, pages, strict=True)):
            button = Button(kit, name, self._picker(index), kind="tab")
            button.setCheckable(True)
            self._tabs.append(button)
            tabs.addWidget(button)
            scroll = QScrollArea()
            scroll.setWidget(page)
            scroll.setWidgetResizable(True)
            scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            self._pages.addWidget(scroll)
        tabs.addStretch()
        column = QVBoxLayout(self)
        margin = kit.px(Space.LARGE)
        column.setContentsMargins(margin, kit.px(Space.SMALL), margin, margin)
        column.setSpacing(margin)
        column.addLayout(tabs)
        column.addWidget(self._pages, 1)
        close = Button(kit, kit.t("Close"), lambda: self.done(0))
        column.addWidget(close, 0, Qt.AlignmentFlag.AlignTrailing)

    def _picker(self, index: int) -> Callable[[], None]:
        return lambda: self._pick(index)

    def _pick(self, index: int) -> None:
        self._pages.setCurrentIndex(index)
        for i, button in enumerate(self._tabs):
            button.setChecked(i == index)
        self._watch()

    def _watch(self) -> None:
        """The microphone is open, and levels are measured, only while somebody looks at them."""
        looked_at = self._sound_is_looked_at()
        self._desk.choosing_audio.watch_levels(looked_at)
        if not looked_at:
            self._desk.trying_sound.stop()
        elif not self._desk.calling.calls:
            self._desk.trying_sound.start(SoundTest.LISTEN)

    def _sound_is_looked_at(self) -> bool:
        return self.isVisible() and self._pages.currentIndex() == 1
