"""A CRM under test with its port: the embedded one over real HTTP, or the fake."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Protocol, TypeVar

from softphone.crm.http_crm import HttpCrm
from softphone.demo.crm_faults import Asked, Fault
from softphone.demo.crm_server import EmbeddedCrm
from softphone.demo.crm_writes import BARRED
from softphone.demo.customers import CUSTOMERS
from softphone.demo.loop_thread import LoopThread
from softphone.domain.address import PhoneNumber
from softphone.domain.campaign import CodeAction, Disposition
from softphone.domain.crm_events import CrmDescribed, CrmSignInChanged, CrmSignInNeeded
from softphone.domain.crm_work import CustomerChange, FollowUp, FollowUpKind, NewCustomer
from softphone.domain.customer import CrmTrouble, Customer, CustomerQuery
from softphone.domain.delivery import CallLog, Delivery, DeliveryKind
from softphone.domain.events import Event
from softphone.domain.ids import CallId, CustomerId, DeliveryId, QueryId
from softphone.domain.settings import CrmConnection
from softphone.usecases.ports import Crm
from tests.fakes.crm import FakeCrm

E = TypeVar("E", bound=Event)
STARTED = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


_NEWS = (CrmDescribed, CrmSignInNeeded, CrmSignInChanged)


class Inbox:
    """Events as they are posted, from any thread. What answers no question is in `news`, in its order."""

    def __init__(self, before_waiting: Callable[[], None] = lambda: None) -> None:
        self._events: queue.Queue[Event] = queue.Queue()
        self.news: list[Event] = []
        self._before_waiting = before_waiting

    def post(self, event: Event) -> None:
        if isinstance(event, _NEWS):
            self.news.append(event)
        else:
            self._events.put(event)

    def told(self, kind: type[E]) -> list[E]:
        """The news of one kind so far."""
        return [event for event in self.news if isinstance(event, kind)]

    def next(self, kind: type[E], timeout_s: float = 10.0) -> E:
        self._before_waiting()
        event = self._events.get(timeout=timeout_s)
        assert isinstance(event, kind), f"expected {kind.__name__}, got {event}"
        return event

    @property
    def empty(self) -> bool:
        return self._events.empty()


class CrmWorld(Protocol):
    crm: Crm
    inbox: Inbox

    def lose_the_next_answer(self) -> None:
        """The next call log is written, its answer lost."""

    def refuse_the_next_log(self) -> None:
        """The next call log is refused as unfit (422)."""

    def write_and_refuse_the_next_log(self) -> None:
        """The next call log is written, what completes it refused."""

    def lose_the_next_creation(self) -> None:
        """The next customer is created, the answer lost."""

    def lose_the_next_task(self) -> None:
        """The next task is written, the answer lost."""

    def recorded(self) -> list[str]:
        """External ids of the calls that the CRM holds, in order."""

    def notes(self) -> list[str]:
        """Of the calls that the CRM holds, in order."""

    def tasks(self) -> list[str]:
        """External ids of the tasks that the CRM holds, in order."""


CODES = (
    Disposition("resolved", "Resolved"),
    Disposition("callback", "Call back", needs_callback=True, actions=(CodeAction.CALLBACK,)),
    Disposition(
        "",
        "Not reached",
        children=(
            Disposition("no_answer", "No answer"),
            Disposition("wrong_number", "Wrong number", needs_note=True),
        ),
    ),
)
"""The demo's, as the adapter understands them."""


class FakeWorld:
    def __init__(self) -> None:
        self.inbox = Inbox(self._answer)
        self._fake = FakeCrm(self.inbox.post)
        self._fake.codes = CODES
        self._fake.barred.update(BARRED)
        self._fake.know(*(Customer(CustomerId(c.id), c.name, numbers=c.phones) for c in CUSTOMERS))
        self.crm: Crm = self._fake

    def _answer(self) -> None:
        self._fake.answer_all()

    def lose_the_next_answer(self) -> None:
        self._fake.fail_deliveries(CrmTrouble.UNREACHABLE, written=True)

    def refuse_the_next_log(self) -> None:
        self._fake.fail_deliveries(CrmTrouble.REFUSED)

    def write_and_refuse_the_next_log(self) -> None:
        self._fake.fail_deliveries(CrmTrouble.REFUSED, written=True)

    def lose_the_next_creation(self) -> None:
        self._fake.fail_work(CrmTrouble.UNREACHABLE, written=True)

    def lose_the_next_task(self) -> None:
        self._fake.fail_deliveries(CrmTrouble.UNREACHABLE, written=True)

    def recorded(self) -> list[str]:
        return [str(key) for key in self._fake.records]

    def notes(self) -> list[str]:
        return [log.notes for log in self._fake.records.values()]

    def tasks(self) -> list[str]:
        return [k for k, sent in self._fake.written.items() if sent.kind is DeliveryKind.SCHEDULE]


