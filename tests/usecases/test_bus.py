"""The bus."""

from __future__ import annotations

import threading

import pytest

from softphone.domain.errors import WrongState
from softphone.domain.events import Event
from softphone.domain.ids import CallId
from softphone.domain.keeping_events import DraftSaved, WrapUpSaved
from softphone.usecases.bus import Bus


def test_a_broken_handler_is_reported_and_the_others_still_hear() -> None:
    faults: list[Exception] = []
    heard: list[Event] = []
    bus = Bus(lambda _event, exc: faults.append(exc))

    def broken(_event: DraftSaved) -> None:
        raise ZeroDivisionError

    bus.subscribe(DraftSaved, broken)
    bus.subscribe(DraftSaved, heard.append)
    bus.publish(DraftSaved(CallId("c")))
    assert [type(f) for f in faults] == [ZeroDivisionError]
    assert heard == [DraftSaved(CallId("c"))]


def test_events_published_by_handlers_come_after_the_present_one() -> None:
    bus = Bus(lambda _event, _exc: None)
    order: list[str] = []
    bus.subscribe(DraftSaved, lambda _e: bus.publish(WrapUpSaved(CallId("c"), None)))
    bus.subscribe(WrapUpSaved, lambda _e: order.append("second"))
    bus.subscribe(DraftSaved, lambda _e: order.append("first"))
    bus.publish(DraftSaved(CallId("c")))
    assert order == ["first", "second"]


def test_another_thread_is_turned_away_at_the_door() -> None:
    bus = Bus(lambda _event, _exc: None)
    raised: list[Exception] = []

    def elsewhere() -> None:
        with pytest.raises(WrongState) as caught:
            bus.publish(DraftSaved(CallId("c")))
        raised.append(caught.value)

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert len(raised) == 1
