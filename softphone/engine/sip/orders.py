"""The desk's orders about calls. Thread: the sip thread.

What cannot be done now becomes `NotNow` with a reason that the ui has words for; an order about a call that
has just ended is an expected race and does nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from softphone.domain.call import CallState, DtmfMethod
from softphone.domain.errors import BadInput
from softphone.domain.events import RefusalReason
from softphone.domain.ids import AccountId, CallId
from softphone.engine import protocol
from softphone.engine.sip.call import SipCall
from softphone.engine.sip.dialling import is_header, member_uri, target_uri
from softphone.engine.sip.line import Line
from softphone.engine.sip.listening import Listening
from softphone.engine.sip.switchboard import Switchboard

DIGITS = frozenset("0123456789ABCD*#")
DIGITS_LIMIT = 32
"""PJSIP queues at most this many RFC 4733 events."""


class NotNow(Exception):
    """An order cannot be carried out; becomes `CommandRefused`."""

    def __init__(self, reason: RefusalReason, detail: str = "") -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


class _Over(Exception):
    """The call has ended a moment ago: nothing is to be done and nothing to be said."""


class Orders:
    """Carries out orders on the calls of `board`; `lines` are the open accounts."""

    def __init__(self, board: Switchboard, lines: Mapping[AccountId, Line]) -> None:
        self.dtmf = DtmfMethod.RFC4733
        self._board = board
        self._lines = lines
        self._handlers: dict[type[protocol.Command], Callable[[Any], None]] = {
            protocol.PlaceCall: self._place,
            protocol.AnswerCall: self._answer,
            protocol.RejectCall: self._reject,
            protocol.SilenceRinger: self._silence,
            protocol.HangUp: self._hang_up,
            protocol.HoldCall: self._hold,
            protocol.ResumeCall: self._resume,
            protocol.MuteCall: self._mute,
            protocol.SendDtmf: self._send_digits,
            protocol.TransferCall: self._transfer,
            protocol.TransferToCall: self._transfer_to_call,
            protocol.JoinCalls: self._join,
            protocol.Supervise: self._supervise,
            protocol.ChangeSupervision: self._change_supervision,
            protocol.OpenMicrophone: self._open_microphone,
        }

    def execute(self, command: protocol.Command) -> None:
        """Carry out one order; raises `NotNow` and `Refused`."""
        try:
            self._handlers[type(command)](command)
        except _Over:
            return

    def _supervise(self, command: protocol.Supervise) -> None:
        line = self._free_line(command)
        try:
            direct = member_uri(command.target, line.account) if command.direct else ""
        except BadInput as exc:
            raise NotNow(RefusalReason.BAD_ADDRESS, exc.detail) from exc
        uri = direct or self._uri(command.target, line)[0]
        self._board.place(command.call_id, line, uri, command.target, listen=(command.mode, command.direct))

    def _change_supervision(self, command: protocol.ChangeSupervision) -> None:
        self._listening(command.call_id).change(command.mode)

    def _open_microphone(self, command: protocol.OpenMicrophone) -> None:
        self._listening(command.call_id).open(command.on)

    def _listening(self, call_id: CallId) -> Listening:
        listening = self._established(call_id).listening
        if listening is None:
            raise NotNow(RefusalReason.WRONG_STATE, "that call is no supervision")
        return listening

    def _free_line(self, command: protocol.PlaceCall | protocol.Supervise) -> Line:
        line = self._lines.get(command.account_id)
        if line is None or not line.ready:
            raise NotNow(RefusalReason.NOT_REGISTERED)
        if self._board.full:
            raise NotNow(RefusalReason.TOO_MANY_CALLS)
        if self._board.knows(command.call_id):
            raise NotNow(RefusalReason.WRONG_STATE, "a call of this id exists already")
        return line

    def _place(self, command: protocol.PlaceCall) -> None:
        line = self._free_line(command)
        if not all(is_header(name, value) for name, value in command.headers):
            raise NotNow(RefusalReason.FAILED, "a header for the call is malformed")
        uri, user = self._uri(command.target, line)
        self._board.place(command.call_id, line, uri, user, command.headers)

    def _answer(self, command: protocol.AnswerCall) -> None:
        call = self._live(command.call_id)
        self._board.hold_others(call.id)
        call.answer()

    def _reject(self, command: protocol.RejectCall) -> None:
        call = self._live(command.call_id)
        if call.view.state is not CallState.INCOMING:
            raise NotNow(RefusalReason.WRONG_STATE)
        call.hang_up(command.sip_code if 400 <= command.sip_code < 700 else 486)

    def _silence(self, command: protocol.SilenceRinger) -> None:
        self._live(command.call_id).silence()
        self._board.rewire()

    def _hang_up(self, command: protocol.HangUp) -> None:
        call = self._live(command.call_id)
        if not self._board.hand_over(call):
            call.hang_up()

    def _hold(self, command: protocol.HoldCall) -> None:
        self._established(command.call_id).holding.want(True)

    def _resume(self, command: protocol.ResumeCall) -> None:
        call = self._established(command.call_id)
        self._board.hold_others(call.id)
        call.holding.want(False)

    def _mute(self, command: protocol.MuteCall) -> None:
        self._live(command.call_id).mute(command.muted)

    def _send_digits(self, command: protocol.SendDtmf) -> None:
        digits = command.digits.upper()
        if not digits or len(digits) > DIGITS_LIMIT or not set(digits) <= DIGITS:
            raise NotNow(RefusalReason.FAILED, "not keypad digits, or too many at once")
        self._live(command.call_id).send_digits(digits, command.method or self.dtmf)

    def _transfer(self, command: protocol.TransferCall) -> None:
        call = self._established(command.call_id)
        line = self._lines[call.view.account_id]
        uri, _ = self._uri(command.target, line)
        call.transfer_to(uri)

    def _transfer_to_call(self, command: protocol.TransferToCall) -> None:
        if command.call_id == command.consultation_id:
            raise NotNow(RefusalReason.WRONG_STATE, "a call cannot be connected with itself")
        call = self._established(command.call_id)
        call.connect_with(self._established(command.consultation_id))

    def _join(self, command: protocol.JoinCalls) -> None:
        for call_id in command.call_ids:
            self._established(call_id)
        self._board.join(frozenset(command.call_ids))

    def _uri(self, target: str, line: Line) -> tuple[str, str]:
        try:
            return target_uri(target, line.account)
        except BadInput as exc:
            raise NotNow(RefusalReason.BAD_ADDRESS, exc.detail) from exc

    def _live(self, call_id: CallId) -> SipCall:
        call = self._board.find(call_id)
        if call is not None and call.view.live:
            return call
        if call is not None or self._board.is_over(call_id):
            raise _Over
        raise NotNow(RefusalReason.UNKNOWN_CALL)

    def _established(self, call_id: CallId) -> SipCall:
        call = self._live(call_id)
        if call.view.state is not CallState.ESTABLISHED:
            raise NotNow(RefusalReason.WRONG_STATE)
        return call
