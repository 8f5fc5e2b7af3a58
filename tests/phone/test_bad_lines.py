"""What arrives badly, or not at all, or from whom it should not: heard, counted and told as it is."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from softphone.domain.audio import AudioChoice, MediaQuality
from softphone.domain.events import CallHoldChanged, MediaQualityMeasured
from softphone.domain.ids import CallId
from softphone.domain.supervision import SupervisionPolicy
from tests import tones
from tests.peers.kamailio import DOMAIN, Kamailio
from tests.peers.rtp_script import RtpScript, Wire
from tests.peers.rtp_tone import encode
from tests.peers.sip_phone import PhoneCall, SipPhone
from tests.peers.waiting import wait_for
from tests.phone.conftest import NewHandset
from tests.phone.handset import Handset

pytestmark = pytest.mark.alone

CUSTOMER_HZ, MUSIC_HZ, AGENT_HZ, STRANGER_HZ, RATE_HZ = 440, 700, 880, 1_500, 16_000
PCMU, PCMA = 0, 8
LEAD = "8003"


@dataclass
class Talk:
    """A call that a scripted customer has made and the agent has answered."""

    handset: Handset
    call_id: CallId
    theirs: PhoneCall
    media: RtpScript
    speaker: Path

    def ear_dbfs(self, frequency_hz: float) -> float:
        if not tones.is_begun(self.speaker):
            return tones.SILENCE_DBFS
        samples, rate_hz = tones.read_wav(self.speaker)
        return tones.level_dbfs(samples[-rate_hz // 2 :], frequency_hz, rate_hz)

    def wait_heard(self, frequency_hz: float) -> None:
        wait_for(lambda: self.ear_dbfs(frequency_hz) > tones.HEARD_DBFS, f"{frequency_hz} Hz in the ear")

    def quality(self, where: Callable[[MediaQuality], bool]) -> MediaQuality:
        return self.handset.expect(
            MediaQualityMeasured,
            lambda e: e.quality.call_id == self.call_id and where(e.quality),
            timeout_s=20.0,
        ).quality


@pytest.fixture
def talk(
    kamailio: Kamailio, new_proxied_handset: NewHandset, tmp_path: Path
) -> Iterator[Callable[[Wire], Talk]]:
    microphone = tones.write_wav(tmp_path / "mic.wav", tones.tone(AGENT_HZ, 2.0, RATE_HZ), RATE_HZ)
    speaker = tmp_path / "speaker.wav"
    card = f"file:{microphone},{speaker}"
    handset = new_proxied_handset("8001")
    handset.telephone.choose_audio(
        AudioChoice(card, card, "null", echo_cancelling=False, noise_suppression=False, automatic_gain=False)
    )
    with ExitStack() as ends:
        phone = SipPhone(
            (kamailio.host, kamailio.sip_port), "8002", kamailio.passwords["8002"], domain=DOMAIN
        )
        ends.callback(phone.close)

        def make(wire: Wire) -> Talk:
            media = RtpScript(CUSTOMER_HZ, wire)
            theirs = phone.call("8001", media=media)
            call_id = handset.answer_next()
            theirs.wait_established()
            return Talk(handset, call_id, theirs, media, speaker)

        yield make


def description(port: int, direction: str) -> bytes:
    lines = ["v=0", f"o=- 1 {port} IN IP4 127.0.0.1", "s=-", "c=IN IP4 127.0.0.1", "t=0 0"]
    lines += [f"m=audio {port} RTP/AVP 8 101", "a=rtpmap:8 PCMA/8000", "a=rtpmap:101 telephone-event/8000"]
    return ("\r\n".join([*lines, f"a={direction}"]) + "\r\n").encode()


def hold_with(talk: Talk, direction: str) -> None:
    """The other side's re-INVITE."""
    kind = ("Content-Type", "application/sdp")
    assert talk.theirs.request("INVITE", kind, body=description(talk.media.port, direction)) == 200


def test_music_of_whoever_holds_us_is_heard_and_then_the_caller_again(talk: Callable[[Wire], Talk]) -> None:
    call = talk(Wire())
    call.wait_heard(CUSTOMER_HZ)
    hold_with(call, "sendonly")
    call.media.hum(MUSIC_HZ)
    call.handset.expect(CallHoldChanged, lambda e: e.remote)
    call.wait_heard(MUSIC_HZ)
    hold_with(call, "inactive")  # no stream at all: nothing to listen to, and nothing breaks
    hold_with(call, "sendrecv")
    call.media.hum(CUSTOMER_HZ)
    call.wait_heard(CUSTOMER_HZ)
    wait_for(lambda: call.media.heard_dbfs(AGENT_HZ) > tones.HEARD_DBFS, "the agent again")


