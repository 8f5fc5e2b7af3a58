"""How a question to a CRM fails. Loads no HTTP: the desk has this before its window, the rest after it."""

from __future__ import annotations

from typing import Any

from softphone.domain.customer import CrmTrouble
from softphone.domain.text import HEADER_LIMIT, clean_line


class CrmFault(Exception):
    """Why a request did not do its work; `body` is the decoded answer if there was one, else None."""

    def __init__(
        self,
        trouble: CrmTrouble,
        detail: str = "",
        *,
        retry_after_s: float = 0.0,
        status: int = 0,
        body: Any = None,
    ) -> None:
        super().__init__(f"{trouble}: {detail}")
        self.trouble = trouble
        self.detail = clean_line(detail, HEADER_LIMIT)
        self.retry_after_s = retry_after_s
        self.status = status
        self.body = body


def when_signing_in(fault: CrmFault) -> CrmFault:
    """What a fault means where a secret is exchanged for a session: a 403 is no lack of rights there."""
    if fault.trouble is not CrmTrouble.FORBIDDEN:
        return fault
    return CrmFault(CrmTrouble.CREDENTIALS, fault.detail, status=fault.status, body=fault.body)


class BadShapeError(ValueError):
    """The answer is not what the pack's expressions expect."""
