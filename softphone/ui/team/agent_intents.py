"""From the call card to supervision's use cases at the agent's desk: let a lead in or not, ask for help."""

from __future__ import annotations

from collections.abc import Callable

from softphone.domain.ids import CallId
from softphone.ui.main_window import MainWindow
from softphone.usecases.team.desk import TeamDesk


class AgentIntents:
    """Thread: main. `attempt` does something and tells the agent in words why it cannot be done."""

    def __init__(
        self, team: TeamDesk, window: MainWindow, attempt: Callable[[Callable[[], object]], bool]
    ) -> None:
        self._window = window
        supervised, helping = team.being_supervised, team.asking_for_help
        window.question.allowed.connect(lambda c: supervised.allow(CallId(c)))
        window.question.refused.connect(lambda c: supervised.deny(CallId(c)))
        window.stage.talking.help_wanted.connect(self._open_help)
        window.help.asked.connect(lambda reason: attempt(lambda: helping.ask(reason)))
        window.help.taken_back.connect(helping.take_back)

    def _open_help(self, call_id: str) -> None:
        self._window.keypad.shut()
        self._window.transfer.shut()
        self._window.help.open_for(CallId(call_id))
