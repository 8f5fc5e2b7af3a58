"""What an engine must be told again after its predecessor died. Thread: guarded by the supervisor's lock.

Passwords stay in this process's memory only.
"""

from __future__ import annotations

from dataclasses import replace

from softphone.domain.audio import AudioChoice, AudioRole
from softphone.domain.ids import AccountId
from softphone.engine import protocol


class EngineMemory:
    """Settings and open accounts as last commanded."""

    def __init__(self) -> None:
        self._settings = protocol.Configure()
        self._accounts: dict[AccountId, protocol.OpenAccount] = {}
        self._watching_levels = False
        self._watched: dict[tuple[AccountId, str], protocol.WatchLine] = {}
        self._policy: protocol.AllowSupervision | None = None
        self._followed: dict[tuple[AccountId, str], protocol.WatchPresence] = {}
        self._published: dict[AccountId, protocol.PublishPresence] = {}

    def note(self, command: protocol.Command) -> None:
        """Remember `command` if a new engine must hear it too."""
        if isinstance(command, protocol.Configure):
            self._settings = command
        elif isinstance(command, protocol.OpenAccount):
            self._accounts[command.account.id] = command
        elif isinstance(command, protocol.CloseAccount):
            self._accounts.pop(command.account_id, None)
        elif isinstance(command, protocol.ChooseAudio):
            self._settings = replace(self._settings, audio=command.choice)
        elif isinstance(command, protocol.SetVolume):
            self._settings = replace(self._settings, audio=_with_volume(self._settings.audio, command))
        elif isinstance(command, protocol.WatchLevels):
            self._watching_levels = command.on
        elif isinstance(command, protocol.WatchLine):
            self._watched[command.account_id, command.target] = command
        elif isinstance(command, protocol.StopWatchingLine):
            self._watched.pop((command.account_id, command.target), None)
        else:
            self._note_team(command)

    def _note_team(self, command: protocol.Command) -> None:
        if isinstance(command, protocol.AllowSupervision):
            self._policy = command
        elif isinstance(command, protocol.WatchPresence):
            self._followed[command.account_id, command.target] = command
        elif isinstance(command, protocol.StopWatchingPresence):
            self._followed.pop((command.account_id, command.target), None)
        elif isinstance(command, protocol.PublishPresence):
            self._published[command.account_id] = command

    def retold(self) -> list[protocol.Command]:
        """Everything a new engine has to hear, in order."""
        told: list[protocol.Command] = [self._settings]
        if self._policy is not None:
            told.append(self._policy)  # before an account can bring the first call
        told += [*self._accounts.values(), *self._watched.values()]
        told += [*self._followed.values(), *self._published.values()]
        if self._watching_levels:
            told.append(protocol.WatchLevels(True))
        return told


def _with_volume(choice: AudioChoice, volume: protocol.SetVolume) -> AudioChoice:
    if volume.role is AudioRole.MICROPHONE:
        return replace(choice, microphone_gain_db=volume.gain_db)
    if volume.role is AudioRole.SPEAKER:
        return replace(choice, speaker_gain_db=volume.gain_db)
    return replace(choice, ringer_gain_db=volume.gain_db)
