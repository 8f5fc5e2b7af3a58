"""The states of a call and what there is to tell about it."""

from __future__ import annotations

from enum import StrEnum

from softphone.demo.pbx.endpoint import ServerTransaction
from softphone.domain.facts import dataclass


class CallState(StrEnum):
    NEW = "new"
    TRYING = "trying"
    RINGING = "ringing"
    ESTABLISHED = "established"
    ENDED = "ended"


class NewsKind(StrEnum):
    RINGING = "ringing"
    ANSWERED = "answered"
    HELD = "held"
    RESUMED = "resumed"
    DIGIT = "digit"
    REFERRED = "referred"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class News:
    """Something that happened to a call. `transaction` waits for an answer only with REFERRED."""

    kind: NewsKind
    detail: str = ""
    by_phone: bool = False
    status: int = 0
    transaction: ServerTransaction | None = None
