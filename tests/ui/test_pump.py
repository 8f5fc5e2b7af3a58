"""The way across threads."""

from __future__ import annotations

import threading
from functools import partial

import pytest
from pytestqt.qtbot import QtBot

from softphone.domain.events import Event
from softphone.domain.ids import CallId
from softphone.domain.keeping_events import DraftSaved
from softphone.ui.clock import QtClock
from softphone.ui.pump import Pump


@pytest.fixture
def faults() -> list[Exception]:
    return []


@pytest.fixture
def pump(qtbot: QtBot, faults: list[Exception]) -> Pump:
    return Pump(faults.append)


def _event(name: object) -> DraftSaved:
    return DraftSaved(CallId(str(name)))


def test_events_of_other_threads_arrive_on_the_main_thread_in_order(qtbot: QtBot, pump: Pump) -> None:
    seen: list[tuple[Event, int]] = []
    pump.deliver_to(lambda event: seen.append((event, threading.get_ident())))
    sent = [_event(i) for i in range(1_000)]

    def send() -> None:
        for event in sent:
            pump.post(event)

    thread = threading.Thread(target=send)
    thread.start()
    qtbot.waitUntil(lambda: len(seen) == len(sent))
    thread.join()
    assert [event for event, _ in seen] == sent
    assert {ident for _, ident in seen} == {threading.get_ident()}


def test_events_posted_before_anybody_listens_are_kept(qtbot: QtBot, pump: Pump) -> None:
    pump.post(_event("early"))
    flag: list[bool] = []
    pump.call_soon(lambda: flag.append(True))
    qtbot.waitUntil(lambda: bool(flag))
    seen: list[Event] = []
    pump.deliver_to(seen.append)
    assert seen == [_event("early")]


def test_an_action_that_fails_is_reported_and_the_next_one_runs(
    qtbot: QtBot, pump: Pump, faults: list[Exception]
) -> None:
    done: list[int] = []
    pump.call_soon(lambda: done.append(1 // 0))
    pump.call_soon(lambda: done.append(2))
    qtbot.waitUntil(lambda: done == [2])
    assert isinstance(faults[0], ZeroDivisionError)


def test_a_flood_of_news_lets_the_window_live(qtbot: QtBot, pump: Pump) -> None:
    turns: list[int] = []
    for _ in range(Pump.BATCH * 5):
        pump.call_soon(lambda: None)
    clock = QtClock(pump)
    clock.after(0, lambda: turns.append(len(pump._waiting)))
    pump.call_soon(lambda: turns.append(-1))
    qtbot.waitUntil(lambda: len(turns) == 2)
    assert turns[0] >= 0  # the timer had its turn before the flood was through


def test_a_timer_runs_once_and_not_after_it_was_cancelled(qtbot: QtBot, pump: Pump) -> None:
    clock, ran = QtClock(pump), list[str]()
    kept, cancelled = (
        clock.after(0.01, lambda: ran.append("kept")),
        clock.after(0.005, lambda: ran.append("cancelled")),
    )
    cancelled.cancel()
    qtbot.waitUntil(lambda: ran == ["kept"])
    kept.cancel()
    cancelled.cancel()
    assert clock.now().tzinfo is not None
    assert clock.monotonic() <= clock.monotonic()


def test_a_timer_whose_handle_nobody_has_kept_is_gone_when_it_has_run(qtbot: QtBot, pump: Pump) -> None:
    clock, ran = QtClock(pump), list[str]()
    before = len(pump.children())
    for _ in range(20):
        clock.after(0.0, lambda: ran.append("ran"))
    qtbot.waitUntil(lambda: len(ran) == 20)
    qtbot.waitUntil(lambda: len(pump.children()) == before)


def test_what_draws_comes_after_all_that_has_arrived_by_then(qtbot: QtBot, pump: Pump) -> None:
    done: list[str] = []

    def arrive() -> None:
        pump.call_at_the_end(lambda: done.append("drawn"))
        pump.call_soon(lambda: done.append("the answer that came meanwhile"))

    pump.call_soon(arrive)
    qtbot.waitUntil(lambda: "drawn" in done)
    assert done == ["the answer that came meanwhile", "drawn"]


def test_a_flood_does_not_keep_anybody_from_drawing(qtbot: QtBot, pump: Pump) -> None:
    seen: list[int] = []
    drawn: list[int] = []
    pump.call_at_the_end(lambda: drawn.append(len(seen)))
    for number in range(5 * Pump.BATCH):
        pump.call_soon(partial(seen.append, number))
    qtbot.waitUntil(lambda: len(seen) == 5 * Pump.BATCH)
    assert drawn == [Pump.BATCH]
