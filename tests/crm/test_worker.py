"""The thread of the CRM ends in order: nothing that it began is left half-closed."""

from __future__ import annotations

import asyncio
import threading

from softphone.crm.worker import Worker
from tests.peers.waiting import wait_for


class Job:
    """Works until it is cancelled (or `release` is set), then needs a moment to close what it has open."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.closed = False
        self.finished = False
        self.release = False

    async def run(self) -> None:
        self.begun.set()
        try:
            while not self.release:
                await asyncio.sleep(0.01)
            self.finished = True
        finally:
            await asyncio.sleep(0.1)
            self.closed = True


async def nothing() -> None:
    return


def test_a_cancelled_question_closes_what_it_has_open_before_the_thread_ends() -> None:
    worker, job = Worker(lambda: None), Job()
    worker.call(lambda: worker.ask("q", job.run()))
    assert job.begun.wait(5.0)
    worker.call(lambda: worker.cancel("q"))
    worker.close(nothing)
    assert job.closed
    assert not job.finished


def test_a_question_of_the_same_name_takes_the_place_of_the_first() -> None:
    worker, first, second = Worker(lambda: None), Job(), Job()
    worker.call(lambda: worker.ask("q", first.run()))
    assert first.begun.wait(5.0)
    worker.call(lambda: worker.ask("q", second.run()))
    wait_for(lambda: first.closed, "the first giving way")
    second.release = True
    wait_for(lambda: second.finished, "the second")
    worker.close(nothing)
    assert not first.finished


def test_what_writes_is_finished_before_the_thread_ends() -> None:
    worker, job = Worker(lambda: None), Job()
    worker.call(lambda: worker.write(job.run()))
    assert job.begun.wait(5.0)
    job.release = True
    worker.close(nothing)
    assert job.finished


def test_what_is_replaced_is_closed_when_its_questions_have_ended() -> None:
    worker, job, order = Worker(lambda: None), Job(), list[str]()

    async def close() -> None:
        order.append(f"closed after the question: {job.closed}")

    worker.call(lambda: worker.ask("q", job.run()))
    worker.call(lambda: worker.when_idle(close))
    assert job.begun.wait(5.0)
    assert order == []
    job.release = True
    wait_for(lambda: bool(order), "the closing")
    worker.close(nothing)
    assert order == ["closed after the question: True"]


def test_what_is_replaced_is_closed_after_what_nobody_waits_for_but_not_after_what_has_no_end() -> None:
    worker, job, watch, order = Worker(lambda: None), Job(), Job(), list[str]()

    async def close() -> None:
        order.append(f"closed after the warming up: {job.closed}")

    worker.call(lambda: worker.watch(watch.run()))
    worker.call(lambda: worker.aside(job.run()))
    worker.call(lambda: worker.when_idle(close))
    assert job.begun.wait(5.0)
    job.release = True
    wait_for(lambda: bool(order), "the closing")
    worker.close(nothing)
    assert order == ["closed after the warming up: True"]
    assert watch.closed
