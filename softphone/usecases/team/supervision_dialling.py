"""Who is no lead does not even dial a code of supervision, however it is written."""

from __future__ import annotations

from collections.abc import Callable

from softphone.domain.address import as_meant
from softphone.domain.audit import AuditAction, Side
from softphone.domain.errors import Refused
from softphone.domain.text import clean_line
from softphone.usecases.team.auditing import Auditing
from softphone.usecases.team.supervising import Supervising

NUMBER_LIMIT = 64
"""Characters of a number in the log."""


def dialling_rule(supervising: Supervising, auditing: Auditing) -> Callable[[str], None]:
    """A rule for `Calling`: who is no lead does not even dial a supervision code; the attempt is noted."""

    def check(typed: str) -> None:
        number = as_meant(typed)
        if supervising.asks_to_supervise(number) and not supervising.may_supervise:
            auditing.note(
                AuditAction.SUPERVISION_REFUSED,
                Side.LEAD,
                subject=clean_line(number, NUMBER_LIMIT),
                detail="dialled not_a_lead",
            )
            raise Refused("not_a_lead", "policy does not name this desk's user as a team lead")

    return check
