"""Subscriptions of the edge's own, against a notifier that the test plays."""

from __future__ import annotations

import pytest

from softphone.engine.edge.digest import Answer
from softphone.engine.edge.events import subscription
from softphone.engine.edge.events.event_bodies import DialogState, MessageSummary
from softphone.engine.edge.messages.message import Request
from softphone.engine.edge.messages.syntax import SipSyntaxError
from softphone.engine.edge.messages.uri import NameAddr
from softphone.engine.edge.types import (
    Credentials,
    DialogsChanged,
    MessagesWaiting,
    Package,
    SubscriptionChanged,
    SubscriptionState,
)
from tests.engine.edge.far_peers import UdpPeer
from tests.engine.edge.rig import ACCOUNT, Rig
from tests.engine.edge.test_event_bodies import document

COLLEAGUE = "sip:7002@pbx.example"


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """No half minute between attempts."""
    monkeypatch.setattr(subscription, "_RETRY_S", 0.1)


@pytest.fixture
def watching(border: Rig) -> Rig:
    """A registered account that watches a colleague."""
    border.open(credentials=Credentials("7001", "secret"), realms=frozenset({"pbx"}))
    border.register()
    border.edge.subscribe(ACCOUNT, Package.DIALOG, COLLEAGUE)
    return border


class Notifier:
    """The server's side of one subscription dialog."""

    def __init__(self, rig: Rig, expires: int = 600) -> None:
        self.rig = rig
        self.subscribe = rig.server.request("SUBSCRIBE")
        self.cseq = 0
        response = self.subscribe.response(200, to_tag="notifier")
        response.headers.add("Expires", str(expires))
        response.headers.add("Contact", "<sip:notifier@192.0.2.9;lr>")
        response.headers.add("Record-Route", "<sip:p1.example;lr>")
        rig.server.send(response)

    def notify(self, body: bytes, state: str = "active", event: str = "dialog") -> int:
        """Send NOTIFY; returns the status of the answer."""
        self.cseq += 1
        request = Request(method="NOTIFY", body=body)
        request.uri = NameAddr.parse(self.subscribe.headers.get("Contact") or "").uri
        add = request.headers.add
        add("Via", f"SIP/2.0/UDP 127.0.0.1:{self.rig.server.port};branch=z9hG4bKn{self.cseq};rport")
        add("From", f"{self.subscribe.headers.get('To')};tag=notifier".replace(";tag=notifier;tag", ";tag"))
        add("To", self.subscribe.headers.get("From") or "")
        add("Call-ID", self.subscribe.call_id)
        add("CSeq", f"{self.cseq} NOTIFY")
        add("Contact", "<sip:notifier@192.0.2.9;lr>")
        add("Event", event)
        add("Subscription-State", state)
        if body:
            add("Content-Type", "application/dialog-info+xml")
        self.rig.server.send(request)
        return self.rig.server.response().status


def busy(state: bytes = b"confirmed", version: int = 1, kind: bytes = b"full") -> bytes:
    return document(
        b'<dialog id="d1" direction="initiator"><state>' + state + b"</state></dialog>",
        b'version="%d" state="%s" entity="sip:7002@pbx"' % (version, kind),
    )


def test_a_colleagues_calls_are_told(watching: Rig) -> None:
    notifier = Notifier(watching)
    assert notifier.subscribe.uri == COLLEAGUE
    assert notifier.subscribe.headers.get("Event") == "dialog"
    assert notifier.notify(busy()) == 200
    changed = watching.event(DialogsChanged)
    assert changed.target == COLLEAGUE
    assert [d.state for d in changed.dialogs] == [DialogState.CONFIRMED]
    assert notifier.notify(busy(b"terminated", 2, b"partial")) == 200
    assert watching.event(DialogsChanged).dialogs == ()
    assert watching.phone.hears_nothing()  # PJSIP has no part in it


def test_the_first_subscribe_is_authenticated_and_the_refresh_never(watching: Rig) -> None:
    first = watching.server.request("SUBSCRIBE")
    challenge = first.response(401, to_tag="x")
    challenge.headers.add("WWW-Authenticate", 'Digest realm="pbx", nonce="n", qop="auth"')
    watching.server.send(challenge)
    notifier = Notifier(watching, expires=1)
    given = Answer.parse(notifier.subscribe.headers.get("Authorization") or "")
    assert given.matches("SUBSCRIBE", "secret")
    assert notifier.subscribe.call_id == first.call_id
    notifier.notify(busy())
    refresh = watching.server.request("SUBSCRIBE")
    assert refresh.in_dialog
    assert refresh.uri == "sip:notifier@192.0.2.9;lr"
    assert refresh.headers.split("Route") == ["<sip:p1.example;lr>"]
    challenged = refresh.response(401)
    challenged.headers.add("WWW-Authenticate", 'Digest realm="pbx", nonce="n2"')
    watching.server.send(challenged)
    anew = watching.server.request("SUBSCRIBE")
    assert not anew.in_dialog
    assert anew.call_id != refresh.call_id
    assert "Authorization" not in anew.headers


