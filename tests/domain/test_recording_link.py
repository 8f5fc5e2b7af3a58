"""Where the recording of a call is kept."""

from __future__ import annotations

import pytest

from softphone.domain.call import Invitation
from softphone.domain.recording_link import recording_link

NAMES = ("X-Recording-URL", "X-Recording")
GOOD = "https://rec.example.com/2026/03/02/17.wav?token=a"


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        ((("X-Recording-URL", GOOD),), GOOD),
        ((("x-recording-url", f"<{GOOD}>"),), GOOD),
        ((("X-Recording", GOOD),), GOOD),
        ((("X-Recording-URL", "17.wav"), ("X-Recording", GOOD)), GOOD),
        ((("X-Other", GOOD),), ""),
        ((("X-Recording-URL", "javascript:alert(1)"),), ""),
        ((("X-Recording-URL", "file:///etc/passwd"),), ""),
        ((("X-Recording-URL", "https://user:secret@rec.example.com/1"),), ""),
        ((("X-Recording-URL", "https://rec.example.com/a b"),), ""),
        ((("X-Recording-URL", "https://rec.example.com:x/"),), ""),
        ((), ""),
    ],
)
def test_only_a_web_address_is_a_link(headers: tuple[tuple[str, str], ...], found: str) -> None:
    assert recording_link(Invitation(headers=headers), NAMES) == found
