"""No digest answer leaves the phone for anybody but the registrar: a real PJSIP behind the edge is tempted.

The other side of each call plays the attacker and challenges whatever the phone sends it, in twenty ways.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass

import pytest

from softphone.engine.edge.digest import Answer
from softphone.engine.edge.messages.message import Request, parse
from softphone.engine.edge.messages.uri import NameAddr
from tests.engine.edge.far_peers import UdpPeer
from tests.engine.edge.mutations import SDP
from tests.engine.edge.pjsip_phone import PjsipPhone

OWN = 'Digest realm="pbx", nonce="n1", algorithm=MD5, qop="auth"'
OWN_SHA = 'Digest realm="pbx", nonce="n2", algorithm=SHA-256, qop="auth"'
FOREIGN = 'Digest realm="evil", nonce="n3", algorithm=MD5'
LIKE = 'Digest realm="pbx.evil", nonce="n4", algorithm=SHA-256, qop="auth"'


@dataclass(frozen=True)
class Temptation:
    """What is challenged, and how; `dialog` inside a call, or the INVITE that would make one."""

    method: str
    status: int
    challenges: tuple[str, ...]
    dialog: bool = True


TEMPTATIONS = {
    "BYE, own realm, 401": Temptation("BYE", 401, (OWN,)),
    "BYE, own realm, 407": Temptation("BYE", 407, (OWN,)),
    "BYE, own realm, SHA-256": Temptation("BYE", 401, (OWN_SHA,)),
    "BYE, another realm, 401": Temptation("BYE", 401, (FOREIGN,)),
    "BYE, another realm, 407": Temptation("BYE", 407, (FOREIGN,)),
    "BYE, both realms": Temptation("BYE", 407, (FOREIGN, OWN)),
    "BYE, a realm that looks alike": Temptation("BYE", 401, (LIKE,)),
    "re-INVITE, own realm, 401": Temptation("INVITE", 401, (OWN,)),
    "re-INVITE, own realm, 407": Temptation("INVITE", 407, (OWN,)),
    "re-INVITE, another realm": Temptation("INVITE", 407, (FOREIGN,)),
    "re-INVITE, both algorithms": Temptation("INVITE", 407, (OWN_SHA, OWN)),
    "UPDATE, own realm": Temptation("UPDATE", 407, (OWN,)),
    "UPDATE, another realm": Temptation("UPDATE", 401, (FOREIGN,)),
    "INFO, own realm": Temptation("INFO", 401, (OWN,)),
    "REFER, own realm": Temptation("REFER", 407, (OWN,)),
    "REFER, another realm": Temptation("REFER", 401, (FOREIGN,)),
    "CANCEL, own realm": Temptation("CANCEL", 401, (OWN,)),
    "CANCEL, another realm": Temptation("CANCEL", 407, (FOREIGN,)),
    "INVITE, another realm, 407": Temptation("INVITE", 407, (FOREIGN,), dialog=False),
    "INVITE, a realm that looks alike, 401": Temptation("INVITE", 401, (LIKE,), dialog=False),
}


class Attacker:
    """The server's socket, on a thread: registers the phone, answers its calls, and tempts it."""

    def __init__(self) -> None:
        self.server = UdpPeer()
        self.tempt = False
        self.tempted = threading.Event()
        self.leaks: list[str] = []
        self.seen: queue.Queue[Request] = queue.Queue()
        self._temptation = next(iter(TEMPTATIONS.values()))
        self._ringing: Request | None = None
        self._running = True
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def wait_for(self, temptation: Temptation) -> None:
        """Be harmless until `tempt`, then challenge once."""
        self.tempt, self._temptation, self.leaks = False, temptation, []
        self.tempted.clear()

    def give_up_ringing(self) -> None:
        """End the call that was cancelled, as CANCEL alone does not (RFC 3261 section 9.2)."""
        ringing, self._ringing = self._ringing, None
        if ringing is not None:
            self.server.send(ringing.response(487, to_tag="far"))

    def close(self) -> None:
        self._running = False
        self._thread.join(5)
        self.server.close()

    def _serve(self) -> None:
        while self._running:
            with suppress(TimeoutError):
                message = parse(self.server.receive_bytes(0.1))
                if isinstance(message, Request):
                    self._answer(message)

    def _answer(self, request: Request) -> None:
        answers = [*request.headers.all("Authorization"), *request.headers.all("Proxy-Authorization")]
        if request.method == "REGISTER":
            self._register(request, bool(answers))
            return
        self.leaks += [f"{request.method}: realm {Answer.parse(text).realm}" for text in answers]
        self.seen.put(request)
        if request.method == "ACK":
            return
        if self.tempt and request.method == self._temptation.method and not self.tempted.is_set():
            self._challenge(request)
            return
        self._accept(request)

    def _register(self, request: Request, answered: bool) -> None:
        response = request.response(200 if answered else 401, to_tag="r")
        if answered:
            contact = NameAddr.parse(request.headers.get("Contact") or "").uri
            response.headers.add("Contact", f"<{contact}>;expires=300")
        else:
            response.headers.add("WWW-Authenticate", OWN)
        self.server.send(response)

    def _challenge(self, request: Request) -> None:
        name = "WWW-Authenticate" if self._temptation.status == 401 else "Proxy-Authenticate"
        response = request.response(self._temptation.status, to_tag="evil")
        for challenge in self._temptation.challenges:
            response.headers.add(name, challenge)
        self.server.send(response)
        self.tempted.set()

    def _accept(self, request: Request) -> None:
        rings = request.method == "INVITE" and "ringing" in request.uri
        if rings:
            self._ringing = request
        response = request.response(180 if rings else 202 if request.method == "REFER" else 200, to_tag="far")
        response.headers.add("Contact", f"<sip:far@127.0.0.1:{self.server.port}>")
        response.headers.add("Allow", "INVITE, ACK, BYE, CANCEL, UPDATE, INFO, REFER")
        if request.method in {"INVITE", "UPDATE"} and request.body and not rings:
            response.headers.add("Content-Type", "application/sdp")
            response.body = SDP
        self.server.send(response)


