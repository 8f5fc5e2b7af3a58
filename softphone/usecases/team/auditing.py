"""Writing into the audit log, with the time and the name of whoever sits at this desk."""

from __future__ import annotations

from softphone.domain.audit import AuditAction, AuditEntry, Side
from softphone.domain.text import clean_line
from softphone.usecases.configuring import Configuring
from softphone.usecases.ports import Clock
from softphone.usecases.team.ports import Audit

_DETAIL_LIMIT = 300


class Auditing:
    """Every use case that must leave a trace notes it here."""

    def __init__(self, audit: Audit, configuring: Configuring, clock: Clock) -> None:
        self._audit = audit
        self._configuring = configuring
        self._clock = clock

    @property
    def own_name(self) -> str:
        """The address under which this desk is known: its first account's."""
        accounts = self._configuring.settings.accounts
        return accounts[0].aor if accounts else ""

    def note(
        self,
        action: AuditAction,
        side: Side,
        *,
        actor: str = "",
        subject: str = "",
        detail: str = "",
        call_id: str = "",
    ) -> None:
        """Append an entry; `actor` empty: this desk's own name. Texts are cleaned, nothing waits."""
        self._audit.record(
            AuditEntry(
                at=self._clock.now(),
                action=action,
                side=side,
                actor=clean_line(actor or self.own_name),
                subject=clean_line(subject),
                detail=clean_line(detail, _DETAIL_LIMIT),
                call_id=call_id,
            )
        )
