"""Desks of a team as real processes, each on a sound card of files, commanded by `softphone ctl`."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from softphone.demo.profile import DemoProfile
from softphone.domain.account import Account
from softphone.domain.audio import AudioChoice
from softphone.domain.ids import AccountId
from softphone.domain.settings import Settings
from softphone.domain.supervision import SupervisionMode
from softphone.domain.team_settings import TeamSettings
from tests import tones
from tests.cli.desk_process import RunningProgram
from tests.peers.waiting import wait_for

RATE_HZ = 16_000


@dataclass(frozen=True)
class Place:
    """Where a desk signs in."""

    host: str
    port: int
    domain: str = ""


class Ear:
    """What is played to one person."""

    def __init__(self, folder: Path) -> None:
        self.speaker = folder.with_name(f"{folder.name}-speaker.wav")

    def dbfs(self, frequency_hz: float, last_s: float = 0.5) -> float:
        """How loud the frequency was lately in this person's ear."""
        if not tones.is_begun(self.speaker) or time.time() - self.speaker.stat().st_mtime > 1.0:
            return tones.SILENCE_DBFS  # no call, nothing is played
        samples, rate_hz = tones.read_wav(self.speaker)
        return tones.level_dbfs(samples[-round(last_s * rate_hz) :], frequency_hz, rate_hz)


def humming_settings(
    folder: Path, place: Place, user: str, hum_hz: float, team: TeamSettings, settings: Settings | None = None
) -> Settings:
    """A desk signed in there, whose microphone hums."""
    sound = tones.tone(hum_hz, 2.0, RATE_HZ)
    microphone = tones.write_wav(folder.with_name(f"{folder.name}-mic.wav"), sound, RATE_HZ)
    card = f"file:{microphone},{Ear(folder).speaker}"
    audio = AudioChoice(
        card, card, "null", echo_cancelling=False, noise_suppression=False, automatic_gain=False
    )
    account = Account(AccountId("work"), place.host, user, port=place.port, domain=place.domain)
    return replace(settings or Settings(), accounts=(account,), audio=audio, team=team)


class TeamDesk(RunningProgram):
    """One person's running softphone that hums into its microphone."""

    def __init__(
        self,
        folder: Path,
        place: Place,
        user: str,
        password: str,
        hum_hz: float,
        team: TeamSettings,
        settings: Settings | None = None,
    ) -> None:
        self.user = user
        self._cut_off: list[int] = []
        self._ear = Ear(folder)
        made = humming_settings(folder, place, user, hum_hz, team, settings)
        super().__init__(folder, DemoProfile(made, {"account/work": password}))

    def heard_dbfs(self, frequency_hz: float, last_s: float = 0.5) -> float:
        return self._ear.dbfs(frequency_hz, last_s)

    def answer_next(self) -> None:
        wait_for(lambda: self.calls, f"a call at {self.user}", timeout_s=20)
        self.ok("answer")

    @property
    def calls(self) -> list[Mapping[str, Any]]:
        found = self.status()["calls"]
        assert isinstance(found, list)
        return found

    @property
    def registered(self) -> bool:
        return self._registered()

    def supervise(self, agent: str, mode: str = "listen") -> Mapping[str, Any]:
        """`softphone ctl supervise`; the answer's supervision."""
        found = self.ok("supervise", agent, "--mode", mode)["supervision"]
        assert isinstance(found, dict)
        return found

    def lose_network(self) -> None:
        """As if the cable were cut: from one moment to the next nothing comes from this phone any more, and
        nobody is told."""
        self._cut_off = _children(self.process.pid)
        for child in self._cut_off:
            os.kill(child, signal.SIGSTOP)

    def until_connected_again(self) -> None:
        """The desk has given up the engine that was cut off, and is registered with another."""
        wait_for(
            lambda: not set(self._cut_off) & set(_children(self.process.pid)), "another engine", timeout_s=30
        )
        wait_for(lambda: self.registered, "registered again", timeout_s=30)

    # --- as a lead, like `window_lead.WindowLead` ------------------------------------------------------

    def begin(self, agent: str, mode: SupervisionMode) -> str:
        """Listen to that agent; the name of the session, once the mode is in force."""
        self._agent = agent
        return self.change(mode)

    def change(self, mode: SupervisionMode) -> str:
        """Another mode for the same agent."""
        answer = self.supervise(self._agent, mode.value.replace("_", "-"))
        assert answer["mode"] == mode.value
        return str(answer["call"])

    def leave(self) -> None:
        self.ok("supervise", "stop")

    @property
    def supervises(self) -> bool:
        """Whether it is on an agent's call."""
        found = self.ok("team")["supervision"]
        return isinstance(found, dict) and found["state"] != "ended"


def _children(pid: int) -> list[int]:
    """Processes that this one has started, by whichever thread."""
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        found += [int(child) for child in (task / "children").read_text().split()]
    return found
