"""Things to be done later on the same thread. Thread: the sip thread."""

from __future__ import annotations

import heapq
import itertools
import time
from collections.abc import Callable


class Appointment:
    """Something that will happen unless it is cancelled."""

    __slots__ = ("action", "due")

    def __init__(self, due: float, action: Callable[[], None]) -> None:
        self.due = due
        self.action: Callable[[], None] | None = action

    def cancel(self) -> None:
        self.action = None


class Schedule:
    """A heap of appointments; `clock` gives seconds that only grow, `run` carries an action out."""

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        run: Callable[[Callable[[], None]], None] = lambda action: action(),
    ) -> None:
        self._clock = clock
        self._run = run
        self._heap: list[tuple[float, int, Appointment]] = []
        self._order = itertools.count()

    def after(self, delay_s: float, action: Callable[[], None]) -> Appointment:
        """Do `action` once, `delay_s` seconds from now."""
        appointment = Appointment(self._clock() + delay_s, action)
        heapq.heappush(self._heap, (appointment.due, next(self._order), appointment))
        return appointment

    def every(self, interval_s: float, action: Callable[[], None]) -> None:
        """Do `action` again and again."""

        def again() -> None:
            self.after(interval_s, again)
            action()

        self.after(interval_s, again)

    def run_due(self) -> None:
        """Do what is due now; called by the loop."""
        while self._heap and self._heap[0][0] <= self._clock():
            appointment = heapq.heappop(self._heap)[2]
            if appointment.action is not None:
                self._run(appointment.action)

    def clear(self) -> None:
        """Forget all appointments, and with them whatever their actions hold on to."""
        for _, _, appointment in self._heap:
            appointment.cancel()
        self._heap.clear()