def test_a_line_is_as_good_as_what_is_heard_of_it(talk: Callable[[Wire], Talk]) -> None:
    """Every packet arrives and none is lost, but in a payload that was not agreed on; and RTCP lies."""
    call = talk(Wire(payload_type=PCMU))
    wait_for(lambda: call.media.received_types, "our sound")
    call.media.report(1, lost=-3, jitter=2**32 - 1, last_report=1, delay=2**31)
    silent = call.quality(lambda q: q.nothing_arrives)
    assert (silent.mos, silent.tx_loss_percent, silent.tx_jitter_ms) == (1.0, 0.0, 0.0)


class Stranger:
    """Pours packets with a tone of its own onto the port of somebody else's call."""

    def __init__(self, to: tuple[str, int], a_second: int) -> None:
        self.received = 0
        self._to, self._a_second = to, a_second
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.setblocking(False)
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._pour, name="stranger", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._end.set()
        self._thread.join()
        self._socket.close()

    def _pour(self) -> None:
        number = 0
        began = time.monotonic()
        while not self._end.wait(0.005):
            for _ in range(int((time.monotonic() - began) * self._a_second) - number):
                instants = (number * 160 + np.arange(160)) / 8_000
                sound = encode(0.3 * np.sin(2 * np.pi * STRANGER_HZ * instants))
                header = struct.pack("!BBHII", 0x80, PCMA, number % 2**16, number * 160 % 2**32, 99)
                self._socket.sendto(header + sound, self._to)
                number += 1
            with suppress(BlockingIOError):
                while self._socket.recv(2_048):
                    self.received += 1


def test_a_stranger_is_not_heard_and_hears_nothing_and_a_port_that_is_flooded_is_left(
    talk: Callable[[Wire], Talk],
) -> None:
    call = talk(Wire())
    call.wait_heard(CUSTOMER_HZ)
    port = call.media.destination
    with closing(Stranger(port, a_second=50)) as slow:
        sent = len(call.media.received_types)
        wait_for(lambda: len(call.media.received_types) > sent + 50, "a second of the agent")
        assert slow.received == 0
        assert call.ear_dbfs(STRANGER_HZ) < tones.UNHEARD_DBFS
    with closing(Stranger(port, a_second=2_000)) as flood:
        wait_for(lambda: call.media.destination != port, "another port", timeout_s=20.0)
        wait_for(lambda: call.ear_dbfs(STRANGER_HZ) < tones.UNHEARD_DBFS, "the stranger is gone")
        call.wait_heard(CUSTOMER_HZ)
        overheard, sent = flood.received, len(call.media.received_types)
        wait_for(lambda: len(call.media.received_types) > sent + 25, "half a second of the agent")
        assert flood.received == overheard
    assert call.media.heard_dbfs(AGENT_HZ) > tones.HEARD_DBFS


def test_a_leads_port_that_a_stranger_floods_is_left_too(
    talk: Callable[[Wire], Talk], kamailio: Kamailio
) -> None:
    """Whoever has that one hears both, customer and agent."""
    call = talk(Wire())
    call.handset.allow_supervision(SupervisionPolicy((f"{LEAD}@{DOMAIN}",)))
    phone = SipPhone((kamailio.host, kamailio.sip_port), LEAD, kamailio.passwords[LEAD], domain=DOMAIN)
    with closing(phone):
        media = RtpScript()
        phone.call("8001", ("X-Softphone-Supervise", "listen"), media=media).wait_established()
        wait_for(lambda: media.heard_dbfs(CUSTOMER_HZ) > tones.HEARD_DBFS, "the lead hears the customer")
        port = media.destination
        with closing(Stranger(port, a_second=2_000)) as flood:
            wait_for(lambda: media.destination != port, "another port", timeout_s=20.0)
            overheard, sent = flood.received, len(media.received_types)
            wait_for(lambda: len(media.received_types) > sent + 50, "a second of both")
            assert flood.received == overheard
        assert media.heard_dbfs(CUSTOMER_HZ) > tones.HEARD_DBFS


def test_another_source_in_mid_call_is_heard_as_before(talk: Callable[[Wire], Talk]) -> None:
    """A server that brings in another leg: another SSRC, sequence and clock on the same ports."""
    call = talk(Wire())
    call.wait_heard(CUSTOMER_HZ)
    wire = call.media.wire
    wire.source, wire.sequence, wire.stamp = 777, 5, 10**9
    call.media.hum(MUSIC_HZ)
    call.wait_heard(MUSIC_HZ)
    wait_for(lambda: call.ear_dbfs(CUSTOMER_HZ) < tones.UNHEARD_DBFS, "the former source gone")
