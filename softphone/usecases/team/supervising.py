"""The lead's side: listen to an agent, whisper, barge in, take over and back, and stop.

One supervision at a time. For a view: `current` (a `Supervision`, or None), `modes()` that this way offers,
`may_supervise`; each change is a `SupervisionChanged`. Commands raise `Refused` with a thing that the ui has
words for: `not_a_lead`, `account`, `mode`, `supervision`, `own_call`, `unrecorded`. The supervision's call is
not one of `Calling`'s: it has no customer, no after-call work. Whoever takes or places a call of their own
stops listening.
"""

from __future__ import annotations

from softphone.domain.audit import AuditAction, Side
from softphone.domain.call import CallState, CallView, Direction
from softphone.domain.errors import BadInput, Refused
from softphone.domain.events import (
    CallChanged,
    CallEnded,
    CallEstablished,
    CommandRefused,
    EngineAttached,
    EngineLost,
)
from softphone.domain.ids import AccountId, CallId
from softphone.domain.supervision import (
    DIRECT,
    FeatureCodes,
    Supervision,
    SupervisionMode,
    SupervisionState,
)
from softphone.domain.team_events import SupervisionChanged, SupervisionModeConfirmed, SupervisionModeDenied
from softphone.usecases.bus import Bus
from softphone.usecases.calls.calling import Calling
from softphone.usecases.configuring import Configuring
from softphone.usecases.ports import Clock, Identities, Telephone
from softphone.usecases.signing_in import SigningIn
from softphone.usecases.team.audit_duty import AuditDuty
from softphone.usecases.team.auditing import Auditing
from softphone.usecases.team.ports import FeatureCodeBook, TeamLine

NOT_PASSED_ON = 501
"""A telephone system between the phones answers changes of mode by itself: a second call reaches the agent's
phone, and the first one ends when it is there."""
ENDED_HERE, CONNECTION_LOST, UNRECORDED = "", "connection_lost", "unrecorded"


