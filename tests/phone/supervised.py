"""A supervised call in which everybody hums another tone: who hears whom is measured, never believed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from softphone.domain.audio import AudioChoice
from softphone.domain.supervision import SupervisionMode, Voice, hears
from tests import tones
from tests.peers.waiting import wait_for
from tests.phone.handset import Handset

CUSTOMER_HZ, AGENT_HZ, LEAD_HZ, SECOND_LEAD_HZ = 440, 880, 1200, 1560
RATE_HZ, CUSTOMERS_RATE_HZ = 16_000, 8_000
NEVER_DBFS = -60.0
"""What the customer may hear of a lead in every mode but barge and take over."""
HZ = {Voice.CUSTOMER: CUSTOMER_HZ, Voice.AGENT: AGENT_HZ, Voice.LEAD: LEAD_HZ}


@dataclass
class HummingHandset:
    """A softphone on a sound card of files, and what its user hears."""

    handset: Handset
    speaker: Path

    def heard_dbfs(self, frequency_hz: float, last_s: float = 0.5) -> float:
        if not tones.is_begun(self.speaker):
            return tones.SILENCE_DBFS
        samples, rate_hz = tones.read_wav(self.speaker)
        return tones.level_dbfs(samples[-round(last_s * rate_hz) :], frequency_hz, rate_hz)


def humming(handset: Handset, folder: Path, name: str, frequency_hz: float) -> HummingHandset:
    """Give `handset` a sound card whose microphone hums."""
    sound = tones.tone(frequency_hz, 2.0, RATE_HZ)
    microphone = tones.write_wav(folder / f"{name}-mic.wav", sound, RATE_HZ)
    speaker = folder / f"{name}-speaker.wav"
    card = f"file:{microphone},{speaker}"
    handset.telephone.choose_audio(
        AudioChoice(card, card, "null", echo_cancelling=False, noise_suppression=False, automatic_gain=False)
    )
    return HummingHandset(handset, speaker)


@dataclass
class Ears:
    """How loud each party hears a frequency lately, and everything that the customer has heard so far.

    A moment of the past is a number of samples (`mark`): on hold, and after the end, a customer hears nothing
    at all, and seconds would reach further back than they should.
    """

    customer: Callable[[float], float]
    agent: Callable[[float], float]
    lead: Callable[[float], float]
    customer_sound: Callable[[], tones.Samples]
    figures: dict[str, float] = field(default_factory=dict)

    def level(self, listener: Voice, speaker: Voice) -> float:
        ears = {Voice.CUSTOMER: self.customer, Voice.AGENT: self.agent, Voice.LEAD: self.lead}
        return ears[listener](HZ[speaker])

    def expect(self, mode: SupervisionMode) -> None:
        """Wait until everybody hears exactly whom the mode lets them hear, and for half a second more."""
        try:
            wait_for(lambda: not self._wrong(mode), f"{mode} heard as it should", timeout_s=20, poll_s=0.1)
        except AssertionError as exc:
            raise AssertionError(f"{exc}: {self._wrong(mode)}") from None

    def _wrong(self, mode: SupervisionMode) -> list[str]:
        found = []
        for listener in Voice:
            for speaker in Voice:
                if listener is speaker:
                    continue
                level, wanted = self.level(listener, speaker), hears(mode, listener, speaker)
                self.figures[f"{mode}: {listener} hears {speaker}"] = round(level, 1)
                if wanted != (level > tones.HEARD_DBFS) or (not wanted and level > tones.UNHEARD_DBFS):
                    found.append(f"{listener} hears {speaker} at {level:.0f} dBFS")
        return found

    def mark(self) -> int:
        """This moment in what the customer hears."""
        return len(self.customer_sound())

    def customer_since(self, mark: int, frequency_hz: float) -> float:
        """The loudest that the customer heard of a frequency since then."""
        return tones.loudest_dbfs(self.customer_sound()[mark:], frequency_hz, CUSTOMERS_RATE_HZ)

    def expect_customer_never_heard_lead(self, since: int) -> float:
        """Over everything the customer heard since that mark, also around changes."""
        level = self.customer_since(since, LEAD_HZ)
        assert level <= NEVER_DBFS, f"the customer heard the lead at {level:.1f} dBFS"
        return level
