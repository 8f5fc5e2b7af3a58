"""The fake clock must itself be trustworthy."""

from __future__ import annotations

from tests.fakes.clock import FakeClock


def test_timers_run_in_the_order_of_their_time_and_once() -> None:
    clock, ran = FakeClock(), []
    clock.after(2, lambda: ran.append(("b", clock.monotonic())))
    clock.after(1, lambda: ran.append(("a", clock.monotonic())))
    clock.advance(5)
    clock.advance(5)
    assert ran == [("a", 1_001.0), ("b", 1_002.0)]
    assert clock.monotonic() == 1_010.0


def test_a_timer_set_by_a_timer_runs_within_the_same_advance() -> None:
    clock, ran = FakeClock(), []
    clock.after(1, lambda: clock.after(1, lambda: ran.append(clock.now())))
    clock.advance(1.5)
    assert ran == []
    clock.advance(0.5)
    assert [moment.second for moment in ran] == [2]


def test_a_cancelled_timer_never_runs() -> None:
    clock, ran = FakeClock(), []
    clock.after(1, lambda: ran.append(1)).cancel()
    assert clock.waiting == 0
    clock.advance(2)
    assert ran == []
