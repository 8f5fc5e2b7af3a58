"""The telephones that are compared, each in a call with a scripted customer, each on the same sound card."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from softphone.domain.audio import AudioChoice
from tests.peers.baresip import Baresip
from tests.peers.jack_card import JackCard
from tests.peers.kamailio import DOMAIN, Kamailio
from tests.peers.network import Cable
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
