"""What stands around a question: retries, limits, pages, kinds of records, cancelling."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from softphone.crm.answers import ANSWER_LIMIT
from softphone.crm.exchange import Exchange, Outgoing
from softphone.crm.fault import CrmFault
from softphone.crm.limiter import Limiter
from softphone.domain.customer import CrmTrouble, LookupState
from softphone.domain.customer_events import CustomerLookedUp
from softphone.domain.ids import QueryId
from softphone.domain.keeping_events import DeliveryAttempted
from softphone.domain.settings import CrmAuth, CrmConnection
from tests.contracts.crm_world import delivery, question
from tests.crm.connected import PACK, connected
from tests.crm.scripted_server import Asked, Reply, ScriptedServer, scripted_server

ANN = [{"id": "1", "name": "Ann"}]


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with scripted_server() as made:
        made.on("GET /contacts", Reply(body=ANN))
        yield made


# --- once more, or not ------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_question_is_put_once_more_when_a_gateway_stumbled(
    tmp_path: Path, server: ScriptedServer, status: int
) -> None:
    server.on("GET /contacts", Reply(status), Reply(body=ANN))
    with connected(tmp_path, server) as desk:
        assert desk.look_up().state is LookupState.ONE


def test_a_write_is_never_sent_twice_by_itself(tmp_path: Path, server: ScriptedServer) -> None:
    server.on("POST /calls", Reply(503), Reply(201, {"id": 1}))
    with connected(tmp_path, server) as desk:
        desk.crm.deliver(delivery("d1"))
        assert desk.inbox.next(DeliveryAttempted).result.trouble is CrmTrouble.SERVER_ERROR
    assert len(server.requests("POST /calls")) == 1


def test_a_question_waits_for_a_short_retry_after(tmp_path: Path, server: ScriptedServer) -> None:
    server.on("GET /contacts", Reply(429, headers=(("Retry-After", "1"),)), Reply(body=ANN))
    with connected(tmp_path, server) as desk:
        lookup = desk.look_up()
        assert lookup.state is LookupState.ONE
        assert lookup.took_ms > 900


def test_a_long_retry_after_is_told_and_spares_the_crm(tmp_path: Path, server: ScriptedServer) -> None:
    server.on("GET /contacts", Reply(429, headers=(("Retry-After", "60"),)))
    with connected(tmp_path, server) as desk:
        assert desk.look_up().trouble is CrmTrouble.BUSY
        began = time.monotonic()
        assert desk.look_up().trouble is CrmTrouble.BUSY
        assert time.monotonic() - began < 1.0
    assert len(server.requests("GET /contacts")) == 1, "it was asked although it had said when to come back"


def test_no_more_questions_go_out_than_the_pack_allows(tmp_path: Path, server: ScriptedServer) -> None:
    with connected(tmp_path, server, more="\n[limits]\nper_second = 5.0\nburst = 2\n") as desk:
        began = time.monotonic()
        for number in range(5):
            desk.crm.find(question("+442079460018", name=f"q{number}"))
        for _ in range(5):
            assert desk.inbox.next(CustomerLookedUp).lookup.state is LookupState.ONE
        assert time.monotonic() - began > 0.5  # two at once, then one every 0.2 s


class Watch:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_the_limit_fills_up_again_with_time() -> None:
    watch = Watch()
    limiter = Limiter(10.0, 2, watch)

    async def turns() -> int:
        """Turns until there are no more."""
        taken = 0
        with suppress(CrmFault):
            while True:
                await limiter.turn(0.0)
                taken += 1
        return taken

    assert asyncio.run(turns()) == 2
    watch.now += 0.15
    assert asyncio.run(turns()) == 1
    watch.now += 60.0
    assert asyncio.run(turns()) == 2


# --- pages, kinds, several requests -------------------------------------------------------------------------


def paged(text: str) -> str:
    return PACK.replace('query = { phone = "{number}" }', text)


def contacts(*numbers: int) -> list[dict[str, str]]:
    return [{"id": str(number), "name": f"N{number}"} for number in numbers]


def test_pages_are_followed_by_a_cursor(tmp_path: Path, server: ScriptedServer) -> None:
    pack = paged(
        'query = { after = "{cursor}" }\nomit_empty = true\nmatches = "items"\n'
        '[find.requests.paging]\nnext = "next"'
    )
    server.on(
        "GET /contacts",
        Reply(body={"items": contacts(1), "next": "p 2"}),
        Reply(body={"items": contacts(2)}),
    )
    with connected(tmp_path, server, pack=pack) as desk:
        assert [c.id for c in desk.look_up().matches] == ["1", "2"]
    assert [asked.target for asked in server.requests("GET /contacts")] == [
        "/contacts",
        "/contacts?after=p%202",
    ]


@pytest.mark.parametrize("style", ["/contacts?page=2", "{base}/contacts?page=2"])
def test_pages_are_followed_by_an_address_on_the_same_host(
    tmp_path: Path, server: ScriptedServer, style: str
) -> None:
    pack = paged('matches = "items"\n[find.requests.paging]\nnext = "next"')

    def answer(asked: Asked) -> Reply:
        if asked.query.get("page") == "2":
            return Reply(body={"items": contacts(2)})
        return Reply(body={"items": contacts(1), "next": style.format(base=server.base_url)})

    server.on("GET /contacts", answer)
    with connected(tmp_path, server, pack=pack) as desk:
        assert [c.id for c in desk.look_up().matches] == ["1", "2"]


def test_a_next_page_on_another_host_is_not_asked(tmp_path: Path, server: ScriptedServer) -> None:
    pack = paged('matches = "items"\n[find.requests.paging]\nnext = "next"')
    with scripted_server() as other:
        server.on("GET /contacts", Reply(body={"items": contacts(1), "next": f"{other.base_url}/steal"}))
        with connected(tmp_path, server, pack=pack) as desk:
            assert desk.look_up().trouble is CrmTrouble.INSECURE
        assert other.asked == []


def test_pages_are_counted_and_end(tmp_path: Path, server: ScriptedServer) -> None:
    pack = paged(
        'query = { page = "{page}", offset = "{offset}" }\nmatches = "items"\n'
        '[find.requests.paging]\nnext = "`true`"\npages = 3'
    )

    def answer(asked: Asked) -> Reply:
        return Reply(body={"items": contacts(int(asked.query["page"]))})

    server.on("GET /contacts", answer)
    with connected(tmp_path, server, pack=pack) as desk:
        assert [c.id for c in desk.look_up().matches] == ["1", "2", "3"]
    assert [asked.query["offset"] for asked in server.requests("GET /contacts")] == ["0", "1", "2"]


KINDS = """
[[find.requests]]
path = "/leads"
kind = "Lead"

