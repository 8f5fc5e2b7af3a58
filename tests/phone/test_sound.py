"""Sound through engine, edge and telephone system, with a sound card made of files."""

from __future__ import annotations

from pathlib import Path

import pytest

from softphone.domain.audio import AudioChoice
from softphone.domain.events import AudioLevelsMeasured, CallEstablished, CallMuteChanged
from tests import tones
from tests.peers.asterisk import Asterisk
from tests.peers.sip_phone import SipPhone
from tests.peers.waiting import wait_for
from tests.phone.handset import Handset

pytestmark = pytest.mark.alone

AGENT_HZ, CUSTOMER_HZ, MUSIC_HZ = 880, 440, 523
RATE_HZ = 16_000


@pytest.fixture
def speaker(tmp_path: Path) -> Path:
    return tmp_path / "speaker.wav"


@pytest.fixture
def humming(asterisk: Asterisk, handset: Handset, tmp_path: Path, speaker: Path) -> Handset:
    """A registered softphone whose agent hums 880 Hz."""
    microphone = tones.write_wav(tmp_path / "mic.wav", tones.tone(AGENT_HZ, 2.0, RATE_HZ), RATE_HZ)
    card = f"file:{microphone},{speaker}"
    handset.telephone.choose_audio(
        AudioChoice(card, card, "null", echo_cancelling=False, noise_suppression=False, automatic_gain=False)
    )
    return handset


def heard_dbfs(speaker: Path, frequency_hz: float, last_s: float = 0.5) -> float:
    """How loud the frequency was lately in the agent's ear."""
    if not tones.is_begun(speaker):
        return tones.SILENCE_DBFS
    samples, rate_hz = tones.read_wav(speaker)
    return tones.level_dbfs(samples[-round(last_s * rate_hz) :], frequency_hz, rate_hz)


def test_agent_and_customer_hear_each_other(asterisk: Asterisk, humming: Handset, speaker: Path) -> None:
    customer = asterisk.customer_calls("7001", tone_hz=CUSTOMER_HZ)
    humming.answer_next()
    recording = customer.record()
    wait_for(lambda: heard_dbfs(speaker, CUSTOMER_HZ) > tones.HEARD_DBFS, "the customer in the agent's ear")
    wait_for(lambda: recording.hears_dbfs(AGENT_HZ) > tones.HEARD_DBFS, "the agent in the customer's ear")


def test_a_muted_agent_is_not_heard_but_hears(asterisk: Asterisk, humming: Handset, speaker: Path) -> None:
    asterisk.customer_calls("7001", tone_hz=CUSTOMER_HZ)
    call_id = humming.answer_next()
    humming.telephone.mute(call_id, True)
    humming.expect(CallMuteChanged)
    recording = asterisk.record(asterisk.wait_channel("7001"))
    wait_for(lambda: heard_dbfs(speaker, CUSTOMER_HZ) > tones.HEARD_DBFS, "the customer in the agent's ear")
    wait_for(lambda: recording.sent_to_leg_dbfs(CUSTOMER_HZ) > tones.HEARD_DBFS, "the recording")
    assert recording.heard_from_leg_dbfs(AGENT_HZ) < tones.UNHEARD_DBFS
    humming.telephone.mute(call_id, False)
    wait_for(lambda: recording.heard_from_leg_dbfs(AGENT_HZ) > tones.HEARD_DBFS, "the agent again")


def test_while_held_the_other_side_hears_the_server_s_music_and_then_the_agent_again(
    humming: Handset, colleague: SipPhone
) -> None:
    humming.call("7004")
    call = colleague.wait_incoming()
    call.answer()
    call_id = humming.expect(CallEstablished).call_id
    wait_for(lambda: call.media.heard_dbfs(AGENT_HZ) > tones.HEARD_DBFS, "the agent")
    humming.telephone.hold(call_id)
    wait_for(lambda: call.media.heard_dbfs(MUSIC_HZ) > tones.HEARD_DBFS, "the music")
    wait_for(lambda: call.media.heard_dbfs(AGENT_HZ) < tones.UNHEARD_DBFS, "the agent's silence")
    humming.telephone.resume(call_id)
    wait_for(lambda: call.media.heard_dbfs(AGENT_HZ) > tones.HEARD_DBFS, "the agent again")


def test_the_meters_show_both_directions(asterisk: Asterisk, humming: Handset) -> None:
    asterisk.customer_calls("7001", tone_hz=CUSTOMER_HZ)
    humming.answer_next()
    humming.telephone.watch_levels(True)
    humming.expect(AudioLevelsMeasured, lambda e: e.microphone_dbfs > -40 and e.speaker_dbfs > -40)
    humming.telephone.watch_levels(False)
