"""Appointments of the sip thread."""

from __future__ import annotations

from collections.abc import Callable

from softphone.engine.schedule import Schedule


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_appointments_happen_in_order_when_due() -> None:
    clock, done = Clock(), list[str]()
    schedule = Schedule(clock)
    schedule.after(2, lambda: done.append("late"))
    schedule.after(1, lambda: done.append("early"))
    schedule.after(1, lambda: done.append("early too"))
    schedule.run_due()
    assert done == []
    clock.now = 2
    schedule.run_due()
    assert done == ["early", "early too", "late"]


def test_a_cancelled_appointment_does_not_happen() -> None:
    clock, done = Clock(), list[str]()
    schedule = Schedule(clock)
    schedule.after(0, lambda: done.append("never")).cancel()
    schedule.run_due()
    assert done == []


def test_a_repeated_appointment_goes_on_even_if_its_action_makes_others() -> None:
    clock, done = Clock(), list[float]()
    schedule = Schedule(clock)
    schedule.every(1, lambda: done.append(clock.now))
    for now in (0.5, 1.0, 2.0, 3.0):
        clock.now = now
        schedule.run_due()
    assert done == [1.0, 2.0, 3.0]


def test_clearing_forgets_everything() -> None:
    clock, done = Clock(), list[str]()
    schedule = Schedule(clock)
    schedule.every(1, lambda: done.append("never"))
    schedule.clear()
    clock.now = 5
    schedule.run_due()
    assert done == []


def test_the_runner_decides_what_a_failing_action_means() -> None:
    clock, done = Clock(), list[str]()

    def run(action: Callable[[], None]) -> None:
        try:
            action()
        except ZeroDivisionError:
            done.append("failed")

    schedule = Schedule(clock, run)
    schedule.after(0, lambda: print(1 / 0))
    schedule.after(0, lambda: done.append("next"))
    schedule.run_due()
    assert done == ["failed", "next"]
