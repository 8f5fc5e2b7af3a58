"""A softphone without its window: the real telephone port, and everything it has said, to be waited for."""

from __future__ import annotations

import os
import signal
import subprocess
import uuid
from pathlib import Path

from softphone.domain.account import Account, RegistrationState, Transport
from softphone.domain.audio import AudioChoice
from softphone.domain.events import (
    CallArrived,
    CallEstablished,
    CommandRefused,
    EngineAttached,
    RegistrationChanged,
)
from softphone.domain.ids import AccountId, CallId
from softphone.domain.settings import CallSettings
from softphone.domain.supervision import SupervisionPolicy
from softphone.phone.telephone import EngineTelephone
from tests.peers.asterisk import Asterisk
from tests.peers.kamailio import Kamailio
from tests.phone.ear import Ear

SILENT = AudioChoice(microphone="null", speaker="null", ringer="null")
_FAULTS = ("callback_failed", "pj_object_left", "leg_held", "Traceback")


class Handset(Ear):
    """The telephone port with a real engine."""

    def __init__(
        self, folder: Path, account_id: str = "work", command: tuple[str, ...] | None = None
    ) -> None:
        super().__init__()
        self.folder = folder
        self.account_id = AccountId(account_id)
        self._orphan: subprocess.Popen[bytes] | None = None
        self.telephone = EngineTelephone(self.post, folder, command)

    # --- life ------------------------------------------------------------------------------------------

    def start(self, audio: AudioChoice = SILENT) -> EngineAttached:
        self.telephone.start(CallSettings(), audio)
        return self.expect(EngineAttached)

    def sign_in(
        self,
        server: Asterisk | Kamailio,
        user: str = "7001",
        password: str = "",
        transport: Transport = Transport.UDP,
    ) -> None:
        """Open the account; the registration's events follow."""
        account = Account(self.account_id, server.host, user, port=server.sip_port, transport=transport)
        self.telephone.open_account(account, password or _password(server, user))

    def close(self) -> None:
        """Quit, and demand that the engine ended in order."""
        self.telephone.shut_down()
        child = self._orphan or self.telephone._supervisor._child
        if self._orphan is not None:
            self._orphan.wait(15)
        assert child is None or child.returncode == 0, self.engine_output()
        self.assert_no_faults()

    def abandon(self) -> None:
        """Die as a desk that is killed: the pipe ends without a word, the engine stays."""
        supervisor = self.telephone._supervisor
        supervisor._closing.set()
        link = supervisor._link
        if link is not None:
            link.close()
        self._orphan, supervisor._child = supervisor._child, None
        supervisor._thread.join(5)

    def kill_engine(self) -> int:
        pid = self.engine_pid
        os.kill(pid, signal.SIGKILL)
        return pid

    def freeze_engine(self) -> None:
        """As if its network were cut: nothing comes from it, nothing is said."""
        os.kill(self.engine_pid, signal.SIGSTOP)

    def thaw_engine(self) -> None:
        os.kill(self.engine_pid, signal.SIGCONT)

    @property
    def engine_pid(self) -> int:
        return [e.pid for e in self.history if isinstance(e, EngineAttached)][-1]

    # --- saying, and knowing that it was heard ---------------------------------------------------------

    def allow_supervision(self, policy: SupervisionPolicy) -> None:
        """Let the policy be in force before another phone can try it."""
        self.telephone.team.allow_supervision(policy)
        self.wait_until_obeyed()

    def wait_until_obeyed(self) -> None:
        """Wait until the engine has done all that was said before.

        It obeys in order, so its refusal of what cannot be done comes after the rest.
        """
        nobody = CallId(f"nobody-{uuid.uuid4()}")
        self.telephone.hang_up(nobody)
        self.expect(CommandRefused, lambda e: e.call_id == nobody)

    # --- looking ---------------------------------------------------------------------------------------

    def expect_registered(self, *, timeout_s: float = 10.0) -> RegistrationChanged:
        return self.expect(
            RegistrationChanged,
            lambda e: e.registration.state is RegistrationState.REGISTERED,
            timeout_s=timeout_s,
        )

    def engine_output(self) -> str:
        return (self.folder / "logs" / "engine-output.log").read_text(encoding="utf-8", errors="replace")

    def assert_no_faults(self) -> None:
        log = (self.folder / "logs" / "engine.log").read_text(encoding="utf-8")
        assert [line for line in log.splitlines() if any(fault in line for fault in _FAULTS)] == []
        assert "Fatal" not in self.engine_output()

    # --- doing -----------------------------------------------------------------------------------------

    def call(self, target: str) -> CallId:
        call_id = CallId(str(uuid.uuid4()))
        self.telephone.place_call(call_id, self.account_id, target)
        return call_id

    def expect_established(self, call_id: CallId) -> CallEstablished:
        return self.expect(CallEstablished, lambda e: e.call_id == call_id)

    def call_and_talk(self, target: str) -> CallId:
        """Call a number that answers."""
        call_id = self.call(target)
        self.expect_established(call_id)
        return call_id

    def answer_next(self) -> CallId:
        """Answer the next call that rings and wait until it is established."""
        call_id = self.expect(CallArrived).call_id
        self.telephone.answer(call_id)
        self.expect_established(call_id)
        return call_id


def _password(server: Asterisk | Kamailio, user: str) -> str:
    if isinstance(server, Kamailio):
        return server.passwords[user]
    return server.accounts[user].password
