"""The telephone port: each command becomes a message to the engine. Thread: the desk's main thread.

Nothing here blocks except `shut_down`; answers come as domain events from the supervisor's thread.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

from softphone.domain.account import Account
from softphone.domain.audio import AudioChoice, AudioRole, SoundTest
from softphone.domain.call import DtmfMethod
from softphone.domain.events import CommandRefused, Event, RefusalReason, TraceExported
from softphone.domain.ids import AccountId, CallId
from softphone.domain.settings import CallSettings
from softphone.domain.sip_trace import TraceFormat
from softphone.engine import protocol
from softphone.phone.supervisor import Supervisor
from softphone.phone.team_line import EngineTeamLine


class EngineTelephone:
    """Implements `usecases.ports.Telephone` by the engine process that belongs to `state_dir`.

    `post` is called on the supervisor's thread for events and on the caller's for refused commands.
    `ahead` is an engine that `spawn.ahead` has started.
    """

    def __init__(
        self,
        post: Callable[[Event], None],
        state_dir: Path,
        command: Sequence[str] | None = None,
        ahead: subprocess.Popen[bytes] | None = None,
    ) -> None:
        self._post = post
        self._supervisor = Supervisor(post, state_dir, command, ahead)
        self.team = EngineTeamLine(self._supervisor.send, self._order)

    def start(self, calls: CallSettings, audio: AudioChoice) -> None:
        self._supervisor.send(protocol.Configure(audio, calls.dtmf, calls.codecs, calls.ringtone))
        self._supervisor.start()

    def open_account(self, account: Account, password: str) -> None:
        self._supervisor.send(protocol.OpenAccount(account, password))

    def close_account(self, account_id: AccountId) -> None:
        self._supervisor.send(protocol.CloseAccount(account_id))

    def register_now(self, account_id: AccountId) -> None:
        self._supervisor.send(protocol.RegisterNow(account_id))

    def place_call(
        self, call_id: CallId, account_id: AccountId, target: str, headers: tuple[tuple[str, str], ...] = ()
    ) -> None:
        self._order(protocol.PlaceCall(call_id, account_id, target, headers), call_id)

    def answer(self, call_id: CallId) -> None:
        self._order(protocol.AnswerCall(call_id), call_id)

    def reject(self, call_id: CallId, sip_code: int) -> None:
        self._order(protocol.RejectCall(call_id, sip_code), call_id)

    def silence_ringer(self, call_id: CallId) -> None:
        self._order(protocol.SilenceRinger(call_id), call_id)

    def hang_up(self, call_id: CallId) -> None:
        self._order(protocol.HangUp(call_id), call_id)

    def hold(self, call_id: CallId) -> None:
        self._order(protocol.HoldCall(call_id), call_id)

    def resume(self, call_id: CallId) -> None:
        self._order(protocol.ResumeCall(call_id), call_id)

    def mute(self, call_id: CallId, muted: bool) -> None:
        self._order(protocol.MuteCall(call_id, muted), call_id)

    def send_dtmf(self, call_id: CallId, digits: str, method: DtmfMethod | None = None) -> None:
        self._order(protocol.SendDtmf(call_id, digits, method), call_id)

    def transfer(self, call_id: CallId, target: str) -> None:
        self._order(protocol.TransferCall(call_id, target), call_id)

    def transfer_to_call(self, call_id: CallId, consultation_id: CallId) -> None:
        self._order(protocol.TransferToCall(call_id, consultation_id), call_id)

    def join_calls(self, call_ids: tuple[CallId, ...]) -> None:
        self._order(protocol.JoinCalls(call_ids), call_ids[0] if call_ids else None)

    def choose_audio(self, choice: AudioChoice) -> None:
        self._supervisor.send(protocol.ChooseAudio(choice))

    def refresh_devices(self) -> None:
        self._supervisor.send(protocol.RefreshDevices())

    def set_volume(self, role: AudioRole, gain_db: float) -> None:
        self._supervisor.send(protocol.SetVolume(role, gain_db))

    def watch_levels(self, on: bool) -> None:
        self._supervisor.send(protocol.WatchLevels(on))

    def start_sound_test(self, test: SoundTest) -> None:
        self._order(protocol.StartSoundTest(test), None)

    def stop_sound_test(self) -> None:
        self._order(protocol.StopSoundTest(), None)

    def watch_line(self, account_id: AccountId, target: str) -> None:
        self._supervisor.send(protocol.WatchLine(account_id, target))

    def unwatch_line(self, account_id: AccountId, target: str) -> None:
        self._supervisor.send(protocol.StopWatchingLine(account_id, target))

    def export_trace(self, path: str, form: TraceFormat) -> None:
        if not self._supervisor.send(protocol.ExportTrace(path, form)):
            self._post(TraceExported(path, 0, "the engine is being started"))

    def shut_down(self) -> None:
        self._supervisor.stop()

    def _order(self, command: protocol.Command, call_id: CallId | None) -> None:
        if not self._supervisor.send(command):
            name = type(command).__name__
            self._post(CommandRefused(name, RefusalReason.FAILED, call_id, "the engine is being started"))
