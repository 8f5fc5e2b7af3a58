"""A whole call: customer at a telephone, agent at a sound card, both hear each other through the engine."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from softphone.domain.audio import AudioChoice, AudioTroubleKind
from softphone.domain.events import AudioChanged
from softphone.domain.ids import CallId
from tests import tones
from tests.peers.jack_card import JackCard, PluggedHeadset
from tests.peers.kamailio import DOMAIN, Kamailio
from tests.peers.sip_phone import PhoneCall, SipPhone
from tests.peers.waiting import wait_for
from tests.phone.handset import Handset

_AGENT_HZ, _CUSTOMER_HZ = 440, 880
_JACK = "JACK Audio Connection Kit: "


class Conversation:
    """An established call with tones from both sides."""

    def __init__(self, handset: Handset, customer: SipPhone) -> None:
        self.handset = handset
        self.at_customer: PhoneCall = customer.call("8001", hum_hz=_CUSTOMER_HZ)
        self.call_id: CallId = handset.answer_next()
        self.at_customer.wait_established()

    def wait_customer_hears(self, agent: bool = True) -> None:
        media = self.at_customer.media
        if agent:
            wait_for(lambda: media.heard_dbfs(_AGENT_HZ) > tones.HEARD_DBFS, "the agent at the customer's")
        else:
            wait_for(lambda: media.heard_dbfs(_AGENT_HZ) < tones.UNHEARD_DBFS, "silence at the customer's")


@pytest.fixture
def handset(kamailio: Kamailio, jack_card: JackCard, monkeypatch: pytest.MonkeyPatch) -> Iterator[Handset]:
    for name, value in jack_card.environment.items():
        monkeypatch.setenv(name, value)
    with tempfile.TemporaryDirectory(prefix="softphone-") as folder:
        phone = Handset(Path(folder))
        phone.start(_choice(_JACK + "Headset One"))
        phone.sign_in(kamailio, "8001")
        phone.expect_registered()
        yield phone
        phone.close()


def _choice(device: str) -> AudioChoice:
    return AudioChoice(
        microphone=device, speaker=device, ringer=_JACK + "system", echo_cancelling=False,
        noise_suppression=False, automatic_gain=False,
    )  # fmt: skip


@pytest.fixture
def customer(kamailio: Kamailio) -> Iterator[SipPhone]:
    server = (kamailio.host, kamailio.sip_port)
    phone = SipPhone(server, "8002", kamailio.passwords["8002"], domain=DOMAIN)
    assert phone.register() == 200
    yield phone
    phone.register(expires_s=0)
    phone.close()


@pytest.fixture
def headset(jack_card: JackCard) -> PluggedHeadset:
    plugged = jack_card.plug_in("Headset One")
    plugged.say(_AGENT_HZ)
    return plugged


def test_agent_and_customer_hear_each_other_and_muting_stops_only_the_agent(
    headset: PluggedHeadset, handset: Handset, customer: SipPhone
) -> None:
    talk = Conversation(handset, customer)
    talk.wait_customer_hears()
    headset.wait_heard(_CUSTOMER_HZ)
    handset.telephone.mute(talk.call_id, True)
    talk.wait_customer_hears(agent=False)
    assert headset.heard_dbfs(_CUSTOMER_HZ) > tones.HEARD_DBFS
    handset.telephone.mute(talk.call_id, False)
    talk.wait_customer_hears()


def test_a_call_that_rings_is_heard_on_the_ringer_and_the_headset_stays_quiet(
    jack_card: JackCard, headset: PluggedHeadset, handset: Handset, customer: SipPhone
) -> None:
    desk = jack_card.tap("desk")
    customer.call("8001")
    desk.wait_heard(659.26)
    assert headset.heard_dbfs(659.26) < tones.UNHEARD_DBFS
    handset.answer_next()
    desk.wait_quiet(659.26)


def test_a_headset_pulled_in_mid_call_hands_the_call_to_the_other_card_and_takes_it_back(
    jack_card: JackCard, headset: PluggedHeadset, handset: Handset, customer: SipPhone
) -> None:
    talk = Conversation(handset, customer)
    talk.wait_customer_hears()
    desk = jack_card.tap("desk")
    desk.say(_AGENT_HZ)
    headset.unplug()
    handset.expect(AudioChanged, lambda e: e.state.trouble is AudioTroubleKind.DEVICE_VANISHED)
    desk.wait_heard(_CUSTOMER_HZ)
    talk.wait_customer_hears()
    again = jack_card.plug_in("Headset One")
    again.say(_AGENT_HZ)
    again.wait_heard(_CUSTOMER_HZ)
    talk.wait_customer_hears()
    assert not talk.at_customer.ended
