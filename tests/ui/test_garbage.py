"""Objects of Qt die on the main thread, whoever makes the garbage that sets the collector off."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication

from softphone.ui.garbage import MainThreadCollector, collect_what_is_due


class Forgotten(QObject):
    """Holds itself, so that only the collector can find it; says where it died."""

    def __init__(self, died_on: list[str]) -> None:
        super().__init__()
        self._died_on = died_on
        self._me = self
        self._timer = QTimer(self)

    def __del__(self) -> None:
        self._died_on.append(threading.current_thread().name)


@pytest.fixture
def collector(qapp: QApplication) -> Iterator[MainThreadCollector]:
    made = MainThreadCollector()
    yield made
    made.give_back()


def make_garbage() -> None:
    """Enough containers at once to pass each of the collector's thresholds."""
    kept = [[number] for number in range(200_000)]
    kept.clear()


def test_a_worker_that_makes_garbage_destroys_no_widget(collector: MainThreadCollector) -> None:
    died_on: list[str] = []
    Forgotten(died_on)
    worker = threading.Thread(target=make_garbage, name="worker")
    worker.start()
    worker.join()
    assert died_on == []
    kept = [[number] for number in range(10_000)]
    collect_what_is_due()
    assert died_on == ["MainThread"], len(kept)


def test_python_collects_by_itself_again_afterwards(qapp: QApplication) -> None:
    collector = MainThreadCollector()
    assert not gc.isenabled()
    collector.give_back()
    assert gc.isenabled()


def test_a_full_collection_is_made_when_it_is_due(collector: MainThreadCollector) -> None:
    for generation in (0,) * 12:
        gc.collect(generation)
    assert gc.get_count()[1] > 10
    for _ in range(12):
        gc.collect(1)
    assert gc.get_count()[2] > 10
    collect_what_is_due()
    assert gc.get_count()[2] == 0
