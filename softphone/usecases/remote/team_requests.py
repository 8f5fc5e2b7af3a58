"""What leads, and those whom they lead, can ask for. Names and fields are a promise (docs/ctl.md)."""

from __future__ import annotations

from softphone.domain.facts import dataclass
from softphone.domain.supervision import SupervisionMode
from softphone.usecases.remote.request import Request


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamRequest(Request):
    """Root of what leads, and those whom they lead, can ask for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Team(TeamRequest):
    """The team as its lead sees it, in the order of urgency."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Supervise(TeamRequest):
    """Listen to an agent, or change what is done there; answered when the mode is in force."""

    agent: str
    mode: SupervisionMode = SupervisionMode.LISTEN


@dataclass(frozen=True, slots=True, kw_only=True)
class StopSupervising(TeamRequest):
    """Leave the agent's call; answered when it is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LetSupervisorIn(TeamRequest):
    """The agent's answer to a lead who asks."""

    allowed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Help(TeamRequest):
    """Ask all leads for help; empty: take the request back. Answered when each lead's phone has answered."""

    reason: str = ""