ACTS: dict[str, Callable[[PjsipPhone, int], None]] = {
    "BYE": lambda phone, call: phone.do("hangup", number=call),
    "INVITE": lambda phone, call: phone.do("hold", number=call),
    "UPDATE": lambda phone, call: phone.do("update", number=call),
    "INFO": lambda phone, call: phone.do("info_digit", number=call, digit="1"),
    "REFER": lambda phone, call: phone.do("transfer", number=call, uri="sip:third@pbx.example"),
}


def be_tempted(phone: PjsipPhone, attacker: Attacker, temptation: Temptation) -> list[str]:
    """Let the phone send what is challenged, give it time to answer, end the call; returns what leaked."""
    attacker.wait_for(temptation)
    if not temptation.dialog:
        attacker.tempt = True
        phone.do("call", uri="sip:far@pbx.example")
        call = int(phone.wait("call", state="CALLING")["number"])
    elif temptation.method == "CANCEL":
        call = phone.call("sip:ringing@pbx.example", "EARLY")
        attacker.tempt = True
        phone.do("hangup", number=call)
    else:
        call = phone.call("sip:far@pbx.example")
        attacker.tempt = True
        ACTS[temptation.method](phone, call)
    assert attacker.tempted.wait(10)
    with suppress(queue.Empty):
        while True:
            attacker.seen.get(timeout=0.3)
    attacker.give_up_ringing()
    phone.do("hangup", number=call)
    phone.wait("call", number=call, state="DISCONNECTED", within_s=40)  # PJSIP has room for four
    return attacker.leaks


@pytest.fixture(scope="module")
def attacker() -> Iterator[Attacker]:
    made = Attacker()
    yield made
    made.close()


@pytest.fixture(scope="module")
def phone(attacker: Attacker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PjsipPhone]:
    route = {
        "account_id": "desk",
        "user": "7001",
        "domain": "pbx.example",
        "server": "127.0.0.1",
        "port": attacker.server.port,
        "transport": "udp",
        "keep_alive_s": 600.0,
    }
    made = PjsipPhone({"password": "secret", "route": route}, tmp_path_factory.mktemp("leak") / "phone.log")
    made.wait("registration", code=200)
    yield made
    made.kill()


def test_there_are_twenty_temptations() -> None:
    assert len(TEMPTATIONS) == 20


@pytest.mark.parametrize("name", TEMPTATIONS)
def test_no_digest_answer_leaves_the_phone(attacker: Attacker, phone: PjsipPhone, name: str) -> None:
    assert be_tempted(phone, attacker, TEMPTATIONS[name]) == []


def test_the_registrars_own_challenge_to_a_call_is_answered(attacker: Attacker, phone: PjsipPhone) -> None:
    """Else the tests above could not fail."""
    own = Temptation("INVITE", 407, (OWN,), dialog=False)
    assert be_tempted(phone, attacker, own) == ["INVITE: realm pbx"]