class HttpWorld:
    """The adapter against the embedded CRM; `server` is for scripting what goes wrong."""

    def __init__(self, thread: LoopThread, server: EmbeddedCrm, *, timeout_s: float = 10.0) -> None:
        self.thread = thread
        self.server = server
        self.secret: str | None = server.token
        self.secret_reads: list[str] = []
        self.inbox = Inbox()
        self.connection = CrmConnection("demo", "embedded", server.base_url, timeout_s=timeout_s)
        self.http = HttpCrm([self.connection], self._read, self.inbox.post)
        self.crm: Crm = self.http

    def _read(self, name: str) -> str | None:
        assert threading.current_thread() is not threading.main_thread()
        self.secret_reads.append(name)
        return self.secret

    def script(self, *faults: Fault) -> None:
        self.thread.call(lambda: self.server.faults.add(*faults))

    def lose_the_next_answer(self) -> None:
        self.script(Fault(Asked.LOG, reset=True))

    def refuse_the_next_log(self) -> None:
        self.script(Fault(Asked.LOG, status=422))

    def write_and_refuse_the_next_log(self) -> None:
        self.script(Fault(Asked.LOG, status=422, written=True))

    def lose_the_next_creation(self) -> None:
        self.script(Fault(Asked.CREATE, reset=True))

    def lose_the_next_task(self) -> None:
        self.script(Fault(Asked.TASK, reset=True))

    def tasks(self) -> list[str]:
        return self.thread.call(lambda: list(self.server.writes.tasks))

    def recorded(self) -> list[str]:
        return self.thread.call(lambda: [call.external_id for call in self.server.records.calls])

    def notes(self) -> list[str]:
        return self.thread.call(lambda: [call.as_json()["notes"] for call in self.server.records.calls])


@contextmanager
def http_world(*, timeout_s: float = 10.0) -> Iterator[HttpWorld]:
    thread = LoopThread("demo")
    server = EmbeddedCrm()
    thread.run(server.start())
    world = HttpWorld(thread, server, timeout_s=timeout_s)
    try:
        yield world
    finally:
        world.http.close()
        thread.run(server.stop())
        thread.stop()


def question(e164: str, *, name: str = "q1", national: str = "", hint: str = "") -> CustomerQuery:
    number = PhoneNumber(raw=e164, e164=e164 if e164.startswith("+") else "", national=national)
    return CustomerQuery(QueryId(name), CallId("c1"), None, "demo", number, hint)


def delivery(name: str, *, attempts: int = 0, customer_id: str = "C001", notes: str = "") -> Delivery:
    log = CallLog(
        call_id=CallId("c1"),
        direction="inbound",
        number="+442079460018",
        started_at=STARTED,
        talk_s=73,
        campaign="meridian",
        queue="meridian-claims",
        disposition="claim_opened",
        disposition_label="Claim opened",
        notes=notes,
        customer_id=customer_id,
        callback_at=None,
        callback_number="",
        answers=(("damage", "water"),),
    )
    return Delivery(DeliveryId(name), DeliveryKind.LOG_CALL, "demo", log, STARTED, attempts=attempts)


def other_delivery(name: str, kind: DeliveryKind, *, attempts: int = 0, remote_id: str = "") -> Delivery:
    """A delivery of another kind than a call's outcome, with what it carries."""
    due_at = STARTED + timedelta(days=1)
    return replace(
        delivery(name, attempts=attempts),
        kind=kind,
        remote_id=remote_id,
        change=CustomerChange("C001", (("email", "new@example.com"),)),
        follow_up=FollowUp(FollowUpKind.CALLBACK, "Call back", due_at),
    )


def new_customer(name: str, *, attempts: int = 0) -> NewCustomer:
    number = PhoneNumber("+442079460333", "+442079460333", "020 7946 0333", "+44 20 7946 0333", "GB")
    return NewCustomer(
        DeliveryId(name), None, "demo", number, name="Nora New", call_id=CallId("c1"), attempts=attempts
    )
