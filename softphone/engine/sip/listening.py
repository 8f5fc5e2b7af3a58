"""The lead's own leg: which mode the agent's phone is in, and whether our microphone goes there.

The microphone is closed when the leg begins, before a mode is asked for in which nobody is to hear us, and as
long as it is not certain that the other phone has changed. A direct leg is nothing until the agent's phone
itself has confirmed it (`supervision_header.py`): a telephone system that drops our header would let the
agent's phone ring, or answer, as for an ordinary call. Thread: the sip thread.
"""

from __future__ import annotations

from collections.abc import Callable

import structlog

from softphone.domain.call import DtmfMethod
from softphone.domain.errors import Refused
from softphone.domain.ids import CallId
from softphone.domain.supervision import SupervisionMode
from softphone.domain.team_events import SupervisionModeConfirmed, SupervisionModeDenied
from softphone.engine.sip.dialog import Dialog
from softphone.engine.sip.silence import SilenceWatch
from softphone.engine.sip.supervision_header import ASKING_DIGITS, HEADER, confirmation
from softphone.engine.sip.surroundings import Surroundings

_log = structlog.get_logger(__name__)

ATTEMPTS = 20
NOT_PASSED_ON = 501
"""Told as the status of a wish or a change that did not reach the agent's phone."""
_FIRST_QUESTION_S = 0.3
"""The telephone system is still connecting the legs before."""
_QUESTION_S = 1.0
_SOON_S = 0.1
_GLARE_S = (0.3, 2.0)
_DEAD_S = 10.0


class Listening:
    """One supervision that we have placed. `dialog` names its leg, None when there is none; `let_in` is told
    once that the leg counts as established, `give_up` that it must end."""

    def __init__(
        self,
        around: Surroundings,
        call_id: CallId,
        mode: SupervisionMode,
        direct: bool,
        dialog: Callable[[], Dialog | None],
        sound_changed: Callable[[], None],
        let_in: Callable[[], None] = lambda: None,
        give_up: Callable[[], None] = lambda: None,
    ) -> None:
        self.microphone = False
        self.mode = mode
        self.direct = direct
        self.silence = SilenceWatch(_DEAD_S)
        self.confirmed = not direct
        """The agent's phone has said that it has let us in; before, nothing is heard either way."""
        self._answered = False
        self._given_up = False
        self._questions = 0
        self._last_digit = ""
        self._asked: SupervisionMode | None = None
        self._attempts = 0
        self._around = around
        self._call_id = call_id
        self._dialog = dialog
        self._sound_changed = sound_changed
        self._let_in = let_in
        self._give_up = give_up

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        """What the INVITE says."""
        return ((HEADER, self.mode.value),) if self.direct else ()

    # --- being let in ------------------------------------------------------------------------------------

    def rang(self, given: SupervisionMode | None) -> None:
        """A provisional answer came. Whoever rings without having read our header rings as for a call."""
        if not self.confirmed and given is not self.mode:
            self._not_passed_on()

    def answered(self) -> bool:
        """The leg was answered; True if it is a supervision already. A telephone system between the phones
        may have passed the wish on and yet not the answer's header: it passes digits on, so these ask."""
        if not self._answered:
            self._answered = True
            self._around.schedule.after(_FIRST_QUESTION_S, self._question)
        return self.confirmed

    def digit(self, digit: str) -> None:
        """A digit came from the other side."""
        asked, self._last_digit = self._last_digit, digit
        if asked + digit == confirmation(asked, self.mode):
            self._confirm()

    def established(self) -> None:
        """An agent's phone has let us in, in the mode that was asked for."""
        if self.direct and self.mode.lead_speaks:
            self.open(True)

    def _confirm(self) -> None:
        if self.confirmed:
            return
        self.confirmed = True
        if self._answered:
            self._let_in()

    def _question(self) -> None:
        dialog = self._dialog()
        if self.confirmed or self._given_up or dialog is None:
            return
        if self._questions == len(ASKING_DIGITS):
            self._not_passed_on()
            return
        digit = ASKING_DIGITS[self._questions]
        self._questions += 1
        self._around.schedule.after(_QUESTION_S, self._question)
        try:
            dialog.send_digits(digit, DtmfMethod.RFC4733)
        except Refused as exc:
            _log.info("confirmation_not_asked", call=self._call_id, detail=exc.detail)

    def _not_passed_on(self) -> None:
        if not self._given_up:
            self._given_up = True
            _log.warning("supervision_not_passed_on", call=self._call_id)
            self._around.schedule.after(0.0, self._give_up)  # not inside PJSIP's callback

    def falls_silent(self, stream: int, now_s: float) -> bool:
        """Whether nothing has come from the other phone for too long."""
        dialog = self._dialog()
        if dialog is None:
            return False
        try:
            count = dialog.counters(stream).rx_packets
        except Refused:
            return False  # its stream is just being replaced
        return self.silence.lasts(count, now_s)

    # --- changing the mode -------------------------------------------------------------------------------

    def open(self, on: bool) -> None:
        if on != self.microphone:
            self.microphone = on
            self._sound_changed()

    def change(self, mode: SupervisionMode) -> None:
        """Ask for another mode; the answer is published. The last one asked for counts."""
        if not mode.lead_speaks:
            self.open(False)
        self._asked, self._attempts = mode, 0
        self._ask()

    def accepted(self, given: SupervisionMode | None) -> None:
        """An INVITE was answered with a 2xx. A telephone system between the phones may do so by itself,
        while the agent's phone never heard of it: only that phone says which mode it has given."""
        if self._asked is None:
            if given is self.mode:
                self._confirm()
            return
        if given is not self._asked:
            self._denied(NOT_PASSED_ON)
            return
        self.mode, self._asked = self._asked, None
        self.open(self.mode.lead_speaks)
        self._around.publish(SupervisionModeConfirmed(self._call_id, self.mode))

    def refused(self, sip_code: int) -> bool:
        """A re-INVITE was refused; True if it was ours. After glare it is sent again (RFC 3261 14.1)."""
        if self._asked is None:
            return False
        if sip_code == 491 and self._attempts < ATTEMPTS:
            low, high = _GLARE_S
            self._around.schedule.after(low + (high - low) * self._around.chance(), self._ask)
        else:
            self._denied(sip_code)
        return True

    def _ask(self) -> None:
        asked, dialog = self._asked, self._dialog()
        if asked is None:
            return
        self._attempts += 1
        if dialog is None:
            self._denied(0)
            return
        try:
            dialog.reinvite(((HEADER, asked.value),))
        except Refused as exc:
            _log.info("mode_not_asked", call=self._call_id, detail=exc.detail)
            if self._attempts < ATTEMPTS:
                self._around.schedule.after(_SOON_S, self._ask)
            else:
                self._denied(0)

    def _denied(self, sip_code: int) -> None:
        denied, self._asked = self._asked, None
        # one that was not passed on is asked for by a second call: until then rather silent than heard
        self.open(self.direct and self.mode.lead_speaks and sip_code != NOT_PASSED_ON)
        if denied is not None:
            self._around.publish(SupervisionModeDenied(self._call_id, denied, sip_code))
