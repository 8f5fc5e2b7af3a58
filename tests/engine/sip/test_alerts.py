"""What the agent hears besides voices."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from softphone.domain.call import CallState, CallView, Direction, EndCause, Party
from softphone.domain.ids import AccountId, CallId
from softphone.engine.audio.terms import Tone
from softphone.engine.sip.alerts import Alerts, busy_tone_fits

NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Card:
    """A sound card that notes what it plays."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def start_ringing(self, wav_path: str = "") -> None:
        self.told.append(f"ring {wav_path}")

    def stop_ringing(self) -> None:
        self.told.append("ring off")

    def start_tone(self, kind: Tone) -> None:
        self.told.append(kind)

    def stop_tone(self) -> None:
        self.told.append("tone off")


def call(state: CallState, *, silenced: bool = False) -> CallView:
    direction = Direction.INBOUND if state is CallState.INCOMING else Direction.OUTBOUND
    return CallView(CallId(state), AccountId("a"), direction, state, Party(), NOW, silenced=silenced)


INCOMING, RINGING = call(CallState.INCOMING), call(CallState.RINGING)
TALKING = call(CallState.ESTABLISHED)


@pytest.fixture
def card() -> Card:
    return Card()


@pytest.fixture
def alerts(card: Card) -> Alerts:
    alerts = Alerts(card)
    alerts.ringtone = "bell.wav"
    return alerts


def test_an_incoming_call_rings_until_it_is_gone(alerts: Alerts, card: Card) -> None:
    alerts.update([INCOMING], flowing=False)
    alerts.update([INCOMING], flowing=False)
    alerts.update([], flowing=False)
    assert card.told == ["ring bell.wav", "ring off"]


def test_a_silenced_call_does_not_ring(alerts: Alerts, card: Card) -> None:
    alerts.update([call(CallState.INCOMING, silenced=True)], flowing=False)
    assert card.told == []


def test_a_second_call_knocks_instead_of_ringing(alerts: Alerts, card: Card) -> None:
    alerts.update([TALKING, INCOMING], flowing=True)
    alerts.update([TALKING], flowing=True)
    assert card.told == ["call_waiting", "tone off"]


def test_when_the_talk_ends_the_waiting_call_rings(alerts: Alerts, card: Card) -> None:
    alerts.update([TALKING, INCOMING], flowing=True)
    alerts.update([INCOMING], flowing=False)
    assert card.told == ["call_waiting", "ring bell.wav", "tone off"]


def test_ringback_is_ours_only_while_no_sound_comes_from_there(alerts: Alerts, card: Card) -> None:
    alerts.update([RINGING], flowing=False)
    alerts.update([RINGING], flowing=True)
    assert card.told == ["ringback", "tone off"]


def test_busy_is_played_until_it_is_stopped_or_a_call_begins(alerts: Alerts, card: Card) -> None:
    alerts.play_busy()
    alerts.update([], flowing=False)
    assert card.told == ["busy"]
    alerts.update([INCOMING], flowing=False)
    assert card.told == ["busy", "ring bell.wav", "tone off"]


def test_busy_does_not_disturb_another_call() -> None:
    assert busy_tone_fits(EndCause.BUSY, [])
    assert not busy_tone_fits(EndCause.BUSY, [TALKING])
    assert not busy_tone_fits(EndCause.NORMAL, [])
