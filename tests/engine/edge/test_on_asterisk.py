"""The edge between PJSIP and Asterisk 22 on every transport: what a phone does in a day, step by step."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from softphone.engine.edge.messages.message import Request, parse
from tests.engine.edge.pjsip_phone import PjsipPhone
from tests.peers.asterisk import Asterisk, CustomerCall
from tests.peers.asterisk_config import ASKS_FOR_MESSAGES
from tests.peers.fixtures import peer_or_skip
from tests.peers.waiting import wait_for

pytestmark = pytest.mark.peer("asterisk")

LEGS = ("udp", "tcp", "tls1.2", "tls1.3", "ws", "wss")
ACTIVE, LOCAL_HOLD = 1, 2


@pytest.fixture(scope="module")
def old_tls(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asterisk]:
    """An Asterisk that speaks TLS 1.2 at most."""
    folder = tmp_path_factory.mktemp("asterisk-tls12")
    server = peer_or_skip(pytestconfig, "asterisk", lambda: Asterisk(folder, tls_method="tlsv1_2"))
    server.start()
    yield server
    server.stop()


def config(asterisk: Asterisk, leg: str, user: str = "7001", **more: Any) -> dict[str, Any]:
    """The child's configuration for an account over a leg."""
    ports = {"udp": asterisk.sip_port, "tcp": asterisk.sip_port, "tls1.2": asterisk.tls_port}
    ports |= {"tls1.3": asterisk.tls_port, "ws": asterisk.http_port, "wss": asterisk.https_port}
    route = {
        "account_id": "desk",
        "user": user,
        "domain": "localhost",
        "server": "127.0.0.1",
        "port": ports[leg],
        "transport": leg[:3],
        "tls": str(asterisk.authority.certificate),
        **more.pop("route", {}),
    }
    return {"password": asterisk.accounts[user].password, "route": route, **more}


