"""Requests on their way through the edge, remembered until their responses can no longer come.

Not a transaction layer: nothing is retransmitted here, PJSIP and the server do that.
"""

from __future__ import annotations

from dataclasses import field

from softphone.domain.facts import dataclass
from softphone.domain.ids import AccountId

_SWALLOWED_S = 1.0
_AFTER_FINAL_S = 64.0  # 128 * T1: retransmissions of a final response and its ACK are over by then
_WITHOUT_FINAL_S = 64.0
_INVITE_WITHOUT_FINAL_S = 3_600.0  # a queue may let it ring for long; RFC 3261 sets no limit with 1xx
_FIRST_RESPONSE_S = 2.0  # PJSIP takes milliseconds
MOST = 4_096

SUPERVISE_HEADER = "X-Softphone-Supervise"
"""What a lead's phone says in an INVITE to an agent's (see `sip/supervision_header.py`)."""


@dataclass(slots=True)
class Passage:
    """One request that went through.

    `vias` and `record_routes` are what the sender's responses must carry; `raw` is the request as PJSIP sent
    it while nothing has come back, so that it can go out again on another flow.
    """

    account_id: AccountId
    method: str
    call_id: str
    vias: list[str]
    born: float
    branch: str = ""
    in_dialog: bool = False
    flow: object = None
    raw: bytes = b""
    contacts: dict[str, str] = field(default_factory=dict)
    removes_binding: bool = False
    takes_away: bool = False
    """A REGISTER to which the removal of former contacts was added."""
    shows_credentials: bool = False
    """It carried a digest answer."""
    challenge_refused: bool = False
    """The server has asked for a digest answer that we do not give."""
    asks_for_mode: bool = False
    """A re-INVITE by which a lead asks for another mode of supervision."""
    asks_to_listen: bool = False
    """An INVITE by which a lead asks to be let in."""
    wished_mode: str = ""
    """The mode that either of them asks for, said again in the answer when it was given."""
    given_up: bool = False
    """PJSIP was told that nobody answers: no answer is for it any more."""
    answered: bool = False
    final_at: float | None = None

    def was_swallowed(self, now: float) -> bool:
        """Whether a REGISTER met no answer at all for so long that the server must have lost it.

        Asterisk accepts connections while it is still starting and drops what comes then; over TCP nobody
        would repeat it, and we would be unreachable until PJSIP gives up after 32 s.
        """
        return self.method == "REGISTER" and not self.answered and now - self.born > _SWALLOWED_S

    def is_over(self, now: float) -> bool:
        """Whether no response can be expected any more."""
        if self.final_at is not None:
            return now - self.final_at > _AFTER_FINAL_S
        rings = self.method == "INVITE" and self.answered
        limit = _INVITE_WITHOUT_FINAL_S if rings else _WITHOUT_FINAL_S
        return now - self.born > limit


class Passages:
    """Passages by branch and method; bounded: the oldest go first, those that are answered before others."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, str], Passage] = {}
        self._done: dict[tuple[str, str], Passage] = {}

    def __len__(self) -> int:
        return len(self._open) + len(self._done)

    def find(self, branch: str, method: str) -> Passage | None:
        """The passage to which a response with this branch and CSeq method belongs."""
        key = (branch, method)
        return self._open.get(key) or self._done.get(key)

    def remember(self, branch: str, passage: Passage) -> None:
        """Keep a passage; a retransmission replaces its predecessor."""
        key = (branch, passage.method)
        passage.branch = branch
        self._done.pop(key, None)
        if key not in self._open and len(self) >= MOST:
            crowded = self._done or self._open
            crowded.pop(next(iter(crowded)))
        self._open[key] = passage

    def answered(self, passage: Passage, status: int, now: float) -> None:
        """Note a response."""
        passage.answered = True
        passage.raw = b""
        if status >= 200 and passage.final_at is None:
            passage.final_at = now
            key = (passage.branch, passage.method)
            if self._open.get(key) is passage:
                self._done[key] = self._open.pop(key)

    def outstanding(self, account_id: AccountId) -> list[Passage]:
        """Passages of an account that have no final response yet, oldest first."""
        return [p for p in self._open.values() if p.account_id == account_id]

    def ringing(self, account_id: AccountId, now: float) -> int:
        """INVITEs that ring, or came so lately that their first response may still come."""
        return sum(
            1
            for p in self.outstanding(account_id)
            if p.method == "INVITE" and (p.answered or now - p.born < _FIRST_RESPONSE_S)
        )

    def forget(self, account_id: AccountId) -> None:
        """Drop all of an account's passages."""
        for entries in (self._open, self._done):
            for key in [key for key, passage in entries.items() if passage.account_id == account_id]:
                del entries[key]

    def sweep(self, now: float) -> None:
        """Drop what is over; call it every few seconds."""
        for entries in (self._open, self._done):
            for key in [key for key, passage in entries.items() if passage.is_over(now)]:
                del entries[key]
