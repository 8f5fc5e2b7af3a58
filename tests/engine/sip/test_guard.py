"""Callbacks and the loop survive our own bugs, and tell of them."""

from __future__ import annotations

import threading

import pytest

from softphone.domain.errors import WrongState
from softphone.engine.sip.guard import Faults, OneThread, guarded


class Object:
    """Something that PJSIP calls back."""

    def __init__(self, faults: Faults) -> None:
        self.faults = faults
        self.called = 0

    @guarded
    def onSomething(self, number: int) -> None:  # noqa: N802 - like PJSIP's names
        self.called += 1
        print(1 / number)


def test_a_failing_callback_is_reported_and_nothing_is_raised() -> None:
    told: list[tuple[str, str]] = []
    thing = Object(Faults(lambda where, detail: told.append((where, detail))))
    thing.onSomething(0)
    thing.onSomething(1)
    assert thing.called == 2
    assert told == [("Object.onSomething", "ZeroDivisionError: division by zero")]


def test_the_loop_goes_on_after_a_bug() -> None:
    told: list[str] = []
    faults = Faults(lambda where, _: told.append(where))
    faults.survive("first", lambda: print(1 / 0))
    faults.survive("second", lambda: told.append("done"))
    assert told == ["first", "done"]


def test_what_belongs_to_one_thread_is_refused_to_another() -> None:
    door = OneThread("sip")
    door.check()
    caught: list[Exception] = []

    def knock() -> None:
        with pytest.raises(WrongState) as refused:
            door.check()
        caught.append(refused.value)

    stranger = threading.Thread(target=knock)
    stranger.start()
    stranger.join()
    assert len(caught) == 1
