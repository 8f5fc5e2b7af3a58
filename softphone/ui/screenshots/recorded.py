"""Scenes about the recording of calls."""

from __future__ import annotations

from datetime import timedelta

from softphone.domain.ids import CallId
from softphone.ui.screenshots.example_desk import ExampleDesk


def paused(world: ExampleDesk, call_id: CallId) -> None:
    """The caller reads out a card number; the telephone system was asked to pause."""
    world.desk.recording.toggle(call_id)
    world.clock.moment += timedelta(seconds=42)
