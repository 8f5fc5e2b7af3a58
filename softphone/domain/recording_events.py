"""What use cases publish about the recording of calls."""

from __future__ import annotations

from softphone.domain.events import Event
from softphone.domain.facts import dataclass
from softphone.domain.ids import CallId
from softphone.domain.recording import RecordingState


@dataclass(frozen=True, slots=True)
class RecordingChanged(Event):
    """The telephone system was asked to record, or not; or it could not be asked and all is as before."""

    call_id: CallId
    state: RecordingState
