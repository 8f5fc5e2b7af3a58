"""How long the desk waits for an engine that says nothing; on a clock of the test's own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from softphone.domain.events import EngineAttached, Event
from softphone.engine import protocol
from softphone.phone import supervisor
from softphone.phone.supervisor import START_LIMIT_S, Supervisor

TURN_S = 0.25


class QuietLink:
    """An engine that attaches, then answers except where `silent` says; a turn takes what `turn_s` says."""

    def __init__(
        self, silent: Callable[[float], bool], turn_s: Callable[[float], float] = lambda _: TURN_S
    ) -> None:
        self.now = 1_000.0
        self._began = self.now
        self._silent = silent
        self._turn_s = turn_s
        self._attached = False

    @property
    def age_s(self) -> float:
        return self.now - self._began

    def monotonic(self) -> float:
        return self.now

    def receive(self, timeout_s: float) -> Event | protocol.Pong | None:
        self.now += self._turn_s(self.age_s)
        if not self._attached:
            self._attached = True
            return EngineAttached(1)
        if self.age_s > 200.0:
            raise EOFError
        return None if self._silent(self.age_s) else protocol.Pong(1)

    def send(self, command: protocol.Command) -> None:
        """Pings are not needed here."""


def judged(link: QuietLink, folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(supervisor, "time", link)
    try:
        return Supervisor(lambda _: None, folder)._read(link)  # type: ignore[arg-type]  # as much of a link as is used
    except EOFError:
        return "lives"


def test_an_engine_that_falls_silent_is_given_up_after_three_seconds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = QuietLink(lambda age_s: age_s > 60.0)
    assert judged(link, tmp_path, monkeypatch) == "hangs"
    assert 63.0 <= link.age_s < 64.0


def test_an_engine_that_has_just_started_may_be_busy_for_longer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = QuietLink(lambda age_s: age_s > 1.0)
    assert judged(link, tmp_path, monkeypatch) == "hangs"
    assert START_LIMIT_S <= link.age_s < START_LIMIT_S + 2.0


def test_while_the_desk_itself_gets_no_turn_the_engine_is_not_blamed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    starved = QuietLink(
        lambda age_s: 30.0 < age_s < 36.0, lambda age_s: 2.0 if 30.0 < age_s < 35.0 else TURN_S
    )
    assert judged(starved, tmp_path, monkeypatch) == "lives"
