"""What requests about team and supervision do, and by what their success is known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import singledispatchmethod

from softphone.domain.errors import BadInput, Refused
from softphone.domain.supervision import SupervisionMode, SupervisionState
from softphone.domain.team import TeamView
from softphone.usecases.remote import team_pictures as pictures
from softphone.usecases.remote import team_requests as ask
from softphone.usecases.team.desk import TeamDesk

Condition = Callable[[], Mapping[str, object] | None]


class RemoteTeam:
    """Thread: main. `begin` starts the work and returns the condition of the answer."""

    def __init__(self, team: TeamDesk) -> None:
        self._team = team

    @singledispatchmethod
    def begin(self, request: ask.TeamRequest) -> Condition:
        raise BadInput("request", f"{type(request).__name__} is not known here")

    @begin.register
    def _show(self, _request: ask.Team) -> Condition:
        watching, current = self._team.watching, self._team.supervising.current
        supervisors = self._team.being_supervised.supervisors
        answer = {
            "agents": [pictures.row_picture(row) for row in watching.rows(TeamView())],
            "queues": [pictures.queue_picture(queue) for queue in watching.queues],
            "supervision": pictures.supervision_picture(current) if current is not None else None,
            "supervisors": [pictures.supervisor_picture(s) for s in supervisors],
        }
        return lambda: answer

    @begin.register
    def _supervise(self, request: ask.Supervise) -> Condition:
        self._team.supervising.supervise(request.agent, request.mode)
        return lambda: self._in_force(request.mode)

    def _in_force(self, mode: SupervisionMode) -> Mapping[str, object] | None:
        current = self._team.supervising.current
        if current is None or current.state is SupervisionState.ENDED:
            raise Refused("supervision", current.trouble if current and current.trouble else "it is over")
        if current.state is not SupervisionState.ACTIVE:
            return None
        if current.mode is not mode:
            raise Refused("mode", current.trouble or "another mode was asked for meanwhile")
        return {"supervision": pictures.supervision_picture(current)}

    @begin.register
    def _stop(self, _request: ask.StopSupervising) -> Condition:
        self._team.supervising.stop()
        return dict

    @begin.register
    def _let_in(self, request: ask.LetSupervisorIn) -> Condition:
        supervised = self._team.being_supervised
        asking = supervised.asking
        if asking is None:
            raise Refused("supervision", "nobody asks")
        decide = supervised.allow if request.allowed else supervised.deny
        decide(asking.call_id)

        def settled() -> Mapping[str, object] | None:
            if supervised.asking is not None and supervised.asking.call_id == asking.call_id:
                return None
            return {"supervisors": [pictures.supervisor_picture(s) for s in supervised.supervisors]}

        return settled

    @begin.register
    def _help(self, request: ask.Help) -> Condition:
        helping = self._team.asking_for_help
        if request.reason:
            helping.ask(request.reason)
        else:
            helping.take_back()
        return lambda: None if helping.own.waiting else {"help": pictures.own_help_picture(helping.own)}
