"""Summaries of waiting voice mail."""

from __future__ import annotations

import pytest

from softphone.engine.sip.message_waiting import Waiting, read_summary


@pytest.mark.parametrize(
    ("body", "waiting"),
    [
        (b"Messages-Waiting: yes\r\nVoice-Message: 2/8 (0/2)\r\n", Waiting(True, 2, 8)),
        (b"Messages-Waiting: no\r\n", Waiting()),
        (b"messages-waiting:YES\nMessage-Account: sip:x\nvoice-message:1/0", Waiting(True, 1, 0)),
        (b"", Waiting()),
        (b"\xff\x00Messages-Waiting: maybe", Waiting()),
    ],
)
def test_a_summary_is_read_as_far_as_it_goes(body: bytes, waiting: Waiting) -> None:
    assert read_summary(body) == waiting
