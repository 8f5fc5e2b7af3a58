"""Watched lines: what is told of them, and when."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from softphone.domain.account import Account
from softphone.domain.call import Direction
from softphone.domain.errors import BadInput
from softphone.domain.events import Event, LineStateChanged
from softphone.domain.ids import AccountId
from softphone.domain.lines import LineState
from softphone.engine.edge.events.event_bodies import DialogInfo, DialogState
from softphone.engine.sip.route import LineNews
from softphone.engine.sip.watching import WatchedLines, state_of

WORK = AccountId("work")
ACCOUNT = Account(WORK, "pbx.example", "7001")
START = datetime(2026, 1, 1, 8, tzinfo=UTC)


@dataclass
class Edge:
    """Notes what is subscribed."""

    watched: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)

    def watch(self, _account_id: AccountId, uri: str) -> str:
        self.watched.append(uri)
        return f"s{len(self.watched)}"

    def unwatch(self, subscription_id: str) -> None:
        self.ended.append(subscription_id)


class Board:
    def __init__(self) -> None:
        self.edge = Edge()
        self.told: list[LineStateChanged] = []
        self.now = START
        self.lines = WatchedLines(self.edge, self._publish, lambda: self.now)

    def _publish(self, event: Event) -> None:
        assert isinstance(event, LineStateChanged)
        self.told.append(event)

    def hear(self, *dialogs: DialogInfo, subscription: str = "s1") -> None:
        self.now += timedelta(seconds=1)
        self.lines.follow(LineNews(WORK, subscription, dialogs))

    @property
    def states(self) -> list[LineState]:
        return [event.state for event in self.told]


@pytest.fixture
def board() -> Board:
    made = Board()
    made.lines.watch(WORK, "7002", ACCOUNT)
    return made


RINGING = DialogInfo("d", DialogState.EARLY, True, "Maria", "sip:+4930123@pbx")
TALKING = DialogInfo("d", DialogState.CONFIRMED, True, "Maria", "sip:+4930123@pbx")


def test_nothing_is_known_until_the_server_has_spoken(board: Board) -> None:
    assert board.states == [LineState.UNKNOWN]
    assert board.edge.watched == ["sip:7002@pbx.example"]


def test_a_call_rings_is_answered_and_ends(board: Board) -> None:
    board.hear()
    board.hear(RINGING)
    board.hear(TALKING)
    board.hear()
    assert board.states[1:] == [LineState.IDLE, LineState.RINGING, LineState.TALKING, LineState.IDLE]
    rings = board.told[2]
    assert (rings.direction, rings.remote_number, rings.remote_name) == (
        Direction.INBOUND,
        "+4930123",
        "Maria",
    )
    assert (rings.calls, board.told[-1].calls) == (1, 0)


def test_a_state_that_stays_keeps_its_beginning(board: Board) -> None:
    board.hear(TALKING)
    board.hear(TALKING, DialogInfo("e", DialogState.CONFIRMED, False))
    assert (board.told[-1].calls, board.told[-1].since) == (2, START + timedelta(seconds=1))


def test_the_same_news_again_is_no_news(board: Board) -> None:
    board.hear(TALKING)
    before = len(board.told)
    board.hear(TALKING)
    assert len(board.told) == before


def test_an_answered_call_tells_more_than_one_that_rings() -> None:
    state, telling, calls = state_of((RINGING, DialogInfo("e", DialogState.CONFIRMED, False)))
    assert (state, telling and telling.id, calls) == (LineState.TALKING, "e", 2)


@pytest.mark.parametrize(
    ("dialog", "state"),
    [
        (DialogInfo("d", DialogState.TRYING, False), LineState.CALLING),
        (DialogInfo("d", DialogState.EARLY, False), LineState.CALLING),
        (DialogInfo("d", DialogState.TRYING, True), LineState.RINGING),
        (DialogInfo("d", DialogState.EARLY, None), LineState.RINGING),
        (DialogInfo("d", DialogState.TRYING, None), LineState.CALLING),
        (DialogInfo("d", DialogState.CONFIRMED, None), LineState.TALKING),
        (DialogInfo("d", DialogState.TERMINATED, None), LineState.IDLE),
    ],
)
def test_states_of_one_call(dialog: DialogInfo, state: LineState) -> None:
    assert state_of((dialog,))[0] is state


def test_watching_twice_subscribes_once_and_tells_again(board: Board) -> None:
    board.hear(TALKING)
    board.lines.watch(WORK, "7002", ACCOUNT)
    assert len(board.edge.watched) == 1
    assert board.states[-2:] == [LineState.TALKING, LineState.TALKING]


def test_lost_connections_make_the_state_unknown_and_refusals_are_told(board: Board) -> None:
    board.hear(TALKING)
    board.lines.follow(LineNews(WORK, "s1", None))
    board.lines.follow(LineNews(WORK, "s1", None, refused=True))
    assert board.states[-2:] == [LineState.UNKNOWN, LineState.REFUSED]


def test_a_line_watched_before_signing_in_is_subscribed_then() -> None:
    board = Board()
    board.lines.watch(WORK, "7002", None)
    assert board.edge.watched == []
    board.lines.account_opened(ACCOUNT)
    assert board.edge.watched == ["sip:7002@pbx.example"]


def test_signing_in_again_subscribes_again(board: Board) -> None:
    board.hear(TALKING)
    board.lines.account_closed(WORK)
    assert (board.edge.ended, board.states[-1]) == (["s1"], LineState.UNKNOWN)
    board.lines.account_opened(ACCOUNT)
    board.hear(subscription="s2")
    assert board.states[-1] is LineState.IDLE


def test_news_of_a_line_that_is_not_watched_any_more_are_ignored(board: Board) -> None:
    board.lines.unwatch(WORK, "7002")
    board.hear(TALKING)
    board.lines.unwatch(WORK, "7002")
    assert (board.edge.ended, board.states) == (["s1"], [LineState.UNKNOWN])


def test_what_is_no_address_is_not_watched(board: Board) -> None:
    with pytest.raises(BadInput):
        board.lines.watch(WORK, "sip:", ACCOUNT)
    board.lines.account_opened(ACCOUNT)
    assert {event.target for event in board.told} == {"7002"}