@pytest.fixture(params=LEGS)
def leg(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def server(leg: str, request: pytest.FixtureRequest) -> Asterisk:
    found: Asterisk = request.getfixturevalue("old_tls" if leg == "tls1.2" else "asterisk")
    return found


@pytest.fixture
def phone(server: Asterisk, leg: str, tmp_path: Path) -> Iterator[PjsipPhone]:
    made = PjsipPhone(config(server, leg), tmp_path / "phone.log")
    made.wait("registration", code=200, active=True)
    yield made
    made.do("counters")
    assert made.wait("counters")["faults"] == 0
    assert made.quit() == 0


def uri(number: str) -> str:
    return f"sip:{number}@localhost"


def test_the_steps_of_a_working_day(server: Asterisk, phone: PjsipPhone, leg: str) -> None:
    register(server, phone)
    call_hold_and_press_keys(server, phone)
    be_called(server, phone)
    missed_and_refused_calls(server, phone)
    unsuccessful_calls(phone)
    transfers(server, phone)
    messages(phone)
    phone.do("register", on=True)
    phone.wait("registration", code=200)
    phone.do("register", on=False)
    phone.wait("registration", code=200, active=False)
    assert server.contacts("7001") == []
    phone.do("counters")
    counters = phone.wait("counters")
    assert counters["malformed"] == counters["oversized"] == counters["stray"] == 0
    check_trace(phone)


def register(server: Asterisk, phone: PjsipPhone) -> None:
    contacts = server.contacts("7001")
    assert len(contacts) == 1
    assert "x-ek=" in contacts[0]
    opened = next(said for said in phone.said if said["event"] == "edge.FlowOpened")
    expected = {"tls1.2": "TLSv1.2", "tls1.3": "TLSv1.3", "wss": "TLSv1.3"}
    transport = phone.said[0]["transport"] if "transport" in phone.said[0] else opened["transport"]
    if transport in {"tls", "wss"}:
        assert opened["security"]["protocol"] in expected.values()


def call_hold_and_press_keys(server: Asterisk, phone: PjsipPhone) -> None:
    number = phone.call(uri("601"))
    phone.hears(number)
    channel = server.wait_channel("7001")
    phone.do("hold", number=number)
    phone.wait("media", number=number, status=LOCAL_HOLD)
    phone.do("resume", number=number)
    phone.wait("media", number=number, status=ACTIVE)
    phone.hears(number)  # an UPDATE right behind the re-INVITE would be refused by PJSIP itself
    phone.do("update", number=number)
    phone.wait("media", number=number, status=ACTIVE)
    phone.hears(number)
    phone.do("dtmf", number=number, digits="5")
    phone.wait("dtmf", number=number, digit="5")  # the echo of our own key
    server.send_dtmf(channel, "7")
    phone.wait("dtmf", number=number, digit="7")
    phone.do("hangup", number=number)
    phone.wait("call", number=number, state="DISCONNECTED")
    server.wait_no_channels("7001")


def be_called(server: Asterisk, phone: PjsipPhone) -> None:
    customer = server.customer_calls("5000", variables={"__X_CRM_ID": "4711"})
    incoming = phone.wait("incoming")
    message = parse(incoming["message"].encode())
    assert isinstance(message, Request)
    assert message.headers.get("X-CRM-ID") == "4711"
    assert message.headers.get("X-Queue") == "support"
    assert "x-ek" not in message.uri
    phone.do("answer", number=incoming["number"])
    phone.wait("call", number=incoming["number"], state="CONFIRMED")
    phone.hears(incoming["number"])
    customer.hang_up()  # the BYE comes from the server
    phone.wait("call", number=incoming["number"], state="DISCONNECTED")


def missed_and_refused_calls(server: Asterisk, phone: PjsipPhone) -> None:
    customer = server.customer_calls("7001")
    incoming = phone.wait("incoming")
    customer.hang_up()
    phone.wait("call", number=incoming["number"], state="DISCONNECTED", code=487)
    customer = server.customer_calls("7001")
    incoming = phone.wait("incoming")
    phone.do("hangup", number=incoming["number"], code=486)
    phone.wait("call", number=incoming["number"], state="DISCONNECTED", code=486)
    customer.wait_ended()
    customer = server.customer_calls("7001")
    incoming = phone.wait("incoming")
    phone.do("answer", number=incoming["number"])
    phone.wait("call", number=incoming["number"], state="CONFIRMED")
    phone.do("hangup", number=incoming["number"])
    phone.wait("call", number=incoming["number"], state="DISCONNECTED")
    customer.wait_ended()


def unsuccessful_calls(phone: PjsipPhone) -> None:
    for number, code in (("9486", 486), ("9404", 404), ("9488", 488)):
        phone.do("call", uri=uri(number))
        assert phone.wait("call", state="DISCONNECTED")["code"] == code
    for number in ("9180", "9183"):
        call = phone.call(uri(number), "EARLY")
        phone.do("hangup", number=call)
        phone.wait("call", number=call, state="DISCONNECTED", code=487)


def answer_customer(server: Asterisk, phone: PjsipPhone) -> tuple[CustomerCall, int]:
    customer = server.customer_calls("7001")
    number = int(phone.wait("incoming")["number"])
    phone.do("answer", number=number)
    phone.wait("call", number=number, state="CONFIRMED")
    phone.hears(number)  # before that the server has not joined both sides and refuses to transfer
    return customer, number


def transfers(server: Asterisk, phone: PjsipPhone) -> None:
    customer, blind = answer_customer(server, phone)
    phone.do("transfer", number=blind, uri=uri("602"))
    phone.wait("transfer", number=blind, final=True, code=200)
    phone.do("hangup", number=blind)
    phone.wait("call", number=blind, state="DISCONNECTED")
    assert customer.alive
    customer.hang_up()
    customer.wait_ended()
    customer, first = answer_customer(server, phone)
    phone.do("hold", number=first)
    phone.wait("media", number=first, status=LOCAL_HOLD)
    second = phone.call(uri("600"))
    phone.hears(second)  # only then is the call far enough at the server to be transferred
    phone.do("transfer_to", number=first, other=second)
    phone.wait("transfer", number=first, final=True, code=200)
    for number in (first, second):
        phone.do("hangup", number=number)
    server.wait_no_channels("7001")
    assert customer.alive
    customer.hang_up()


def messages(phone: PjsipPhone) -> None:
    phone.do("message", uri=uri("7001"), body="grüße\nan mich")
    assert phone.wait("message")["body"] == "grüße\nan mich"


def check_trace(phone: PjsipPhone) -> None:
    phone.do("trace")
    entries = phone.wait("trace")["entries"]
    text = "\n".join(data for _, data in entries)
    assert "REGISTER sip:" in text
    assert "Digest ..." in text
    assert "response=" not in text
    assert "nonce=" not in text


def test_the_phone_is_back_after_the_server_was_restarted(
    server: Asterisk, phone: PjsipPhone, leg: str
) -> None:
    server.wait_written("7001")  # or a phone of the test before might be rung instead
    server.stop()
    phone.wait("edge.FlowLost", within_s=10)
    server.start()
    phone.wait("edge.FlowOpened", within_s=20)
    phone.wait("registration", within_s=20, code=200)
    server.customer_calls("7001")
    phone.do("hangup", number=phone.wait("incoming")["number"], code=486)


@pytest.mark.parametrize("leg", ["udp", "tcp"])
def test_a_frozen_server_is_noticed_within_ten_seconds(server: Asterisk, phone: PjsipPhone) -> None:
    server.freeze()
    try:
        assert phone.wait("edge.FlowLost", within_s=10)["trouble"] == "no_answer"
    finally:
        server.thaw()
    phone.wait("registration", within_s=25, code=200)


@pytest.mark.parametrize("leg", ["tcp", "tls1.3", "wss"])
def test_a_call_survives_the_loss_of_its_flow(server: Asterisk, phone: PjsipPhone) -> None:
    number = phone.call(uri("601"))
    phone.hears(number)
    phone.do("drop_flow")
    phone.wait("edge.FlowOpened", again=True)
    wait_for(lambda: len(server.contacts("7001")) >= 1, "registered again")
    phone.wait("media", number=number, status=ACTIVE)
    before = phone.hears(number)
    wait_for(lambda: phone.hears(number) > before, "sound goes on")
    server.hang_up(server.wait_channel("7001"))  # the server's BYE finds the new flow
    phone.wait("call", number=number, state="DISCONNECTED")


def test_a_wrong_password_is_refused_once_and_told(asterisk: Asterisk, tmp_path: Path) -> None:
    wrong = {**config(asterisk, "udp"), "password": "wrong"}
    phone = PjsipPhone(wrong, tmp_path / "phone.log")
    assert phone.wait("registration")["code"] == 401
    assert phone.quit() == 0


@pytest.mark.parametrize("leg", ["udp", "wss"])
def test_lights_follow_the_server(server: Asterisk, phone: PjsipPhone) -> None:
    phone.do("subscribe", package="dialog", target=uri("7001"))
    assert phone.wait("edge.DialogsChanged")["dialogs"] == []
    phone.do("call", uri=uri("602"))
    number = phone.wait("call", state="CALLING")["number"]
    assert phone.wait("edge.DialogsChanged")["dialogs"][0]["state"] == "confirmed"
    phone.do("hangup", number=number)
    assert phone.wait("edge.DialogsChanged")["dialogs"] == []


def test_waiting_messages_are_told_on_subscription(asterisk: Asterisk, tmp_path: Path) -> None:
    """7006 is the one account that is not told without asking, and may therefore ask."""
    phone = PjsipPhone(config(asterisk, "tcp", ASKS_FOR_MESSAGES), tmp_path / "phone.log")
    phone.wait("registration", code=200)
    phone.do("subscribe", package="message-summary", target=uri(ASKS_FOR_MESSAGES))
    assert phone.wait("edge.MessagesWaiting")["summary"]["waiting"] is False
    asterisk.set_waiting_messages(ASKS_FOR_MESSAGES, 2, 1)
    assert phone.wait("edge.MessagesWaiting")["summary"] == {"waiting": True, "new": 2, "old": 1}
    assert phone.quit() == 0
