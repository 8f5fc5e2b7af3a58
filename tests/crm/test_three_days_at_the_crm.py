"""Three days away, then ill: the real store and the real adapter, over HTTP, on a clock that runs fast."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from softphone.crm import asking
from softphone.crm.http_crm import HttpCrm
from softphone.demo.crm_faults import Asked, Fault, html_page
from softphone.demo.crm_records import CrmRecords, LoggedCall
from softphone.demo.crm_server import EmbeddedCrm
from softphone.demo.crm_writes import CrmWrites
from softphone.demo.loop_thread import LoopThread
from softphone.domain.delivery import Delivery
from softphone.domain.events import Event
from softphone.domain.ids import DeliveryId
from softphone.domain.keeping_events import DeliveryAttempted
from softphone.domain.settings import CrmConnection
from tests.contracts.crm_world import Inbox
from tests.store.shift import HOUR, Shift

ILL_FOR_A_WHILE = (
    Fault(Asked.ANY, status=500, times=9),
    Fault(Asked.ANY, status=429, times=2),
    Fault(Asked.LOG, reset=True, times=3),
    Fault(Asked.EXISTING, status=500, times=2),
    html_page(502),
    Fault(Asked.EXISTING, reset=True),
    Fault(Asked.ANY, status=503),
    Fault(Asked.LOG, reset=True),
)


class Door:
    """The address of the CRM; nobody listens there while it is shut."""

    def __init__(self, server: EmbeddedCrm) -> None:
        self._inside = urlsplit(server.base_url)
        self._server: asyncio.Server | None = None
        self.port = 0

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._pass_on, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def shut(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inside = await asyncio.open_connection(self._inside.hostname, self._inside.port)
        await asyncio.gather(_pump(reader, inside[1]), _pump(inside[0], writer))


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    writer.close()


class PatientCrm:
    """The adapter, waiting for each attempt to end before time goes on."""

    def __init__(self, http: HttpCrm, inbox: Inbox, post: Callable[[Event], None]) -> None:
        self._http = http
        self._inbox = inbox
        self._post = post
        self.attempts = 0

    def deliver(self, delivery: Delivery) -> None:
        self.attempts += 1
        self._http.deliver(delivery)
        self._post(self._inbox.next(DeliveryAttempted))


class CountingRecords(CrmRecords):
    """`accepted`: every call record that was taken, once more if it was taken again."""

    def __init__(self) -> None:
        super().__init__()
        self.accepted: list[DeliveryId] = []

    def log(self, body: Any, idempotency_key: str) -> tuple[LoggedCall, bool]:
        taken, new = super().log(body, idempotency_key)
        self.accepted.append(DeliveryId(taken.external_id))
        return taken, new


class Company:
    """A CRM behind its door, and the desk that brings it outcomes."""

    def __init__(self, folder: Path) -> None:
        self.thread = LoopThread("demo")
        self.server = EmbeddedCrm()
        self.server.records = records = CountingRecords()
        self.server.writes = CrmWrites(records)
        self.accepted = records.accepted
        self.thread.run(self.server.start())
        self.door = Door(self.server)
        self.thread.run(self.door.open())
        connection = CrmConnection("demo", "embedded", f"http://127.0.0.1:{self.door.port}", timeout_s=5.0)
        inbox = Inbox()
        self.http = HttpCrm([connection], lambda _name: self.server.token, inbox.post)
        self.shift = Shift(folder / "records.db", lambda post: PatientCrm(self.http, inbox, post))

    def fall_ill(self, *faults: Fault) -> None:
        self.thread.call(lambda: self.server.faults.add(*faults))

    def close(self) -> None:
        self.shift.records.close()
        self.http.close()
        self.thread.run(self.door.shut())
        self.thread.run(self.server.stop())
        self.thread.stop()


@pytest.fixture
def company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Company]:
    monkeypatch.setattr(asking, "_AGAIN_AFTER_S", 0.0)  # hundreds of refused connections would wait for it
    made = Company(tmp_path)
    yield made
    made.close()


def test_away_for_three_days_then_ill_the_crm_takes_everything_in_order_and_once(company: Company) -> None:
    shift = company.shift
    company.thread.run(company.door.shut())
    saved = []
    for number in range(24):
        saved.append(shift.save(number, "demo"))
        shift.advance(3 * HOUR, step=60)
        if number % 8 == 7:
            shift.restart()
    assert company.accepted == []
    assert shift.crm.attempts < 600, "a CRM that is away is not to be hammered"
    company.fall_ill(*ILL_FOR_A_WHILE)
    company.thread.run(company.door.open())
    shift.drain(within_s=12 * HOUR)
    assert company.accepted == saved


@pytest.mark.parametrize("jump", [1.0, -1.0])
def test_a_clock_that_jumps_a_day_and_back_while_answers_are_lost_repeats_nothing(
    company: Company, jump: float
) -> None:
    shift = company.shift
    company.fall_ill(Fault(Asked.LOG, reset=True, times=4), Fault(Asked.EXISTING, status=500, times=4))
    saved = [shift.save(number, "demo") for number in range(6)]
    shift.advance(20)
    shift.set_clock(jump)
    shift.advance(60)
    shift.set_clock(-2 * jump)
    shift.drain(within_s=6 * HOUR)
    assert company.accepted == saved
