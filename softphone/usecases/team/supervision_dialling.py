"""Who is no lead does not even dial a code of supervision, however it is written."""

from __future__ import annotations

from collections.abc import Callable

from softphone.domain.address import as_meant, diallable
from softphone.domain.audit import AuditAction, Side
from softphone.domain.errors import BadInput, Refused
from softphone.domain.text import clean_line
from softphone.usecases.team.auditing import Auditing
from softphone.usecases.team.supervising import Supervising

NUMBER_LIMIT = 64
"""Characters of a number in the log."""


def dialling_rule(supervising: Supervising, auditing: Auditing) -> Callable[[str], None]:
    """A rule for `Calling`: who is no lead does not even dial a supervision code; the attempt is noted, and
    so is any other code that somebody has written in a way in which nothing can be dialled."""

    def note(number: str, why: str) -> None:
        subject = clean_line(number, NUMBER_LIMIT)
        auditing.note(AuditAction.SUPERVISION_REFUSED, Side.LEAD, subject=subject, detail=f"dialled {why}")

    def check(typed: str) -> None:
        number = as_meant(typed)
        if supervising.may_supervise or not supervising.by_codes:
            return
        if supervising.asks_to_supervise(number):
            note(number, "not_a_lead")
            raise Refused("not_a_lead", "policy does not name this desk's user as a team lead")
        if _is_disguised(typed, number):
            note(number, "no_number")

    return check


def _is_disguised(typed: str, number: str) -> bool:
    """Whether it means a code and is written as no number is."""
    if not number.startswith(("*", "#")):
        return False
    try:
        diallable(typed)
    except BadInput:
        return True
    return False
