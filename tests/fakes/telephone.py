"""A telephone whose other side the test plays; held to `tests/contracts/test_telephone.py`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from softphone.domain.account import Account, Registration, RegistrationState, RegistrationTrouble
from softphone.domain.audio import AudioChoice, AudioRole, AudioState, SoundTest, SoundTestPhase, SoundTrial
from softphone.domain.call import (
    CallState,
    CallView,
    Direction,
    DtmfMethod,
    EndCause,
    Invitation,
    MediaFacts,
    Party,
)
from softphone.domain.events import (
    AudioChanged,
    CallArrived,
    CallEnded,
    CallEstablished,
    CallHoldChanged,
    CallMuteChanged,
    CallProgressed,
    CallTransferProgressed,
    CommandRefused,
    EngineAttached,
    EngineLost,
    Event,
    LineStateChanged,
    RefusalReason,
    RegistrationChanged,
    SoundTestChanged,
    TraceExported,
)
from softphone.domain.ids import AccountId, CallId
from softphone.domain.lines import LineState
from softphone.domain.settings import CallSettings
from softphone.domain.sip_trace import TraceFormat
from tests.fakes.clock import FakeClock


@dataclass
class FakeTelephone:
    """Implements `usecases.ports.Telephone`: obedient, with a registrar that knows one password.

    `post` must queue (a real engine never answers inside a command). Methods under "the other side" are what
    the network does.
    """

    post: Callable[[Event], None]
    clock: FakeClock
    right_password: str = "secret"
    commands: list[tuple[object, ...]] = field(default_factory=list)
    accounts: dict[AccountId, Account] = field(default_factory=dict)
    calls: dict[CallId, CallView] = field(default_factory=dict)
    watched: set[tuple[AccountId, str]] = field(default_factory=set)
    pid: int = 4711

    # --- the port ---------------------------------------------------------------------------------------

    def start(self, calls: CallSettings, audio: AudioChoice) -> None:
        self.commands.append(("start",))
        state = AudioState(audio.microphone, audio.speaker, audio.ringer)
        self.post(EngineAttached(self.pid, calls=tuple(self.calls.values()), audio=state))

    def open_account(self, account: Account, password: str) -> None:
        self.commands.append(("open_account", account.id))
        self.accounts[account.id] = account
        if password == self.right_password:
            self.registered(account.id)
        else:
            self.post(
                RegistrationChanged(
                    Registration(
                        account.id,
                        RegistrationState.REFUSED,
                        RegistrationTrouble.WRONG_CREDENTIALS,
                        401,
                        "Unauthorized",
                    )
                )
            )

    def close_account(self, account_id: AccountId) -> None:
        self.commands.append(("close_account", account_id))
        if self.accounts.pop(account_id, None):
            self.post(RegistrationChanged(Registration(account_id)))

    def register_now(self, account_id: AccountId) -> None:
        self.commands.append(("register_now", account_id))

    def place_call(
        self, call_id: CallId, account_id: AccountId, target: str, headers: tuple[tuple[str, str], ...] = ()
    ) -> None:
        self.commands.append(("place_call", call_id, target))
        if account_id not in self.accounts:
            self.post(CommandRefused("PlaceCall", RefusalReason.NOT_REGISTERED, call_id))
            return
        self.calls[call_id] = CallView(
            call_id,
            account_id,
            Direction.OUTBOUND,
            CallState.OUTGOING,
            Party(target),
            self.clock.now(),
        )

    def answer(self, call_id: CallId) -> None:
        self.commands.append(("answer", call_id))
        if self._live(call_id):
            for other in self.calls.values():
                if other.state is CallState.ESTABLISHED:
                    self.hold(other.id)
            self.establish(call_id)

    def reject(self, call_id: CallId, sip_code: int) -> None:
        self.commands.append(("reject", call_id, sip_code))
        self._end(call_id, EndCause.REJECTED, by_us=True, sip_code=sip_code)

    def silence_ringer(self, call_id: CallId) -> None:
        self.commands.append(("silence_ringer", call_id))

    def hang_up(self, call_id: CallId) -> None:
        self.commands.append(("hang_up", call_id))
        call = self.calls.get(call_id)
        established = call is not None and call.state is CallState.ESTABLISHED
        self._end(call_id, EndCause.NORMAL if established else EndCause.CANCELLED, by_us=True)

    def hold(self, call_id: CallId) -> None:
        self.commands.append(("hold", call_id))
        self._set_hold(call_id, True)

    def resume(self, call_id: CallId) -> None:
        self.commands.append(("resume", call_id))
        self._set_hold(call_id, False)

    def mute(self, call_id: CallId, muted: bool) -> None:
        self.commands.append(("mute", call_id, muted))
        if self._live(call_id):
            self.post(CallMuteChanged(call_id, muted))

    def send_dtmf(self, call_id: CallId, digits: str, method: DtmfMethod | None = None) -> None:
        self.commands.append(("send_dtmf", call_id, digits, method))

    def transfer(self, call_id: CallId, target: str) -> None:
        self.commands.append(("transfer", call_id, target))
        self._transfer_done(call_id)

    def transfer_to_call(self, call_id: CallId, consultation_id: CallId) -> None:
        self.commands.append(("transfer_to_call", call_id, consultation_id))
        self._transfer_done(call_id)
        self._end(consultation_id, EndCause.TRANSFERRED)

    def join_calls(self, call_ids: tuple[CallId, ...]) -> None:
        self.commands.append(("join_calls", call_ids))
        for call_id in call_ids:
            self._set_hold(call_id, False)

    def choose_audio(self, choice: AudioChoice) -> None:
        self.commands.append(("choose_audio", choice))
        self.post(AudioChanged(AudioState(choice.microphone, choice.speaker, choice.ringer)))

    def refresh_devices(self) -> None:
        self.commands.append(("refresh_devices",))
        self.post(AudioChanged(AudioState()))

    def set_volume(self, role: AudioRole, gain_db: float) -> None:
        self.commands.append(("set_volume", role, gain_db))

    def watch_levels(self, on: bool) -> None:
        self.commands.append(("watch_levels", on))

    def start_sound_test(self, test: SoundTest) -> None:
        self.commands.append(("start_sound_test", test))
        if any(call.state is CallState.ESTABLISHED for call in self.calls.values()):
            self.post(CommandRefused("StartSoundTest", RefusalReason.WRONG_STATE))
            return
        phase = SoundTestPhase.RINGING if test is SoundTest.RING else SoundTestPhase.LISTENING
        self.post(SoundTestChanged(SoundTrial(test, phase)))

    def stop_sound_test(self) -> None:
        self.commands.append(("stop_sound_test",))
        self.post(SoundTestChanged(SoundTrial()))

    def watch_line(self, account_id: AccountId, target: str) -> None:
        self.commands.append(("watch_line", account_id, target))
        self.watched.add((account_id, target))
        self.line(account_id, target, LineState.IDLE if account_id in self.accounts else LineState.UNKNOWN)

    def unwatch_line(self, account_id: AccountId, target: str) -> None:
        self.commands.append(("unwatch_line", account_id, target))
        self.watched.discard((account_id, target))

    def export_trace(self, path: str, form: TraceFormat) -> None:
        self.commands.append(("export_trace", path, form))
        self.post(TraceExported(path, 7))

    def shut_down(self) -> None:
        self.commands.append(("shut_down",))
        self.accounts.clear()
        self.calls.clear()

    # --- the other side ---------------------------------------------------------------------------------

    def registered(self, account_id: AccountId) -> None:
        self.post(
            RegistrationChanged(
                Registration(account_id, RegistrationState.REGISTERED, sip_code=200, expires_s=300)
            )
        )

    def registrar_gone(self, account_id: AccountId) -> None:
        self.post(
            RegistrationChanged(
                Registration(
                    account_id, RegistrationState.WAITING, RegistrationTrouble.NO_ANSWER, 408, retry_in_s=7
                )
            )
        )

    def ring(
        self,
        call_id: str = "in-1",
        user: str = "+493012345678",
        headers: tuple[tuple[str, str], ...] = (),
        dnis: str = "",
        party: Party | None = None,
    ) -> CallId:
        """An INVITE arrives."""
        name = CallId(call_id)
        account_id = next(iter(self.accounts), AccountId("a"))
        invitation = Invitation(dnis=dnis, to_user=dnis, headers=headers)
        caller = party or Party(user=user)
        self.calls[name] = CallView(
            name, account_id, Direction.INBOUND, CallState.INCOMING, caller, self.clock.now(), invitation
        )
        self.post(CallArrived(name, account_id, caller, invitation, self.clock.now()))
        return name

    def progress(self, call_id: CallId, state: CallState = CallState.RINGING, sip_code: int = 180) -> None:
        self.calls[call_id] = replace(self.calls[call_id], state=state)
        self.post(CallProgressed(call_id, state, sip_code))

    def establish(self, call_id: CallId) -> None:
        self.calls[call_id] = replace(
            self.calls[call_id], state=CallState.ESTABLISHED, established_at=self.clock.now()
        )
        self.post(CallEstablished(call_id, self.clock.now(), MediaFacts("PCMA", 8000)))

    def end(self, call_id: CallId, cause: EndCause = EndCause.NORMAL, sip_code: int = 0) -> None:
        """The other side or the server ends the call."""
        self._end(call_id, cause, sip_code=sip_code)

    def line(
        self,
        account_id: AccountId,
        target: str,
        state: LineState,
        direction: Direction | None = None,
        remote: str = "",
    ) -> None:
        """What a colleague's line is doing, told to those who watch it."""
        if (account_id, target) in self.watched:
            calls = 0 if state in (LineState.IDLE, LineState.UNKNOWN, LineState.REFUSED) else 1
            now = self.clock.now()
            self.post(LineStateChanged(account_id, target, state, now, direction, remote, calls=calls))

    def die(self) -> None:
        """The engine is killed and comes back without calls, as its supervisor makes it."""
        self.calls.clear()
        self.pid += 1
        self.post(EngineLost("killed"))
        self.post(EngineAttached(self.pid, restarted=True))
        for account_id in self.accounts:
            self.registered(account_id)

    def sent(self, name: str) -> list[tuple[object, ...]]:
        """The arguments of every command of that name."""
        return [c[1:] for c in self.commands if c[0] == name]

    # --- inside -----------------------------------------------------------------------------------------

    def _live(self, call_id: CallId) -> bool:
        return call_id in self.calls

    def _end(self, call_id: CallId, cause: EndCause, by_us: bool = False, sip_code: int = 0) -> None:
        if self.calls.pop(call_id, None):
            self.post(CallEnded(call_id, cause, self.clock.now(), by_us, sip_code))

    def _set_hold(self, call_id: CallId, on: bool) -> None:
        if self._live(call_id):
            self.calls[call_id] = replace(self.calls[call_id], local_hold=on)
            self.post(CallHoldChanged(call_id, on, False))

    def _transfer_done(self, call_id: CallId) -> None:
        self.post(CallTransferProgressed(call_id, 100, False))
        self.post(CallTransferProgressed(call_id, 200, True))
        self._end(call_id, EndCause.TRANSFERRED)
