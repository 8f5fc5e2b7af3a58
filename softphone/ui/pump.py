"""The one way across threads: whatever happens elsewhere is posted here and delivered on the main thread."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QEvent, QObject

from softphone.domain.events import Event

_WAKE = QEvent.Type(QEvent.registerEventType())


class Pump(QObject):
    """Thread: made and emptied on the main thread; `post` and `call_soon` may be called from any.

    Order is kept. A batch is delivered in one go, but never more than `BATCH` at once, so that a flood of
    news cannot starve painting and typing.
    """

    BATCH = 200

    def __init__(self, on_fault: Callable[[Exception], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._on_fault = on_fault
        self._publish: Callable[[Event], None] | None = None
        self._waiting: deque[Callable[[], None]] = deque()
        self._at_the_end: deque[Callable[[], None]] = deque()
        self._early: list[Event] = []
        self._awake = False

    def deliver_to(self, publish: Callable[[Event], None]) -> None:
        """Hand every posted event to `publish` from now on; earlier ones were kept and come first."""
        self._publish = publish
        early, self._early = self._early, []
        for event in early:
            publish(event)

    def post(self, event: Event) -> None:
        """Deliver `event` on the main thread as soon as it is free."""
        self.call_soon(lambda: self._hand_on(event))

    def call_soon(self, action: Callable[[], None]) -> None:
        """Run `action` on the main thread as soon as it is free, after all that was posted before."""
        self._waiting.append(action)  # deque.append is atomic
        self._wake()

    def call_at_the_end(self, action: Callable[[], None]) -> None:
        """Run `action` on the main thread after what waits there by then: what draws, draws a burst once."""
        self._at_the_end.append(action)
        self._wake()

    def _wake(self) -> None:
        """One wake-up for however many actions: Qt delivers all posted events before it paints or types.

        The flag is cleared before the queue is emptied; a race posts a wake-up too many, never one too few.
        """
        if not self._awake:
            self._awake = True
            QCoreApplication.postEvent(self, QEvent(_WAKE))  # thread-safe

    def customEvent(self, _event: QEvent) -> None:  # noqa: N802 - Qt's name
        self._awake = False
        self._run(self._waiting, self.BATCH)
        self._run(self._at_the_end, len(self._at_the_end))
        if self._waiting or self._at_the_end:
            self._wake()

    def _run(self, actions: deque[Callable[[], None]], most: int) -> None:
        for _ in range(most):
            if not actions:
                return
            action = actions.popleft()
            try:
                action()
            except Exception as exc:  # noqa: BLE001 - the callback guard of the main thread (STYLE.md 7)
                self._on_fault(exc)

    def _hand_on(self, event: Event) -> None:
        if self._publish is None:
            self._early.append(event)
        else:
            self._publish(event)
