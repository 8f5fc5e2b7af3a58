"""The edge between PJSIP and Kamailio: a strict registrar and proxy with outbound, phones talk to phones."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from softphone.engine.edge.messages.message import Request, parse
from tests.engine.edge.pjsip_phone import PjsipPhone
from tests.peers.kamailio import DOMAIN, Kamailio

pytestmark = pytest.mark.peer("kamailio")

ACTIVE, LOCAL_HOLD = 1, 2
Make = Callable[[str, str], PjsipPhone]


INSTANCE = "urn:uuid:00000000-0000-4000-8000-00000000beef"


def config(kamailio: Kamailio, user: str, transport: str, instance: str = "") -> dict[str, Any]:
    port = kamailio.tls_port if transport == "tls" else kamailio.sip_port
    route = {
        "account_id": "desk",
        "user": user,
        "domain": DOMAIN,
        "server": "127.0.0.1",
        "port": port,
        "transport": transport,
        "tls": str(kamailio.authority.certificate),
        "instance": instance,
    }
    return {"password": kamailio.passwords[user], "route": route}


@pytest.fixture
def make(kamailio: Kamailio, tmp_path: Path) -> Iterator[Make]:
    """Makes registered phones."""
    phones: list[PjsipPhone] = []

    def one(user: str, transport: str = "udp") -> PjsipPhone:
        phone = PjsipPhone(config(kamailio, user, transport), tmp_path / f"{user}.log")
        phones.append(phone)
        phone.wait("registration", code=200, active=True)
        return phone

    yield one
    for phone in phones:
        phone.do("register", on=False)
        phone.wait("registration", active=False)
        phone.do("counters")
        assert phone.wait("counters")["faults"] == 0
        assert phone.quit() == 0


def uri(user: str) -> str:
    return f"sip:{user}@{DOMAIN}"


def talk(caller: PjsipPhone, called: PjsipPhone, user: str) -> tuple[int, int]:
    """A call from one to the other, with sound both ways; returns both numbers."""
    caller.do("call", uri=uri(user))
    ours = int(caller.wait("call", state="CALLING")["number"])
    theirs = int(called.wait("incoming")["number"])
    caller.wait("call", number=ours, state="EARLY")
    called.do("answer", number=theirs)
    caller.wait("call", number=ours, state="CONFIRMED")
    called.wait("call", number=theirs, state="CONFIRMED")
    caller.hears(ours)
    called.hears(theirs)
    return ours, theirs


@pytest.mark.parametrize("transport", ["udp", "tcp", "tls"])
def test_the_steps_of_a_working_day_through_a_proxy(make: Make, transport: str) -> None:
    desk, other, third = make("8001", transport), make("8002", "udp"), make("8003", "tcp")
    ours, theirs = talk(desk, other, "8002")
    desk.do("hold", number=ours)
    desk.wait("media", number=ours, status=LOCAL_HOLD)
    desk.do("resume", number=ours)
    desk.wait("media", number=ours, status=ACTIVE)
    desk.hears(ours)
    desk.do("dtmf", number=ours, digits="4")
    other.wait("dtmf", number=theirs, digit="4")
    other.do("hangup", number=theirs)
    desk.wait("call", number=ours, state="DISCONNECTED")

    theirs, ours = talk(other, desk, "8001")  # called, and hanging up ourselves
    desk.do("update", number=ours)
    desk.wait("media", number=ours, status=ACTIVE)
    desk.do("hangup", number=ours)
    other.wait("call", number=theirs, state="DISCONNECTED")

    transfer_blind(desk, other, third)
    transfer_attended(desk, other, third)
    unanswered(desk, other)
    desk.do("register", on=True)
    desk.wait("registration", code=200)


def transfer_blind(desk: PjsipPhone, other: PjsipPhone, third: PjsipPhone) -> None:
    ours, theirs = talk(desk, other, "8002")
    desk.do("transfer", number=ours, uri=uri("8003"))
    other.wait("refer", number=theirs)
    new = int(third.wait("incoming")["number"])
    third.do("answer", number=new)
    desk.wait("transfer", number=ours, final=True, code=200)
    desk.do("hangup", number=ours)
    desk.wait("call", number=ours, state="DISCONNECTED")
    third.hears(new)
    third.do("hangup", number=new)
    other.wait("call", state="DISCONNECTED")


def transfer_attended(desk: PjsipPhone, other: PjsipPhone, third: PjsipPhone) -> None:
    first, _ = talk(desk, other, "8002")
    desk.do("hold", number=first)
    desk.wait("media", number=first, status=LOCAL_HOLD)
    second, _ = talk(desk, third, "8003")
    desk.do("transfer_to", number=first, other=second)
    new = int(third.wait("replaced")["by"])
    desk.wait("transfer", number=first, final=True, code=200)
    desk.do("hangup", number=first)
    desk.wait("call", number=first, state="DISCONNECTED")
    third.hears(new)
    third.do("hangup", number=new)
    third.wait("call", number=new, state="DISCONNECTED")


def unanswered(desk: PjsipPhone, other: PjsipPhone) -> None:
    desk.do("call", uri=uri("8002"))
    ours = int(desk.wait("call", state="CALLING")["number"])
    incoming = other.wait("incoming")
    message = parse(incoming["message"].encode())
    assert isinstance(message, Request)
    assert message.headers.get("P-Asserted-Identity") == f"<{uri('8001')}>"
    desk.wait("call", number=ours, state="EARLY")
    desk.do("hangup", number=ours)
    desk.wait("call", number=ours, state="DISCONNECTED", code=487)
    other.wait("call", number=incoming["number"], state="DISCONNECTED")
    desk.do("call", uri=uri("8004"))
    assert desk.wait("call", state="DISCONNECTED")["code"] == 404


@pytest.mark.parametrize("transport", ["udp", "tcp", "tls"])
def test_the_phone_is_back_after_the_proxy_was_restarted(
    kamailio: Kamailio, make: Make, transport: str
) -> None:
    desk, other = make("8001", transport), make("8002", "udp")
    kamailio.stop()
    desk.wait("edge.FlowLost", within_s=10)
    other.wait("edge.FlowLost", within_s=10)
    kamailio.start()  # it has forgotten all registrations
    desk.wait("registration", within_s=20, code=200)
    other.wait("registration", within_s=20, code=200)
    theirs, ours = talk(other, desk, "8001")
    desk.do("hangup", number=ours)
    other.wait("call", number=theirs, state="DISCONNECTED")


def test_a_call_forked_to_two_phones_is_taken_by_one_and_stops_at_the_other(make: Make) -> None:
    desk, twin, caller = make("8001", "udp"), make("8001", "tls"), make("8002", "udp")
    caller.do("call", uri=uri("8001"))
    number = int(caller.wait("call", state="CALLING")["number"])
    here, there = int(desk.wait("incoming")["number"]), int(twin.wait("incoming")["number"])
    desk.do("answer", number=here)
    caller.wait("call", number=number, state="CONFIRMED")
    twin.wait("call", number=there, state="DISCONNECTED")
    caller.do("hangup", number=number)
    desk.wait("call", number=here, state="DISCONNECTED")


def bound(phone: PjsipPhone) -> list[str]:
    """The contacts that the registrar listed in its last 200."""
    phone.do("trace")
    texts = [text for direction, text in phone.wait("trace")["entries"] if direction == "received"]
    granted = [text for text in texts if text.startswith("SIP/2.0 200") and "REGISTER" in text]
    answer = parse(granted[-1].encode())
    return answer.headers.split("Contact")


@pytest.mark.parametrize("transport", ["tcp", "tls"])
def test_with_outbound_a_new_flow_takes_the_place_of_the_lost_one(
    kamailio: Kamailio, make: Make, tmp_path: Path, transport: str
) -> None:
    phone = PjsipPhone(config(kamailio, "8004", transport, INSTANCE), tmp_path / "outbound.log")
    phone.wait("registration", code=200, active=True)
    before = bound(phone)
    phone.do("drop_flow")
    phone.wait("edge.FlowOpened", again=True)
    phone.wait("registration", code=200, active=True)
    after = bound(phone)
    assert len(before) == len(after) == 1
    assert before != after
    assert "reg-id=1" in after[0]
    caller = make("8002", "udp")
    caller.do("call", uri=uri("8004"))
    phone.wait("incoming")
    phone.do("register", on=False)
    phone.wait("registration", active=False)
    phone.kill()