class Supervising:
    """Holds this lead's supervision and moves it along the domain's table."""

    def __init__(
        self,
        team: TeamLine,
        telephone: Telephone,
        codes: FeatureCodeBook,
        signing_in: SigningIn,
        calling: Calling,
        configuring: Configuring,
        auditing: Auditing,
        duty: AuditDuty,
        clock: Clock,
        identities: Identities,
        bus: Bus,
    ) -> None:
        self._team = team
        self._telephone = telephone
        self._codes = codes
        self._signing_in = signing_in
        self._calling = calling
        self._configuring = configuring
        self._auditing = auditing
        self._duty = duty
        duty.on_change(self._on_duty)
        self._clock = clock
        self._identities = identities
        self._bus = bus
        self._current: Supervision | None = None
        self._next: Supervision | None = None
        """A second call to another feature code, while the first still lives."""
        bus.subscribe(CallEstablished, self._on_established)
        bus.subscribe(CallEnded, self._on_ended)
        bus.subscribe(SupervisionModeConfirmed, self._on_confirmed)
        bus.subscribe(SupervisionModeDenied, self._on_denied)
        bus.subscribe(CommandRefused, self._on_refused)
        bus.subscribe(CallChanged, self._on_own_call)
        bus.subscribe(EngineLost, lambda _e: self._lost())
        bus.subscribe(EngineAttached, self._on_attached)

    # --- what is there -----------------------------------------------------------------------------------

    @property
    def current(self) -> Supervision | None:
        """The supervision that goes on, or the last one with the reason of its end."""
        return self._current

    @property
    def may_supervise(self) -> bool:
        return self._configuring.settings.team.is_lead

    def modes(self) -> tuple[SupervisionMode, ...]:
        """What this desk's way offers; raise `BadInput` for a broken template."""
        codes = self._feature_codes()
        return tuple(SupervisionMode) if codes is None else codes.modes

    @property
    def by_codes(self) -> bool:
        """Whether this company supervises by its telephone system's feature codes."""
        return self._configuring.settings.team.way != DIRECT

    def asks_to_supervise(self, number: str) -> bool:
        """Whether dialling `number` by hand would call a supervision code of the telephone system."""
        try:
            codes = self._feature_codes()
        except BadInput:
            return False
        return codes is not None and codes.is_one(number)

    # --- what the lead does ------------------------------------------------------------------------------

    def supervise(self, extension: str, mode: SupervisionMode) -> CallId:
        """Begin, or change the mode where this agent is listened to already; return the call's id."""
        self._check_right(extension, mode)
        if any(_occupies(call) for call in self._calling.calls):
            raise Refused("own_call", "a call of this desk's own goes on")
        current = self._current
        if current is not None and current.live:
            if current.extension == extension and current.state is not SupervisionState.CALLING:
                self.switch(mode)
                return current.call_id
            if (current.extension, current.wanted) == (extension, mode):
                return current.call_id
            self.stop()
        self._current = self._place(extension, mode)
        self._tell()
        return self._current.call_id

    def switch(self, mode: SupervisionMode) -> None:
        """Another mode for the supervision that goes on, without redialling where the way allows it."""
        current = self._current
        if current is None or not current.live or current.state is SupervisionState.CALLING:
            raise Refused("supervision", "nobody is being listened to")
        self._check_right(current.extension, mode)
        if mode is current.wanted:
            return
        codes = self._feature_codes() if current.way != DIRECT else None
        if codes is None:
            self._set(current.advance(SupervisionState.CHANGING, wanted=mode, trouble=""))
            self._team.change_supervision(current.call_id, mode)
        elif codes.reached_by_key(current.mode, mode):
            self._press(current, codes, mode)
        elif codes.opening(mode) is not None:
            self._set(current.advance(SupervisionState.CHANGING, wanted=mode, trouble=""))
            self._next = self._place(current.extension, mode)
        else:
            raise Refused("mode", mode.value)

    def stop(self) -> None:
        """Leave; nobody listening is no error."""
        self._leave(ENDED_HERE)

    def _leave(self, trouble: str) -> None:
        for going in (self._current, self._next):
            if going is not None and going.live:
                self._telephone.hang_up(going.call_id)
        self._end(trouble)

    def _on_duty(self) -> None:
        """Nobody listens without leaving a trace."""
        if not self._duty.fulfilled:
            self._leave(UNRECORDED)

    # --- inside: placing and switching -------------------------------------------------------------------

    def _check_right(self, extension: str, mode: SupervisionMode) -> None:
        if not self.may_supervise:
            self._note(AuditAction.SUPERVISION_REFUSED, extension, f"{mode} not_a_lead")
            raise Refused("not_a_lead", "policy does not name this desk's user as a team lead")
        if not self._duty.fulfilled:
            raise Refused(UNRECORDED, "the record of supervision cannot be written now")
        if mode not in self.modes():
            raise Refused("mode", mode.value)

    def _place(self, extension: str, mode: SupervisionMode) -> Supervision:
        account = self._signing_in.first_registered()
        if account is None:
            raise Refused("account", "no account is registered")
        call_id, codes = self._identities.call(), self._feature_codes()
        opening = mode if codes is None else codes.opening(mode) or mode
        made = Supervision(
            call_id,
            extension,
            opening,
            mode,
            self._clock.now(),
            DIRECT if codes is None else codes.name,
        )
        target = extension if codes is None else codes.number(opening, extension.partition("@")[0])
        self._team.supervise(call_id, AccountId(account), target, opening, codes is None)
        return made

    def _press(self, current: Supervision, codes: FeatureCodes, mode: SupervisionMode) -> None:
        """Digits inside the call. The microphone closes before the lead is unheard and opens only after."""
        if not mode.lead_speaks:
            self._team.open_microphone(current.call_id, False)
        self._telephone.send_dtmf(current.call_id, codes.switch[mode])
        if mode.lead_speaks:
            self._team.open_microphone(current.call_id, True)
        self._in_force(current, mode)

    def _feature_codes(self) -> FeatureCodes | None:
        way = self._configuring.settings.team.way
        return None if way == DIRECT else self._codes.codes(way)

    # --- what the engine says ----------------------------------------------------------------------------

    def _on_established(self, event: CallEstablished) -> None:
        if self._next is not None and event.call_id == self._next.call_id:
            self._replace(self._next)
        current = self._current
        if current is None or event.call_id != current.call_id:
            return
        wanted = current.wanted
        self._in_force(current, current.mode, AuditAction.SUPERVISION_STARTED)
        if wanted is not self._current_mode() and current.way != DIRECT:
            self.switch(wanted)

    def _replace(self, successor: Supervision) -> None:
        former, self._current, self._next = self._current, successor, None
        if former is not None and former.live:
            self._telephone.hang_up(former.call_id)

    def _current_mode(self) -> SupervisionMode | None:
        return self._current.mode if self._current is not None else None

    def _in_force(
        self,
        current: Supervision,
        mode: SupervisionMode,
        action: AuditAction = AuditAction.MODE_CHANGED,
    ) -> None:
        if not current.live:
            return
        if current.way != DIRECT and action is AuditAction.SUPERVISION_STARTED and mode.lead_speaks:
            self._team.open_microphone(current.call_id, True)
        self._note(action, current.extension, mode.value, current.call_id)
        self._set(current.advance(SupervisionState.ACTIVE, mode=mode, wanted=mode, trouble=""))

    def _on_confirmed(self, event: SupervisionModeConfirmed) -> None:
        current = self._current
        if current is None or event.call_id != current.call_id or not current.live:
            return
        if event.mode is not current.mode:
            self._note(AuditAction.MODE_CHANGED, current.extension, event.mode.value, current.call_id)
        pending = event.mode is not current.wanted and current.state is SupervisionState.CHANGING
        state = SupervisionState.CHANGING if pending else SupervisionState.ACTIVE
        self._set(current.advance(state, mode=event.mode))

    def _on_denied(self, event: SupervisionModeDenied) -> None:
        current = self._current
        if current is None or event.call_id != current.call_id or not current.live:
            return
        if event.sip_code == NOT_PASSED_ON and current.way == DIRECT and self._next is None:
            self._next = self._place(current.extension, event.mode)
            return
        said = f"{event.mode} {event.sip_code}"
        self._note(AuditAction.MODE_REFUSED, current.extension, said, current.call_id)
        self._set(
            current.advance(SupervisionState.ACTIVE, wanted=current.mode, trouble=str(event.sip_code or 408))
        )

    def _on_refused(self, event: CommandRefused) -> None:
        if event.command in ("Supervise", "ChangeSupervision"):
            self._over(event.call_id, event.reason.value, changing=event.command == "ChangeSupervision")

    def _on_ended(self, event: CallEnded) -> None:
        self._over(event.call_id, str(event.sip_code) if event.sip_code >= 300 else ENDED_HERE)

    def _over(self, call_id: CallId | None, trouble: str, *, changing: bool = False) -> None:
        current = self._current
        if self._next is not None and call_id == self._next.call_id:
            self._next = None
            changing, call_id = True, current.call_id if current else None
            if current is not None and current.way == DIRECT and current.live:
                self._team.open_microphone(current.call_id, current.mode.lead_speaks)
        if current is None or not current.live or call_id != current.call_id:
            return
        if changing:
            self._note(AuditAction.MODE_REFUSED, current.extension, f"{current.wanted} {trouble}")
            self._set(current.advance(SupervisionState.ACTIVE, wanted=current.mode, trouble=trouble))
            return
        if current.state is SupervisionState.CALLING:
            self._note(
                AuditAction.SUPERVISION_REFUSED,
                current.extension,
                f"{current.wanted} {trouble}",
                current.call_id,
            )
            self._set(current.advance(SupervisionState.ENDED, trouble=trouble))
        else:
            self._end(trouble)

    def _on_own_call(self, event: CallChanged) -> None:
        current = self._current
        if _occupies(event.call) and current is not None and current.live:
            self.stop()

    def _lost(self) -> None:
        self._next = None
        self._end(CONNECTION_LOST)

    def _on_attached(self, event: EngineAttached) -> None:
        """A leg that an earlier desk left behind: nobody knows any more what it was for."""
        known = {s.call_id for s in (self._current, self._next) if s is not None and s.live}
        for call in event.calls:
            if call.live and call.supervision and call.id not in known:
                self._telephone.hang_up(call.id)
        held = {call.id for call in event.calls}
        if self._current is not None and self._current.live and self._current.call_id not in held:
            self._lost()

    def _end(self, trouble: str) -> None:
        current, self._next = self._current, None
        if current is None or not current.live:
            return
        self._note(AuditAction.SUPERVISION_ENDED, current.extension, trouble, current.call_id)
        self._set(current.advance(SupervisionState.ENDED, wanted=current.mode, trouble=trouble))

    def _note(self, action: AuditAction, subject: str, detail: str, call_id: str = "") -> None:
        self._auditing.note(action, Side.LEAD, subject=subject, detail=detail, call_id=call_id)

    def _set(self, supervision: Supervision) -> None:
        if supervision != self._current:
            self._current = supervision
            self._tell()

    def _tell(self) -> None:
        if self._current is not None:
            self._bus.publish(SupervisionChanged(self._current))


def _occupies(call: CallView) -> bool:
    """Whether this call of the lead's own is being talked on, taken or dialled; one on hold does not."""
    if call.state is CallState.ESTABLISHED:
        return not call.local_hold
    return call.live and (call.answering or call.direction is Direction.OUTBOUND)