def test_a_foreign_realm_is_not_answered(watching: Rig) -> None:
    challenge = watching.server.request("SUBSCRIBE").response(407, to_tag="x")
    challenge.headers.add("Proxy-Authenticate", 'Digest realm="evil", nonce="n"')
    watching.server.send(challenge)
    told = watching.event(SubscriptionChanged, lambda e: e.state is SubscriptionState.REFUSED)
    assert told.status == 407
    assert watching.server.hears_nothing()


@pytest.mark.parametrize("status", [403, 404, 489])
def test_a_refusal_is_final(watching: Rig, status: int) -> None:
    watching.server.send(watching.server.request("SUBSCRIBE").response(status, to_tag="x"))
    told = watching.event(SubscriptionChanged, lambda e: e.state is SubscriptionState.REFUSED)
    assert told.status == status
    assert watching.server.hears_nothing(0.3)


@pytest.mark.parametrize(
    "state", ["terminated;reason=timeout", "terminated;reason=deactivated", "terminated"]
)
def test_a_terminated_subscription_begins_again(watching: Rig, state: str) -> None:
    notifier = Notifier(watching)
    notifier.notify(b"", state)
    again = watching.server.request("SUBSCRIBE")
    assert again.call_id != notifier.subscribe.call_id


def test_a_rejected_subscription_does_not_begin_again(watching: Rig) -> None:
    Notifier(watching).notify(b"", "terminated;reason=rejected")
    watching.event(SubscriptionChanged, lambda e: e.state is SubscriptionState.REFUSED)
    assert watching.server.hears_nothing(0.3)


def test_a_missing_partial_state_fetches_the_whole_anew(watching: Rig) -> None:
    notifier = Notifier(watching)
    notifier.notify(busy(version=1))
    notifier.notify(busy(version=5, kind=b"partial"))
    assert watching.server.request("SUBSCRIBE").call_id != notifier.subscribe.call_id


def test_a_lost_flow_begins_the_subscription_again_after_registering(watching: Rig) -> None:
    notifier = Notifier(watching)
    notifier.notify(busy())
    watching.open(credentials=Credentials("7001", "secret"), port=watching.server.port)
    watching.edge.subscribe(ACCOUNT, Package.DIALOG, COLLEAGUE)
    assert watching.server.hears_nothing()
    watching.register()
    assert watching.server.request("SUBSCRIBE").call_id != notifier.subscribe.call_id


def test_unsubscribing_tells_the_server(border: Rig) -> None:
    border.register()
    watched = border.edge.subscribe(ACCOUNT, Package.DIALOG, COLLEAGUE)
    Notifier(border).notify(busy())
    border.event(DialogsChanged)
    border.edge.unsubscribe(watched)
    last = border.server.request("SUBSCRIBE")
    assert last.headers.get("Expires") == "0"
    border.server.send(last.response(200))
    border.event(SubscriptionChanged, lambda e: e.state is SubscriptionState.ENDED)


@pytest.mark.parametrize(
    ("body", "event", "status"),
    [(b"<!DOCTYPE x>", "dialog", 400), (busy(), "presence", 489), (b"<", "dialog", 400)],
)
def test_a_hostile_notify_is_refused(watching: Rig, body: bytes, event: str, status: int) -> None:
    assert Notifier(watching).notify(body, event=event) == status


def test_a_notify_from_a_stranger_is_not_heard(watching: Rig) -> None:
    notifier = Notifier(watching)
    stranger = UdpPeer()
    mine, watching.server = watching.server, stranger
    assert isinstance(mine, UdpPeer)
    stranger.other = mine.other
    with pytest.raises(TimeoutError):
        notifier.notify(busy())
    watching.server = mine
    stranger.close()


def test_waiting_messages_are_told(border: Rig) -> None:
    border.register()
    border.edge.subscribe(ACCOUNT, Package.MESSAGE_SUMMARY, "sip:7001@pbx.example")
    body = b"Messages-Waiting: yes\r\nVoice-Message: 3/1\r\n"
    assert Notifier(border).notify(body, event="message-summary") == 200
    assert border.event(MessagesWaiting).summary == MessageSummary(True, 3, 1)


def test_a_target_that_is_no_sip_uri_is_refused(border: Rig) -> None:
    with pytest.raises(SipSyntaxError):
        border.edge.subscribe(ACCOUNT, Package.DIALOG, "7002")
