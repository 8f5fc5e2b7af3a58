"""Another program on this computer speaks to PJSIP past the edge."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator

import pytest

from softphone.domain.events import CallArrived, EngineLost
from softphone.engine.edge.messages.message import Request, Response, parse
from tests.engine.edge.mutations import SDP
from tests.peers.asterisk import Asterisk
from tests.phone.handset import Handset


class Stranger:
    """A socket that calls PJSIP itself."""

    def __init__(self, handset: Handset) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(5)
        self.port = self.socket.getsockname()[1]
        self.target = ("127.0.0.1", pjsip_port(handset))
        self._calls = 0

    def invite(self, body: bytes, *, acknowledge: bool = True) -> int:
        """Call; returns the final status."""
        self._calls += 1
        request = self._request("INVITE", body)
        self.socket.sendto(request.to_bytes(), self.target)
        while True:
            answer = parse(self.socket.recv(65_535))
            assert isinstance(answer, Response)
            if answer.is_final and answer.call_id == request.call_id:
                break
        if not acknowledge:
            return answer.status
        ack = self._request("ACK", b"")
        ack.headers.set("To", answer.headers.get("To") or "")
        self.socket.sendto(ack.to_bytes(), self.target)
        return answer.status

    def _request(self, method: str, body: bytes) -> Request:
        request = Request(method=method, uri=f"sip:7001@127.0.0.1:{self.target[1]}", body=body)
        add = request.headers.add
        add("Via", f"SIP/2.0/UDP 127.0.0.1:{self.port};branch=z9hG4bKstranger{self._calls}")
        add("Max-Forwards", "70")
        add("From", "<sip:ghost@127.0.0.1>;tag=g")
        add("To", "<sip:7001@127.0.0.1>")
        add("Call-ID", f"ghost-{self._calls}")
        add("CSeq", f"1 {method}")
        add("Contact", f"<sip:ghost@127.0.0.1:{self.port}>")
        if body:
            add("Content-Type", "application/sdp")
        return request


def pjsip_port(handset: Handset) -> int:
    log = (handset.folder / "logs" / "engine.log").read_text(encoding="utf-8")
    lines = [json.loads(line) for line in log.splitlines() if "pjsip_started" in line]
    return int(lines[-1]["port"])


@pytest.fixture
def stranger(handset: Handset) -> Iterator[Stranger]:
    made = Stranger(handset)
    yield made
    made.socket.close()


@pytest.mark.parametrize("body", [SDP, b""], ids=["with SDP", "without SDP"])
@pytest.mark.parametrize("acknowledge", [True, False], ids=["acknowledged", "never acknowledged"])
def test_its_calls_are_refused_nobody_hears_of_them_and_calls_still_arrive(
    asterisk: Asterisk, handset: Handset, stranger: Stranger, body: bytes, acknowledge: bool
) -> None:
    for _ in range(6):  # more than PJSIP has call slots
        assert stranger.invite(body, acknowledge=acknowledge) == 403
    assert handset.heard(CallArrived) == []
    asterisk.customer_calls("7001")
    handset.answer_next()
    assert handset.heard(EngineLost) == []
