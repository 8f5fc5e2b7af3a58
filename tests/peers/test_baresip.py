"""baresip at the far end of a cable: it answers a scripted telephone, and both hear each other."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests import tones
from tests.peers import baresip
from tests.peers.baresip import Baresip
from tests.peers.fixtures import peer_or_skip
from tests.peers.jack_card import JackCard
from tests.peers.network import Cable
from tests.peers.sip_phone import SipPhone
from tests.peers.waiting import wait_for


def test_a_call_over_the_cable_is_answered_and_heard(
    cable: Cable, pytestconfig: pytest.Config, tmp_path: Path
) -> None:
    peer_or_skip(pytestconfig, "baresip", baresip.tree)
    rival = Baresip(tmp_path / "baresip", cable, user="rival", server=(cable.here, 5060))
    phone = SipPhone((cable.there, rival.sip_port), "caller", host=cable.here)
    try:
        call = phone.call("rival", hum_hz=440)
        rival.wait_event("CALL_INCOMING")
        rival.command("accept")
        call.wait_established()
        wait_for(lambda: call.media.heard_dbfs(880) > tones.HEARD_DBFS, "baresip's tone")
        call.hang_up()
        rival.wait_event("CALL_CLOSED")
    finally:
        phone.close()
        rival.stop()


def test_baresip_speaks_and_hears_through_the_sound_card(
    cable: Cable, jack_card: JackCard, pytestconfig: pytest.Config, tmp_path: Path
) -> None:
    peer_or_skip(pytestconfig, "baresip", baresip.tree)
    person = jack_card.tap()
    person.say(1_200)
    rival = Baresip(
        tmp_path / "baresip",
        cable,
        user="rival",
        server=(cable.here, 5060),
        source="jack,default",
        player="jack,default",
        environment={**os.environ, **jack_card.environment},
    )
    phone = SipPhone((cable.there, rival.sip_port), "caller", host=cable.here)
    try:
        call = phone.call("rival", hum_hz=440)
        rival.wait_event("CALL_INCOMING")
        rival.command("accept")
        call.wait_established()
        person.wait_heard(440)
        wait_for(lambda: call.media.heard_dbfs(1_200) > tones.HEARD_DBFS, "the person at the sound card")
    finally:
        phone.close()
        rival.stop()
