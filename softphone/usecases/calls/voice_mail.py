"""How many voice messages wait at the telephone systems (RFC 3842)."""

from __future__ import annotations

from softphone.domain.account import RegistrationState
from softphone.domain.events import MessageWaitingChanged, RegistrationChanged
from softphone.domain.ids import AccountId
from softphone.usecases.bus import Bus


class VoiceMail:
    """What each account's mailbox holds, as last told; forgotten when the account is signed out."""

    def __init__(self, bus: Bus) -> None:
        self._boxes: dict[AccountId, MessageWaitingChanged] = {}
        bus.subscribe(MessageWaitingChanged, self._on_told)
        bus.subscribe(RegistrationChanged, self._on_registration)

    @property
    def waiting(self) -> bool:
        """Whether any message waits, even if the telephone system does not count them."""
        return any(box.waiting for box in self._boxes.values())

    @property
    def new(self) -> int:
        """New messages in all mailboxes; 0 with `waiting` when no number is told."""
        return sum(box.new for box in self._boxes.values() if box.waiting)

    def _on_told(self, event: MessageWaitingChanged) -> None:
        self._boxes[event.account_id] = event

    def _on_registration(self, event: RegistrationChanged) -> None:
        if event.registration.state is RegistrationState.OFF:
            self._boxes.pop(event.registration.account_id, None)
