"""BYEs to a phone that was lost: PJSIP's line is free soon, and the edge says goodbye on."""

from __future__ import annotations

from softphone.domain.account import Transport
from softphone.engine.edge.messages.message import Request
from softphone.engine.edge.types import FlowLost, FlowOpened
from tests.engine.edge.far_peers import StreamPeer
from tests.engine.edge.rig import ACCOUNT, Rig, rig


def bye(it: Rig) -> Request:
    request = it.from_phone("BYE", "sip:600@192.0.2.1", to_tag="far", call_id="talk")
    it.phone.send(request)
    return request


def test_a_bye_that_nobody_answers_is_soon_over_for_pjsip() -> None:
    with rig() as it:
        it.open()
        sent = bye(it)
        it.server.request("BYE")
        answer = it.phone.response(408)
        assert answer.headers.split("Via") == sent.headers.split("Via")
        assert answer.headers.get("CSeq") == sent.headers.get("CSeq")


def test_the_edge_says_goodbye_on_and_keeps_the_late_answer_to_itself() -> None:
    with rig() as it:
        it.open()
        bye(it)
        first = it.server.request("BYE")
        it.phone.response(408)
        again = it.server.request("BYE")
        assert again.to_bytes() == first.to_bytes()
        it.server.send(again.response(200))
        assert it.phone.hears_nothing()


def test_over_a_stream_nothing_is_said_twice() -> None:
    server = StreamPeer()
    with rig(server=server, transport=Transport.TCP) as it:
        it.open()
        bye(it)
        it.server.request("BYE")
        it.phone.response(408)
        it.server.request("OPTIONS")  # whether the server is still there
        assert it.server.hears_nothing(for_s=0.5)


def test_a_bye_that_is_answered_in_time_gets_that_answer_alone() -> None:
    with rig() as it:
        it.open()
        bye(it)
        it.server.send(it.server.request("BYE").response(200))
        it.phone.response(200)
        assert it.phone.hears_nothing(for_s=2.5)


def test_a_bye_while_the_server_is_away_reaches_it_when_it_is_back() -> None:
    with rig(transport=Transport.TCP, server=StreamPeer()) as it:
        it.open()
        it.register()  # the server has taken the connection for sure
        it.server.close()
        it.event(FlowLost)
        bye(it)
        assert it.phone.response().status in (408, 503)
        it.server = StreamPeer(port=it.server.port)
        it.edge.reconnect(ACCOUNT)
        it.event(FlowOpened)
        it.server.send(it.server.request("BYE").response(200))
        assert it.phone.hears_nothing()
