"""The computer's address changes in the middle of a call: the engine sits at the far end of a cable."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from softphone.domain.account import RegistrationState, RegistrationTrouble, Transport
from softphone.domain.audio import AudioChoice
from softphone.domain.call import EndCause
from softphone.domain.events import CallArrived, CallEnded, RegistrationChanged
from tests import tones
from tests.peers.asterisk import Asterisk
from tests.peers.network import Cable
from tests.peers.waiting import wait_for
from tests.phone.handset import Handset

AGENT_HZ, SERVER_HZ, RATE_HZ = 880, 440, 16_000


@pytest.fixture
def server(cable: Cable, asterisk_server: Asterisk, tmp_path: Path) -> Iterator[Asterisk]:
    """A telephone system at our end of the cable (`asterisk_server` only proves that there can be one)."""
    server = Asterisk(tmp_path / "pbx", host=cable.here)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def roaming(cable: Cable, server: Asterisk, tmp_path: Path) -> Iterator[Handset]:
    """A softphone at the far end, whose agent hums."""
    command = tuple(cable.inside([sys.executable, "-m", "softphone.engine"]))
    handset = Handset(tmp_path / "state", command=command)
    microphone = tones.write_wav(tmp_path / "mic.wav", tones.tone(AGENT_HZ, 2.0, RATE_HZ), RATE_HZ)
    card = f"file:{microphone},{tmp_path / 'speaker.wav'}"
    handset.start(
        AudioChoice(card, card, "null", echo_cancelling=False, noise_suppression=False, automatic_gain=False)
    )
    yield handset
    handset.close()


def move(cable: Cable, address: str) -> None:
    """Give the far end another address, as a new lease or another Wi-Fi does."""
    for command in (["flush"], ["add", f"{address}/29"]):
        verb, *rest = command
        subprocess.run(
            cable.inside(["ip", "addr", verb, *rest, "dev", cable._far_end]), check=True, capture_output=True
        )


def next_address(cable: Cable) -> str:
    network, _, last = cable.there.rpartition(".")
    return f"{network}.{int(last) + 1}"


@pytest.mark.parametrize("transport", [Transport.UDP, Transport.TCP])
def test_a_call_survives_a_new_address_with_sound_both_ways(
    cable: Cable, server: Asterisk, roaming: Handset, tmp_path: Path, transport: Transport
) -> None:
    roaming.sign_in(server, transport=transport)
    roaming.expect_registered()
    call_id = roaming.call_and_talk(f"61{SERVER_HZ:04d}")
    channel = server.wait_channel("7001")
    before = server.record(channel)
    wait_for(lambda: before.heard_from_leg_dbfs(AGENT_HZ) > tones.HEARD_DBFS, "the agent before")
    move(cable, next_address(cable))
    roaming.expect(RegistrationChanged, lambda e: e.registration.state is RegistrationState.WAITING)
    roaming.expect_registered(timeout_s=15)
    after = server.record(channel)
    wait_for(lambda: after.heard_from_leg_dbfs(AGENT_HZ) > tones.HEARD_DBFS, "the agent afterwards")
    speaker = tmp_path / "speaker.wav"
    one_second_more = speaker.stat().st_size + 2 * RATE_HZ
    wait_for(lambda: speaker.stat().st_size > one_second_more, "a second more in the agent's ear")
    assert _heard(speaker) > tones.HEARD_DBFS
    server.hang_up(channel)
    ended = roaming.expect(CallEnded)
    assert (ended.call_id, ended.cause, ended.by_us) == (call_id, EndCause.NORMAL, False)


@pytest.mark.parametrize("transport", [Transport.UDP, Transport.TCP])
def test_a_call_survives_a_pulled_cable_that_is_put_back(
    cable: Cable, server: Asterisk, roaming: Handset, transport: Transport
) -> None:
    roaming.sign_in(server, transport=transport)
    roaming.expect_registered()
    call_id = roaming.call_and_talk(f"61{SERVER_HZ:04d}")
    channel = server.wait_channel("7001")
    cable.unplug_there()
    gone = roaming.expect(
        RegistrationChanged, lambda e: e.registration.state is RegistrationState.WAITING, timeout_s=12
    ).registration
    assert gone.trouble is RegistrationTrouble.NETWORK_DOWN
    cable.plug_in_there()
    roaming.expect_registered(timeout_s=15)
    after = server.record(channel)
    wait_for(lambda: after.heard_from_leg_dbfs(AGENT_HZ) > tones.HEARD_DBFS, "the agent afterwards")
    assert roaming.heard(CallEnded) == []
    server.hang_up(channel)
    assert roaming.expect(CallEnded).call_id == call_id


def test_calls_arrive_at_the_new_address(cable: Cable, server: Asterisk, roaming: Handset) -> None:
    roaming.sign_in(server)
    roaming.expect_registered()
    move(cable, next_address(cable))
    roaming.expect_registered(timeout_s=15)
    assert len(server.contacts("7001")) == 1
    server.customer_calls("7001")
    roaming.expect(CallArrived)


def _heard(speaker: Path) -> float:
    samples, rate_hz = tones.read_wav(speaker)
    return tones.level_dbfs(samples[-rate_hz // 2 :], SERVER_HZ, rate_hz)
