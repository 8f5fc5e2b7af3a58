"""Which codecs are spoken, negotiated with a telephone behind a proxy that touches no description."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from itertools import pairwise

import pytest

from softphone.domain.events import CallArrived, CallEstablished
from softphone.domain.settings import CallSettings
from tests.peers.kamailio import DOMAIN, Kamailio
from tests.peers.sip_phone import SipPhone
from tests.peers.sip_wire import SipMessage
from tests.peers.waiting import wait_for
from tests.phone.conftest import NewHandset
from tests.phone.handset import SILENT, Handset

PCMU, PCMA, G722, COMFORT_NOISE, EVENTS = 0, 8, 9, 13, 101
_MAPS = {
    PCMU: "PCMU/8000",
    3: "GSM/8000",
    PCMA: "PCMA/8000",
    G722: "G722/8000",  # RFC 3551, section 4.5.2: the clock is 8000 though it samples at 16000
    COMFORT_NOISE: "CN/8000",
    18: "G729/8000",
    97: "speex/8000",
    98: "speex/16000",
    99: "iLBC/8000",
    100: "L16/16000",
    EVENTS: "telephone-event/8000",
}
UNSAFE = (97, 98, 99, 3, 100)


class ChoosyPhone(SipPhone):
    """Offers and answers with the payload types in `speaks`."""

    speaks: tuple[int, ...] = (PCMA,)

    def description(self, port: int, offer: SipMessage | None = None) -> bytes:
        text = super().description(port, offer).decode()
        maps = "\r\n".join(f"a=rtpmap:{number} {_MAPS[number]}" for number in (*self.speaks, EVENTS))
        numbers = " ".join(map(str, (*self.speaks, EVENTS)))
        text = re.sub(r"a=rtpmap:.*\r\n", "", text)
        return re.sub(r"m=audio (\d+) .*", rf"m=audio \1 RTP/AVP {numbers}\r\n{maps}", text).encode()


def offered(message: SipMessage) -> list[int]:
    line = re.search(rb"m=audio \d+ \S+ ([\d ]+)", message.body)
    assert line is not None, message.body
    return [int(number) for number in line[1].split()]


@pytest.fixture
def handset(new_proxied_handset: NewHandset) -> Handset:
    return new_proxied_handset("8001")


@pytest.fixture
def choosy(kamailio: Kamailio) -> Iterator[Callable[..., ChoosyPhone]]:
    """Makes a telephone registered as 8002 that speaks the given payload types."""
    with ExitStack() as stack:

        def make(*speaks: int) -> ChoosyPhone:
            server = (kamailio.host, kamailio.sip_port)
            phone = ChoosyPhone(server, "8002", kamailio.passwords["8002"], domain=DOMAIN)
            phone.speaks = speaks
            stack.callback(phone.close)
            assert phone.register() == 200
            stack.callback(phone.register, expires_s=0)
            return phone

        yield make


def test_a_call_offers_g722_then_a_law_then_mu_law_and_nothing_else(
    handset: Handset, choosy: Callable[..., ChoosyPhone]
) -> None:
    phone = choosy(PCMA)
    handset.call("8002")
    invite = phone.wait_incoming().invite
    assert [kind for kind in offered(invite) if kind < 96] == [G722, PCMA, PCMU]
    dynamic = re.findall(rb"a=rtpmap:(\d+) ([^/\r]+)/", invite.body)
    assert {name for number, name in dynamic if int(number) >= 96} == {b"telephone-event"}
    assert COMFORT_NOISE not in offered(invite)


@pytest.mark.parametrize(
    ("speaks", "name"), [((PCMU,), "PCMU"), ((PCMA,), "PCMA"), ((G722,), "G722"), ((18, PCMU, PCMA), "PCMA")]
)
def test_the_answer_of_a_choosy_telephone_is_what_is_spoken(
    handset: Handset, choosy: Callable[..., ChoosyPhone], speaks: tuple[int, ...], name: str
) -> None:
    phone = choosy(*speaks)
    call_id = handset.call("8002")
    phone.speaks = tuple(kind for kind in speaks if _MAPS[kind].startswith(name))
    theirs = phone.wait_incoming()
    theirs.answer()
    assert handset.expect_established(call_id).media.codec == name
    kind = phone.speaks[0]
    wait_for(lambda: theirs.media.received_types[-20:] == [kind] * 20, f"sound as {name}")


@pytest.mark.parametrize(
    ("speaks", "name"),
    [((PCMU,), "PCMU"), ((PCMA, PCMU), "PCMA"), ((G722, PCMU), "G722"), ((97, 3, PCMU, G722), "PCMU")],
)
def test_a_caller_gets_the_first_of_its_own_that_is_safe(
    handset: Handset, choosy: Callable[..., ChoosyPhone], speaks: tuple[int, ...], name: str
) -> None:
    """RFC 3264, section 6.1: the answer keeps the order of the offer."""
    theirs = choosy(*speaks).call("8001")
    handset.telephone.answer(handset.expect(CallArrived).call_id)
    assert handset.expect(CallEstablished).media.codec == name
    theirs.wait_established()


def test_a_caller_who_speaks_only_what_is_unsafe_or_unknown_is_refused(
    handset: Handset, choosy: Callable[..., ChoosyPhone]
) -> None:
    theirs = choosy(*UNSAFE).call("8001")
    wait_for(lambda: theirs.final_status != 0, "a refusal")
    assert theirs.final_status == 488
    assert not handset.heard(CallEstablished)


def test_the_company_may_narrow_the_codecs_and_never_widen_them(
    handset: Handset, choosy: Callable[..., ChoosyPhone]
) -> None:
    phone = choosy(PCMA, PCMU)
    narrowed = replace(CallSettings(), codecs=("speex", "PCMU", "opus"))
    handset.telephone.start(narrowed, SILENT)  # while it runs: the new settings
    handset.call("8002")
    assert [kind for kind in offered(phone.wait_incoming().invite) if kind < 96] == [PCMU]


def test_silence_is_sent_as_sound_so_that_the_line_never_seems_dead(
    handset: Handset, choosy: Callable[..., ChoosyPhone]
) -> None:
    """No voice activity detection: its gaps sound like a broken line, and its noise like another room."""
    phone = choosy(PCMA)
    call_id = handset.call("8002")
    theirs = phone.wait_incoming()
    theirs.answer()
    handset.expect_established(call_id)
    wait_for(lambda: len(theirs.media.received_stamps) > 100, "two seconds of silence", timeout_s=30)
    assert set(theirs.media.received_types) == {PCMA}
    stamps = theirs.media.received_stamps
    assert {later - sooner for sooner, later in pairwise(stamps)} == {160}  # no frame of silence left out
