"""The telephones that are compared, each in a call with a scripted customer, each on the same sound card."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from softphone.domain.audio import AudioChoice
from softphone.domain.events import AudioChanged
from tests.peers.baresip import Baresip
from tests.peers.jack_card import ROOT, JackCard
from tests.peers.kamailio import DOMAIN, Kamailio
from tests.peers.linphone import Linphone
from tests.peers.network import Cable
from tests.peers.ports import free_port
from tests.peers.process import PeerProcess
from tests.peers.rtp_tone import RtpTone
from tests.peers.sip_phone import SipPhone
from tests.phone.handset import Handset

BARE = AudioChoice(echo_cancelling=False, noise_suppression=False, automatic_gain=False)
TREATED = AudioChoice()


@dataclass(frozen=True, slots=True)
class Talk:
    """A call in progress; `pid` is the process that handles the sound."""

    pid: int


@contextmanager
def our_call(folder: Path, card: JackCard, media: RtpTone, choice: AudioChoice) -> Iterator[Talk]:
    """Our engine at Kamailio, called by a telephone whose media come straight to us."""
    os.environ.update(card.environment)
    with ExitStack() as stack:
        proxy = Kamailio(folder / "kamailio")
        proxy.start()
        stack.callback(proxy.stop)
        handset = Handset(folder / "ours")
        handset.start(choice)
        stack.callback(handset.close)
        handset.sign_in(proxy, "8001")
        handset.expect_registered()
        handset.expect(
            AudioChanged, lambda event: bool(event.state.speaker)
        )  # a desk has stood there for long
        customer = SipPhone((proxy.host, proxy.sip_port), "8002", proxy.passwords["8002"], domain=DOMAIN)
        stack.callback(customer.close)
        call = customer.call("8001", media=media)
        handset.answer_next()
        call.wait_established()
        yield Talk(handset.engine_pid)


@contextmanager
def baresip_call(folder: Path, card: JackCard, cable: Cable, media: RtpTone) -> Iterator[Talk]:
    """baresip at the end of a cable, as Debian configures it (jitter buffer of 5 to 10 packets)."""
    with ExitStack() as stack:
        rival = Baresip(
            folder / "baresip",
            cable,
            user="rival",
            server=(cable.here, 5060),
            source="jack,default",
            player="jack,default",
            environment={**os.environ, **card.environment},
        )
        stack.callback(rival.stop)
        customer = SipPhone((cable.there, rival.sip_port), "caller", host=cable.here)
        stack.callback(customer.close)
        call = customer.call("rival", media=media)
        rival.wait_event("CALL_INCOMING")
        rival.command("accept")
        call.wait_established()
        yield Talk(rival.pid)


@contextmanager
def linphone_call(folder: Path, media: RtpTone, recording: list[Path]) -> Iterator[Talk]:
    """linphonec as Debian has it, which records what it hears; `recording` gets the path at the end."""
    with ExitStack() as stack:
        rival = Linphone(folder / "linphone")
        stack.callback(rival.stop)
        customer = SipPhone(("127.0.0.1", rival.sip_port), "caller")
        stack.callback(customer.close)
        customer.call("rival", media=media).wait_established(timeout_s=20)
        yield Talk(rival.pid)
        rival.hang_up()
        recording.append(rival.recording)


@contextmanager
def bare_call(folder: Path, media: RtpTone) -> Iterator[Talk]:
    """PJSIP alone, without a sound card: what a call costs at the least."""
    with ExitStack() as stack:
        port = free_port()
        command = [sys.executable, "-m", "tests.bench.audio.bare_talk", str(port)]
        script = PeerProcess(command, folder / "bare.log", folder=ROOT)
        stack.callback(script.stop)
        script.wait_until(lambda: "ready" in script.tail(), "the bare script")
        customer = SipPhone(("127.0.0.1", port), "caller")
        stack.callback(customer.close)
        customer.call("bare", media=media).wait_established()
        yield Talk(script.pid)
