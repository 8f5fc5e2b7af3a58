"""The recording of a call as JSON-able values. Field names are a promise (docs/ctl.md)."""

from __future__ import annotations

from typing import TypedDict

from softphone.domain.ids import CallId
from softphone.usecases.calls.recording import CallRecording


class RecordingPicture(TypedDict):
    """`state` is what the telephone system was asked for, `possible` what it can be asked for now."""

    call_id: str
    policy: str
    state: str
    possible: str


def recording_picture(call_id: CallId, how: CallRecording) -> RecordingPicture:
    return {
        "call_id": call_id,
        "policy": how.rules.policy.value,
        "state": how.state.value,
        "possible": how.possible.value if how.possible else "",
    }