[record]
path = "/{kind}/{id}"

[open]
url = "{base_url}/#{kind}/view/{id}"
"""


def kinds_pack() -> str:
    pack = PACK.replace('path = "/contacts"\n', 'path = "/contacts"\nkind = "Contact"\n')
    pack = pack.replace(
        'json = { external_id = "{external_id}" }',
        'json = { type = "{customer_kind}", id = "{customer_id}", lead = "{customer_id|kind:Lead}" }',
    )
    return pack.replace("[customer]\n", KINDS + '\n[customer]\ndefault_kind = "Contact"\n')


def test_records_of_several_kinds_are_told_apart(tmp_path: Path, server: ScriptedServer) -> None:
    server.on("GET /leads", Reply(body=[{"id": "1", "name": "Lea"}]))
    server.on("POST /calls", Reply(201, {"id": 9}))
    with connected(tmp_path, server, pack=kinds_pack()) as desk:
        found = desk.look_up().matches
        assert [(c.id, c.kind, c.name) for c in found] == [
            ("Contact:1", "Contact", "Ann"),
            ("Lead:1", "Lead", "Lea"),
        ]
        assert found[1].url == f"{server.base_url}/#Lead/view/1"
        desk.crm.deliver(delivery("d1", customer_id="Lead:1"))
        assert desk.inbox.next(DeliveryAttempted).result.delivered
    assert server.requests("POST /calls")[0].json == {"type": "Lead", "id": "1", "lead": "1"}


@pytest.mark.parametrize(
    ("hint", "path"), [("Lead:7", "/Lead/7"), ("7", "/Contact/7"), ("a:b:c", "/a/b%3Ac")]
)
def test_the_telephone_system_may_name_the_kind_or_not(
    tmp_path: Path, server: ScriptedServer, hint: str, path: str
) -> None:
    server.on(f"GET {path}", Reply(body={"id": "7", "name": "Hinted"}))
    server.on("GET /leads", Reply(body=[]))
    with connected(tmp_path, server, pack=kinds_pack()) as desk:
        desk.crm.find(question("+442079460018", hint=hint))
        assert [c.name for c in desk.inbox.next(CustomerLookedUp).lookup.matches] == ["Hinted"]


# --- given up, slow, huge -----------------------------------------------------------------------------------


def test_a_caller_who_gives_up_ends_the_request_on_the_wire(tmp_path: Path, server: ScriptedServer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server.base_url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        with connected(tmp_path, server) as desk:
            desk.crm.find(question("+442079460018"))
            connections = []
            while True:  # the warm-up asks too
                connection, _ = listening.accept()
                connection.settimeout(5.0)
                if b"/contacts" in connection.recv(65_536):
                    break
                connections.append(connection)
                connection.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
            desk.crm.cancel(QueryId("q1"))
            assert connection.recv(1) == b"", "the connection stays open although nobody waits"
            assert desk.inbox.empty
            connection.close()
            for each in connections:
                each.close()


def test_ten_slow_questions_do_not_delay_the_eleventh(tmp_path: Path, server: ScriptedServer) -> None:
    slow = socket.create_server(("127.0.0.1", 0))
    with slow, connected(tmp_path, server) as desk:
        assert desk.look_up().state is LookupState.ONE
        pack = tmp_path / "own.toml"
        silent = f"http://127.0.0.1:{slow.getsockname()[1]}"
        desk.crm.configure(
            [
                CrmConnection("demo", str(pack), server.base_url, CrmAuth.NONE),
                CrmConnection("silent", str(pack), silent, CrmAuth.NONE),
            ]
        )
        for number in range(10):
            asked = question("+442079460018", name=f"slow{number}")
            desk.crm.find(replace(asked, crm="silent"))
        began = time.monotonic()
        assert desk.look_up(name="quick").state is LookupState.ONE
        assert time.monotonic() - began < 1.0
        for number in range(10):
            desk.crm.cancel(QueryId(f"slow{number}"))


def test_a_hundred_megabytes_are_never_in_memory() -> None:
    """An answer without a length that never stops: what is read is bounded, and so is memory."""
    sent = 0

    def serve(listening: socket.socket) -> None:
        nonlocal sent
        connection, _ = listening.accept()
        with connection:
            connection.recv(65_536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n[")
            block = b'"' + b"x" * 65_000 + b'",'
            try:
                while sent < 100_000_000:
                    sent += connection.send(block)
            except OSError:
                return

    async def ask(base_url: str) -> CrmTrouble:
        exchange = Exchange(base_url)
        try:
            await exchange.send(Outgoing("GET", "/"))
        except CrmFault as fault:
            return fault.trouble
        finally:
            await exchange.close()
        return CrmTrouble.NONE

    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = threading.Thread(target=serve, args=(listening,))
        server.start()
        tracemalloc.start()
        try:
            trouble = asyncio.run(ask(f"http://127.0.0.1:{listening.getsockname()[1]}"))
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        server.join(10.0)
    assert trouble is CrmTrouble.TOO_LARGE
    assert sent < 20_000_000
    assert peak < 4 * ANSWER_LIMIT
