"""The call's state table."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from softphone.domain.call import Call, CallState, CallView, Direction, EndCause, Party
from softphone.domain.errors import WrongState
from softphone.domain.ids import AccountId, CallId

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def call(state: CallState, direction: Direction = Direction.INBOUND) -> Call:
    return Call(CallView(CallId("c"), AccountId("a"), direction, state, Party("1"), NOW))


def test_an_answered_call_knows_how_long_it_was_talked() -> None:
    ours = call(CallState.INCOMING)
    assert ours.advance(CallState.ESTABLISHED, established_at=NOW)
    assert ours.view.talk_seconds(NOW + timedelta(seconds=7)) == 7
    assert ours.advance(CallState.TERMINATED, ended_at=NOW + timedelta(seconds=9), end_cause=EndCause.NORMAL)
    assert ours.view.talk_seconds(NOW + timedelta(hours=1)) == 9


def test_news_of_an_ended_call_changes_nothing() -> None:
    ours = call(CallState.INCOMING)
    ours.advance(CallState.TERMINATED, end_cause=EndCause.ABANDONED)
    assert not ours.advance(CallState.ESTABLISHED)
    assert not ours.note(muted=True)
    assert ours.view.end_cause is EndCause.ABANDONED


@pytest.mark.parametrize("state", [CallState.RINGING, CallState.EARLY, CallState.OUTGOING])
def test_an_incoming_call_never_rings_there(state: CallState) -> None:
    with pytest.raises(WrongState):
        call(CallState.INCOMING).advance(state)


def test_early_media_may_be_followed_by_ringing() -> None:
    ours = call(CallState.OUTGOING, Direction.OUTBOUND)
    assert ours.advance(CallState.EARLY)
    assert ours.advance(CallState.RINGING)
    assert ours.advance(CallState.ESTABLISHED)


def test_a_repeated_fact_is_no_change() -> None:
    ours = call(CallState.ESTABLISHED)
    assert ours.note(muted=True)
    assert not ours.note(muted=True)
