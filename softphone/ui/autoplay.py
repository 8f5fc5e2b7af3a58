"""Plays whole calls through the real window: for `demo --auto`, and to see that everything works together.

Each step waits until the window shows what it needs, acts as a person would (clicks, types), and is noted
with its time and a picture. A step whose condition does not come true within its limit ends the play.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from softphone.domain.agent_state import AgentState
from softphone.domain.call import CallState
from softphone.domain.campaign import Disposition
from softphone.domain.customer import LookupState
from softphone.domain.facts import dataclass
from softphone.domain.ids import CallId
from softphone.domain.wrap_up import RecordStatus
from softphone.ui.main import Interface
from softphone.ui.parts.button import Button

REPORT = "desk.json"
LOOK_MS = 20
"""How often conditions are looked at; news from the use cases are looked at at once."""

TALK_S = 6.0
RING_LIMIT_S = 40.0
NOTE = "Played by the demo: asked, answered, all settled."
SIZE = (1180, 860)


@dataclass(frozen=True, slots=True)
class Played:
    """One step: when it was done (`time.monotonic`), whether it succeeded, what there is to say about it."""

    step: str
    at: float
    ok: bool
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """`ready` tells whether the step can be done, `act` does it, `detail` is asked afterwards."""

    name: str
    ready: Callable[[], bool]
    act: Callable[[], None] = lambda: None
    limit_s: float = 20.0
    detail: Callable[[], str] = lambda: ""


class Autoplay(QObject):
    """Thread: main. Calls `done` with the exit code: 0 only if every step of every call succeeded."""

    def __init__(self, interface: Interface, folder: Path, calls: int, done: Callable[[int], object]) -> None:
        super().__init__(interface)
        self._interface = interface
        self._folder = folder
        self._calls = calls
        self._done = done
        self._began = time.monotonic()
        self._step_began = self._began
        self._call_id = CallId("")
        self._played_calls: set[CallId] = set()
        self._steps = self._play()
        self._step: Step | None = None
        self.played: list[Played] = []
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._look)

    def start(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        self._interface.window.resize(*SIZE)
        self._next()
        self._timer.start(LOOK_MS)

    # --- the play ---

    def _play(self) -> Iterator[Step]:
        desk, window = self._interface.desk, self._interface.window
        yield Step("registered", lambda: desk.signing_in.registered)
        yield Step("ready", self._can_go_ready, self._go_ready)
        for number in range(1, self._calls + 1):
            yield from self._one_call(f"{number}-")
        yield Step("idle", lambda: window.stage.currentWidget() is window.stage.idle)

    def _one_call(self, prefix: str) -> Iterator[Step]:
        desk, window = self._interface.desk, self._interface.window
        stage, sheet = window.stage, window.sheet
        yield Step(f"{prefix}ringing", self._rings, limit_s=RING_LIMIT_S)
        yield Step(f"{prefix}customer", self._looked_up, detail=self._customer_detail)
        yield Step(f"{prefix}answer", lambda: _clickable(stage.ringing.answer), stage.ringing.answer.click)
        yield Step(f"{prefix}talking", lambda: self._state() is CallState.ESTABLISHED)
        yield Step(f"{prefix}notes", sheet.wrap_up.notes.isVisible, self._type_notes)
        yield Step(f"{prefix}script", lambda: True, self._answer_script)
        yield Step(f"{prefix}talked", self._talked_enough)
        yield Step(f"{prefix}hang_up", lambda: _clickable(stage.talking.hang_up), stage.talking.hang_up.click)
        yield Step(f"{prefix}after_call_work", lambda: self._call_id in desk.wrapping_up.open_calls)
        yield Step(f"{prefix}search_outcome", sheet.wrap_up.outcome.isVisible, self._search_outcome)
        yield Step(f"{prefix}choose_outcome", lambda: sheet.wrap_up.outcome.is_open, self._take_outcome)
        yield Step(f"{prefix}save", lambda: _clickable(sheet.wrap_up.save), sheet.wrap_up.save.click)
        yield Step(f"{prefix}saved", lambda: desk.wrapping_up.state(self._call_id).saved)
        yield Step(f"{prefix}delivered", self._delivered, limit_s=30)

    # --- conditions ---

    def _can_go_ready(self) -> bool:
        idle = self._interface.window.stage.idle
        status = self._interface.desk.being_available.status
        return _clickable(idle.ready) or status.state is AgentState.READY

    def _rings(self) -> bool:
        stage = self._interface.window.stage
        call = self._interface.desk.calling.ringing()
        if call is None or call.id in self._played_calls or stage.currentWidget() is not stage.ringing:
            return False
        self._call_id = call.id
        self._played_calls.add(call.id)
        return True

    def _looked_up(self) -> bool:
        state = self._interface.desk.recognising.lookup(self._call_id).state
        return state not in (LookupState.ASKING, LookupState.LATE)

    def _talked_enough(self) -> bool:
        call = self._interface.desk.calling.call(self._call_id)
        now = self._interface.desk.ports.clock.now()
        return call is not None and call.talk_seconds(now) >= TALK_S

    def _delivered(self) -> bool:
        entries = self._interface.desk.looking_back.loaded.entries
        status = {entry.record.call.id: entry.status for entry in entries}
        return status.get(self._call_id) is RecordStatus.DELIVERED

    def _state(self) -> CallState | None:
        call = self._interface.desk.calling.call(self._call_id)
        return call.state if call else None

    # --- what a person would do ---

    def _go_ready(self) -> None:
        idle = self._interface.window.stage.idle
        if idle.ready.isVisible():
            idle.ready.click()

    def _answer_script(self) -> None:
        """Take the first answer, where the company has a script."""
        script = self._interface.window.sheet.script
        if script.isVisible() and script.answers:
            script.answers[0].click()

    def _type_notes(self) -> None:
        notes = self._interface.window.sheet.wrap_up.notes
        notes.setFocus(Qt.FocusReason.ShortcutFocusReason)
        _type(notes, NOTE)

    def _search_outcome(self) -> None:
        field = self._interface.window.sheet.wrap_up.outcome.field
        field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        _type(field, self._plain_outcome().label)

    def _take_outcome(self) -> None:
        _press(self._interface.window.sheet.wrap_up.outcome.field, Qt.Key.Key_Return)

    def _plain_outcome(self) -> Disposition:
        """An outcome that wants nothing but itself (and the note that is there)."""
        desk = self._interface.desk
        record = desk.wrapping_up.record(self._call_id)
        campaign = desk.calling.campaign(record.call) if record else None
        codes = tuple(campaign.codes()) if campaign else ()
        return next((c for c in codes if not c.wants_callback), Disposition("", ""))

    def _customer_detail(self) -> str:
        lookup = self._interface.desk.recognising.lookup(self._call_id)
        return f"{lookup.state.value} after {lookup.took_ms:.0f} ms"

    # --- the course of the play ---

    def _look(self) -> None:
        step = self._step
        if step is None:
            return
        if step.ready():
            step.act()
            self._note(step, True)
            self._next()
        elif time.monotonic() - self._step_began > step.limit_s:
            self._note(step, False)
            self._finish()

    def _next(self) -> None:
        self._step = next(self._steps, None)
        self._step_began = time.monotonic()
        if self._step is None:
            self._finish()

    def _note(self, step: Step, ok: bool) -> None:
        detail = step.detail() if ok else f"did not happen within {step.limit_s:g} s"
        self.played.append(Played(step.name, time.monotonic(), ok, detail))
        picture = self._folder / f"{len(self.played):02}-{step.name}.png"
        self._interface.window.grab().save(str(picture))

    def _finish(self) -> None:
        self._timer.stop()
        self._step = None
        ok = all(played.ok for played in self.played)
        steps = [
            {**asdict(played), "since_start_s": round(played.at - self._began, 3)} for played in self.played
        ]
        report = {"ok": ok, "steps": steps}
        (self._folder / REPORT).write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
        self._done(0 if ok else 1)


def _clickable(button: Button) -> bool:
    return button.isVisible() and button.isEnabled() and not button.inert


def _type(widget: QWidget, text: str) -> None:
    for character in text:
        _press(widget, Qt.Key(0), character)


def _press(widget: QWidget, key: Qt.Key, text: str = "") -> None:
    for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
        QCoreApplication.sendEvent(widget, QKeyEvent(kind, int(key), Qt.KeyboardModifier.NoModifier, text))
