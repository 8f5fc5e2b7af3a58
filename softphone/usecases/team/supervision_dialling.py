"""Who is no lead does not even dial a code of supervision, however it is written."""

from __future__ import annotations

import re
from collections.abc import Callable

from softphone.domain.address import as_meant, diallable
from softphone.domain.audit import AuditAction, Side
from softphone.domain.errors import BadInput, Refused
from softphone.domain.text import clean_line
from softphone.usecases.team.auditing import Auditing
from softphone.usecases.team.supervising import Supervising

NUMBER_LIMIT = 64
"""Characters of a number in the log."""
_CODE = re.compile(r"[*#][0-9*#]+")
"""Text that only begins like a code, such as a ticket's number with a name, is none."""


def dialling_rule(supervising: Supervising, auditing: Auditing) -> Callable[[str], None]:
    """A rule for `Calling`: who is no lead does not even dial a supervision code; the attempt is noted, and
    so is any other code that somebody has written in a way in which nothing can be dialled."""

    def note(number: str, why: str) -> None:
        subject = clean_line(number, NUMBER_LIMIT)
        auditing.note(AuditAction.SUPERVISION_REFUSED, Side.LEAD, subject=subject, detail=f"dialled {why}")

    def check(typed: str) -> None:
        if supervising.may_supervise or not supervising.by_codes:
            return
        meant, dialled = as_meant(typed), _dialled(typed)
        for number in {meant, as_meant(dialled)}:
            if supervising.asks_to_supervise(number):
                note(number, "not_a_lead")
                raise Refused("not_a_lead", "policy does not name this desk's user as a team lead")
        if not dialled and _CODE.fullmatch(meant):
            note(meant, "no_number")

    return check


def _dialled(typed: str) -> str:
    """What would be dialled, empty for nothing. It is judged, too: it may be more than what is meant."""
    try:
        return diallable(typed)
    except BadInput:
        return ""
