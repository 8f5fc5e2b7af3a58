"""A real desk without a window: real engine process, real database, real HTTP, the embedded world outside."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

import shiboken6
from PySide6.QtWidgets import QApplication

from softphone.composition import Assembly, Profile, assemble, secrets_of, settings_file
from softphone.demo.profile import demo_profile
from softphone.demo.world import AGENT, DemoWorld
from softphone.domain.audio import AudioChoice
from softphone.domain.call import CallView
from softphone.domain.events import Event
from softphone.system.folders import folders
from softphone.ui.clock import QtClock
from softphone.ui.pump import Pump
from softphone.usecases.desk import Desk

SILENT = AudioChoice(microphone="null", speaker="null", ringer="null")
DATABASE_KEY = bytes(range(32))


def profile_in(world: DemoWorld, audio: AudioChoice = SILENT) -> Profile:
    """The demo's profile with a database key that outlives a kill."""
    made = demo_profile(world.addresses, world.passwords[AGENT], world.crm.token, audio)
    return Profile(made.settings, {**made.secrets, "records/key": DATABASE_KEY.hex()})


@dataclass
class HeadlessDesk:
    """Runs the Qt event loop only while a test waits for something."""

    profile: Profile
    folder: Path
    seen: list[Event] = field(default_factory=list)
    faults: list[Exception] = field(default_factory=list)

    def __post_init__(self) -> None:
        # A bare QCoreApplication would be found, and crashed on, by later tests that make widgets.
        self._app = QApplication.instance() or QApplication([])
        self._pump = Pump(self.faults.append)
        where = folders(self.folder)
        where.create()
        file = settings_file(where, self.profile)
        secrets = secrets_of(where, self.profile)
        self.assembly: Assembly = assemble(
            where, file, file.load(), secrets, QtClock(self._pump), self._pump.post
        )
        self._pump.deliver_to(self.assembly.bus.publish)
        self.assembly.bus.subscribe_all(self.seen.append)

    @property
    def desk(self) -> Desk:
        return self.assembly.desk

    def __enter__(self) -> HeadlessDesk:
        self.assembly.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.assembly.quit()
        shiboken6.delete(self._pump)  # and with it every timer of the clock: deleteLater waits for an exec()

    def until(self, condition: Callable[[], object], what: str, timeout_s: float = 15.0) -> None:
        """Turn the event loop until `condition` holds; fail naming `what` if it never does."""
        end = time.monotonic() + timeout_s
        while not condition():
            assert time.monotonic() < end, f"never happened: {what}; last events: {self.seen[-8:]}"
            self._app.processEvents()
            time.sleep(0.002)  # gives the processor to the engine; the condition decides, not the time
        assert not self.faults, self.faults

    def registered(self) -> None:
        self.until(lambda: self.desk.signing_in.registered, "registered")

    def ringing(self) -> CallView:
        self.until(lambda: self.desk.calling.ringing() is not None, "a call rings")
        call = self.desk.calling.ringing()
        assert call is not None
        return call
