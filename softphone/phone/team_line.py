"""The team's port: each command becomes a message to the engine. Thread: the desk's main thread."""

from __future__ import annotations

from collections.abc import Callable

from softphone.domain.ids import AccountId, CallId
from softphone.domain.supervision import SupervisionMode, SupervisionPolicy
from softphone.domain.team import AgentPresence
from softphone.engine import protocol


class EngineTeamLine:
    """Implements `usecases.team.ports.TeamLine`. `tell` sends a command that a new engine hears too, `order`
    one about a call, which is refused aloud while no engine is there."""

    def __init__(
        self,
        tell: Callable[[protocol.Command], object],
        order: Callable[[protocol.Command, CallId | None], None],
    ) -> None:
        self._tell = tell
        self._order = order

    def allow_supervision(self, policy: SupervisionPolicy) -> None:
        self._tell(protocol.AllowSupervision(policy))

    def supervise(
        self, call_id: CallId, account_id: AccountId, target: str, mode: SupervisionMode, direct: bool
    ) -> None:
        self._order(protocol.Supervise(call_id, account_id, target, mode, direct), call_id)

    def change_supervision(self, call_id: CallId, mode: SupervisionMode) -> None:
        self._order(protocol.ChangeSupervision(call_id, mode), call_id)

    def open_microphone(self, call_id: CallId, on: bool) -> None:
        self._order(protocol.OpenMicrophone(call_id, on), call_id)

    def let_supervisor_in(self, call_id: CallId, allowed: bool) -> None:
        self._order(protocol.LetSupervisorIn(call_id, allowed), call_id)

    def ask_for_help(
        self, message_id: str, account_id: AccountId, target: str, reason: str, over: bool = False
    ) -> None:
        self._order(protocol.AskForHelp(message_id, account_id, target, reason, over), None)

    def tell_of_record(self, message_id: str, account_id: AccountId, target: str, text: str) -> None:
        self._order(protocol.TellOfRecord(message_id, account_id, target, text), None)

    def publish_presence(self, account_id: AccountId, presence: AgentPresence) -> None:
        self._tell(protocol.PublishPresence(account_id, presence))

    def watch_presence(self, account_id: AccountId, target: str) -> None:
        self._tell(protocol.WatchPresence(account_id, target))

    def unwatch_presence(self, account_id: AccountId, target: str) -> None:
        self._tell(protocol.StopWatchingPresence(account_id, target))
