"""The edge's own PUBLISH and MESSAGE, with a server that the test plays."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, cast

from softphone.domain.account import Transport
from softphone.domain.ids import AccountId
from softphone.engine.edge.account import EdgeAccount, Flow
from softphone.engine.edge.digest import ALGORITHMS
from softphone.engine.edge.events.client import ClientTransactions
from softphone.engine.edge.events.help_messages import HEADER, HelpMessages
from softphone.engine.edge.events.own_messages import OwnMessages
from softphone.engine.edge.events.publisher import Publication
from softphone.engine.edge.messages.message import Request, Response
from softphone.engine.edge.types import (
    AccountRoute,
    Counters,
    Credentials,
    EdgeEvent,
    HelpArrived,
    MessageEnded,
)

ME = "sip:7001@pbx.test"


class Server:
    """Answers each request with the next status and headers; asks for a password where told to."""

    def __init__(self, *answers: tuple[int, dict[str, str]]) -> None:
        self.answers = deque(answers)
        self.seen: list[Request] = []

    async def request(
        self, request: Request, account: EdgeAccount, flow: Flow, within_s: float
    ) -> Response | None:
        self.seen.append(request)
        status, headers = self.answers.popleft() if self.answers else (200, {"SIP-ETag": "later"})
        if status == 408:
            return None
        response = request.response(status)
        for name, value in headers.items():
            response.headers.add(name, value)
        return response


class NoFlow:
    """A way to the server that is never used: the server is played."""

    transport = Transport.UDP


def account() -> EdgeAccount:
    route = AccountRoute(
        AccountId("a"),
        "7001",
        "pbx.test",
        "pbx.test",
        None,
        Transport.UDP,
        credentials=Credentials("7001", "x"),
    )
    made = EdgeAccount.open(route, b"k" * 32)
    made.flow = cast(Flow, NoFlow())
    made.realms = {"pbx"}
    return made


def client(server: Server) -> ClientTransactions:
    return cast(ClientTransactions, server)


def play(scene: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(cast(Any, scene()))


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.01)


def test_a_challenged_request_is_sent_again_with_an_answer() -> None:
    challenge = {"WWW-Authenticate": 'Digest realm="pbx", nonce="n", algorithm=SHA-256, qop="auth"'}
    server = Server((401, challenge), (200, {"SIP-ETag": "e1"}))

    async def scene() -> None:
        made = Publication(account(), ME, client(server), ALGORITHMS)
        task = asyncio.ensure_future(made.run())
        made.registered()
        made.publish(b"one")
        await until(lambda: len(server.seen) == 2)
        task.cancel()

    play(scene)
    first, second = server.seen
    assert (first.headers.get("Authorization"), first.body) == (None, b"one")
    assert 'realm="pbx"' in (second.headers.get("Authorization") or "")
    assert second.cseq[0] == first.cseq[0] + 1


def test_a_change_names_the_etag_and_a_forgotten_one_begins_anew() -> None:
    server = Server((200, {"SIP-ETag": "e1"}), (412, {}), (200, {"SIP-ETag": "e2"}))

    async def scene() -> None:
        made = Publication(account(), ME, client(server), ALGORITHMS)
        task = asyncio.ensure_future(made.run())
        made.registered()
        made.publish(b"one")
        await until(lambda: len(server.seen) == 1)
        made.publish(b"two")
        await until(lambda: len(server.seen) == 3)
        await made.withdraw()
        task.cancel()

    play(scene)
    assert [r.headers.get("SIP-If-Match") for r in server.seen] == [None, "e1", None, "e2"]
    assert [(r.body, r.headers.get("Expires")) for r in server.seen[-2:]] == [(b"two", "600"), (b"", "0")]


def test_a_server_that_takes_no_state_is_not_asked_again_until_registered_anew() -> None:
    server = Server((489, {}))

    async def scene() -> None:
        made = Publication(account(), ME, client(server), ALGORITHMS)
        task = asyncio.ensure_future(made.run())
        made.registered()
        made.publish(b"one")
        await until(lambda: len(server.seen) == 1)
        made.publish(b"two")
        await asyncio.sleep(0.4)
        assert len(server.seen) == 1
        made.flow_lost()
        made.registered()
        await until(lambda: len(server.seen) == 2)
        task.cancel()

    play(scene)
    assert server.seen[1].body == b"two"


def helping(server: Server, events: list[EdgeEvent]) -> HelpMessages:
    messages = OwnMessages(client(server), events.append, Counters(), ALGORITHMS)
    return HelpMessages(messages, events.append, lambda: 100.0)


def test_a_call_for_help_is_text_for_any_phone_and_marked_for_ours() -> None:
    server, events = Server((202, {}), (408, {})), list[EdgeEvent]()

    async def scene() -> None:
        made = helping(server, events)
        made.send("m1", account(), "sip:7900@pbx.test", "angry\r\ncustomer", over=False)
        made.send("m2", account(), "sip:7900@pbx.test", "angry", over=True)
        await until(lambda: len(events) == 2)

    play(scene)
    assert events == [MessageEnded("m1", 202), MessageEnded("m2", 408)]
    assert server.seen[0].body == b"Help: angry customer"
    assert [r.headers.get(HEADER) for r in server.seen] == ["ask", "over"]


def message(body: bytes, header: str = "") -> Request:
    request = Request(method="MESSAGE", uri="sip:7900@pbx.test")
    for name, value in (
        ("Via", "SIP/2.0/UDP pbx.test;branch=z9hG4bK1"), ("From", f"<{ME}>;tag=1"), ("To",
        "<sip:7900@pbx.test>"), ("Call-ID", "c"), ("CSeq", "1 MESSAGE"),
    ):  # fmt: skip
        request.headers.add(name, value)
    if header:
        request.headers.add(HEADER, header)
    request.body = body
    return request


def test_marked_messages_and_those_whose_mark_was_lost_are_taken_others_are_not() -> None:
    events: list[EdgeEvent] = []
    made = helping(Server(), events)
    assert made.take(message(b"anything", "ask"), account()) == 200
    assert made.take(message(b"Help: angry"), account()) == 200
    assert made.take(message(b"Help no longer needed: angry"), account()) == 200
    assert made.take(message(b"hello", "shout"), account()) is None
    assert made.take(message(b"Please help: angry"), account()) is None
    arrived = [(e.reason, e.over) for e in events if isinstance(e, HelpArrived)]
    assert arrived == [("anything", False), ("angry", False), ("angry", True)]


def test_a_flood_of_calls_for_help_is_limited() -> None:
    events: list[EdgeEvent] = []
    made = helping(Server(), events)
    statuses = [made.take(message(b"Help: x"), account()) for _ in range(50)]
    assert (statuses.count(200), statuses.count(503)) == (20, 30)
    assert len(events) == 20
