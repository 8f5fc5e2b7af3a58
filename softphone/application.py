"""The running desk with its window: Qt's event loop, the control socket, starting and quitting in order."""

from __future__ import annotations

import gc
import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType, TracebackType

import structlog
from PySide6.QtCore import QTimer
from PySide6.QtGui import QPixmapCache
from PySide6.QtWidgets import QApplication

from softphone.composition import Assembly, Mailbox, Options, assemble
from softphone.domain.errors import SoftphoneError
from softphone.domain.settings import Settings
from softphone.phone.telephone import EngineTelephone
from softphone.system.folders import Folders
from softphone.system.local_socket import ControlServer
from softphone.system.secrets import KeyringSecrets
from softphone.ui.clock import QtClock
from softphone.ui.garbage import MainThreadCollector
from softphone.ui.main import Interface, make_application
from softphone.ui.pump import Pump
from softphone.ui.telling import SIGN_IN_FAULT, Told
from softphone.usecases.ports import Secrets, SettingsFile
from softphone.usecases.remote.control import RemoteControl

_log = structlog.get_logger(__name__)

KEY_STORE_LOOK_MS = 20
"""How often it is looked whether the key store has answered; it takes 0.2 s without a prompt."""

PIXMAP_CACHE_KB = 1_000
"""Qt keeps 10 MB of what it has painted. Our icons are drawn anew each time, so that would only fill up:
7 KB with each picture, 60 KB with each call (measured)."""


def run_desk(
    options: Options,
    where: Folders,
    file: SettingsFile,
    settings: Settings,
    secrets: Secrets,
    telephone: EngineTelephone,
    mailbox: Mailbox,
) -> int:
    """Show the desk and run it until it is quit; return the exit code."""
    came = _put_off_signals()
    application = make_application([])
    QPixmapCache.setCacheLimit(PIXMAP_CACHE_KB)
    pump = Pump(_log_fault)
    MainThreadCollector(pump)
    assembly = assemble(where, file, settings, secrets, QtClock(pump), pump.post, telephone)
    pump.deliver_to(assembly.bus.publish)
    mailbox.forward_to(pump.post)
    running = RunningDesk(application, assembly, pump, where)
    running.start(options)
    if came:
        pump.call_soon(running.quit)
    code = int(application.exec())
    gc.freeze()  # the window ends with the process: nobody waits for a last collection
    _log.info("desk_ended", exit_code=code)
    return code


class RunningDesk:
    """Starts everything in the one right order and ends it in the reverse one. Thread: main."""

    def __init__(self, application: QApplication, assembly: Assembly, pump: Pump, where: Folders) -> None:
        self._application = application
        self._assembly = assembly
        self._pump = pump
        self._quitting = False
        self.interface = Interface(
            application, assembly.desk, pump.call_soon, self.quit, draw_soon=pump.call_at_the_end
        )
        control = RemoteControl(assembly.desk, self.quit, self.show)
        self._server = ControlServer(where.data, control.handle, pump.call_soon)
        control.tell_to(self._server.broadcast)

    def start(self, options: Options) -> None:
        """Everything that may take time happens after the window is there."""
        _report_what_nobody_caught()
        _quit_on_signals(lambda: self._pump.call_soon(self.quit))
        self._listen()
        self.interface.show()
        self._pump.call_soon(self._sign_in)
        if options.link:
            self._pump.call_soon(lambda: self.show(options.link))
        if options.autoplay_to is not None:
            from softphone.ui.autoplay import Autoplay  # the demo's; nobody else waits for it

            player = Autoplay(self.interface, options.autoplay_to, options.autoplay_calls, self.quit)
            self._pump.call_soon(player.start)

    def show(self, link: str = "") -> None:
        """Bring the window up, with a link in the dial field if there is one."""
        if link:
            self.interface.offer_to_dial(link)
        else:
            self.interface.show()

    def quit(self, exit_code: int = 0) -> None:
        """End calls, un-register, write what is typed, leave. Blocks for a bounded time; only the first call
        does anything."""
        if self._quitting:
            return
        self._quitting = True
        self.interface.window.hide()
        self._server.close()
        self._assembly.quit()
        self._application.exit(exit_code)

    def _listen(self) -> None:
        """Whoever cannot be commanded by others can still telephone."""
        try:
            self._server.start()
        except SoftphoneError as exc:
            _log.error("control_socket_failed", reason=exc.detail)
            self.interface.tell(exc)

    def _sign_in(self) -> None:
        """Once the key store has answered: it may ask its user for a password, and the window paints."""
        secrets = self._assembly.desk.ports.secrets
        if self._quitting:
            return
        if isinstance(secrets, KeyringSecrets) and secrets.asking:
            QTimer.singleShot(KEY_STORE_LOOK_MS, self._sign_in)
            return
        with Told(self.interface.tell, SIGN_IN_FAULT):
            self._assembly.start()


def tell_settings_trouble(error: SoftphoneError) -> int:
    """Say on standard error and in a window what is wrong with the settings; return the exit code."""
    sys.stderr.write(f"softphone: {error}\n")
    from softphone.ui.settings.trouble import show_settings_trouble

    show_settings_trouble(make_application([]), str(error))
    return 1


def _log_fault(exc: Exception) -> None:
    _log.error("main_thread_fault", exc_info=exc)


def _put_off_signals() -> list[int]:
    """While the window is built a signal is only remembered: an exception would be lost inside Qt's calls."""
    came: list[int] = []
    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, lambda number, _frame: came.append(number))
    return came


def _quit_on_signals(quit_soon: Callable[[], None]) -> None:
    """SIGTERM and Ctrl-C end the desk properly. The window's half-second tick lets Python notice them."""

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        quit_soon()

    signal.signal(signal.SIGINT, on_signal)
    signal.signal(signal.SIGTERM, on_signal)


def _report_what_nobody_caught() -> None:
    def on_exception(kind: type[BaseException], exc: BaseException, trace: TracebackType | None) -> None:
        _log.critical("unexpected", exc_info=(kind, exc, trace))

    def on_thread_exception(args: threading.ExceptHookArgs) -> None:
        _log.critical("thread_died", thread=args.thread.name if args.thread else "", exc_info=args.exc_value)

    sys.excepthook = on_exception
    threading.excepthook = on_thread_exception
