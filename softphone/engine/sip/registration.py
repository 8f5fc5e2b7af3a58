"""Rules of staying registered: what a failure means and when to try again. Pure; thread: any."""

from __future__ import annotations

import re

from softphone.domain.account import RegistrationState, RegistrationTrouble
from softphone.domain.facts import dataclass
from softphone.engine.edge.challenges import UNSIGNED_HEADER, WEAK_CHALLENGE
from softphone.engine.edge.messages.message import Response

BACK_OFF_S = (5.0, 8.0, 12.0, 18.0, 25.0)
"""Waits between attempts before jitter; the last one repeats. With jitter all are between 5 and 30 s."""
BACK_OFF_REFUSED_S = (5.0, 10.0, 20.0, 40.0, 60.0)
"""The same after a refusal that a server which is just starting gives, too: quick at first, then sparing."""
JITTER = 0.2
LONGEST_RETRY_AFTER_S = 300.0
"""A server may ask for more patience (RFC 3261 section 20.33), but not for a whole shift's."""

REFRESH_UDP_S = 24.0
"""A registrar that restarts in a moment forgets us, and over UDP nothing tells: it answers OPTIONS as ever.
Registering this often (before jitter) brings the phone back within half a minute. Streams break instead."""

_TROUBLE: dict[int, RegistrationTrouble] = {
    401: RegistrationTrouble.WRONG_CREDENTIALS,
    407: RegistrationTrouble.WRONG_CREDENTIALS,
    403: RegistrationTrouble.FORBIDDEN,
    404: RegistrationTrouble.UNKNOWN_USER,
    408: RegistrationTrouble.NO_ANSWER,
    410: RegistrationTrouble.UNKNOWN_USER,
    502: RegistrationTrouble.UNKNOWN_HOST,
    504: RegistrationTrouble.NO_ANSWER,
    604: RegistrationTrouble.UNKNOWN_USER,
}
_ABOUT_CREDENTIALS = frozenset(
    {
        RegistrationTrouble.WRONG_CREDENTIALS,
        RegistrationTrouble.FORBIDDEN,
        RegistrationTrouble.NO_PASSWORD,
        RegistrationTrouble.WEAK_CHALLENGE,
    }
)
"""Asking on would lock the account. FORBIDDEN is about them only if the server has seen any."""
_PERHAPS_STARTING = frozenset({RegistrationTrouble.FORBIDDEN, RegistrationTrouble.UNKNOWN_USER})
_SECONDS = re.compile(r"\s*(\d{1,6})(?![\d.])")


@dataclass(frozen=True, slots=True)
class Failure:
    """Why one attempt failed. `unsigned`: the server said so without having seen any credentials of ours.
    `not_before_s`: it wants to be left alone for so long."""

    trouble: RegistrationTrouble
    unsigned: bool = False
    not_before_s: float = 0.0

    @property
    def is_final(self) -> bool:
        """Whether only the user can mend it, once it is believed."""
        if self.trouble is RegistrationTrouble.FORBIDDEN:
            return not self.unsigned
        return self.trouble in _ABOUT_CREDENTIALS


def failure_of(sip_code: int, reason: str, answer: Response | None) -> Failure:
    """What a final answer to REGISTER means; `answer` is None when PJSIP made it up (a timeout)."""
    if reason == WEAK_CHALLENGE:
        return Failure(RegistrationTrouble.WEAK_CHALLENGE)
    trouble = trouble_of(sip_code)
    if answer is None:
        return Failure(trouble)
    asked = _SECONDS.match(answer.headers.get("Retry-After") or "")
    not_before_s = min(float(asked[1]), LONGEST_RETRY_AFTER_S) if asked else 0.0
    return Failure(trouble, answer.headers.get(UNSIGNED_HEADER) is not None, not_before_s)


def trouble_of(sip_code: int) -> RegistrationTrouble:
    """Say in one word what a final answer to REGISTER means (0: none came)."""
    if sip_code == 0:
        return RegistrationTrouble.NO_ANSWER
    known = _TROUBLE.get(sip_code)
    if known is not None:
        return known
    return RegistrationTrouble.SERVER_ERROR if 500 <= sip_code < 700 else RegistrationTrouble.OTHER


class Attempts:
    """How often in a row registering has failed, and whether it ever succeeded with these settings.

    A server that is just starting may refuse what it accepts a minute later (404, or 403 before it has asked
    for a password, until its accounts are loaded): that is tried again for ever. What may be about our
    credentials is final, because repeating a wrong password locks accounts; after a success it is believed
    only when repeated, for Asterisk answers 401 until it knows the account.
    """

    BELIEVED_AFTER = 3

    def __init__(self) -> None:
        self._failures = self._starts = self._refusals = 0
        self.ever_succeeded = False

    def succeeded(self) -> None:
        self._failures = self._starts = self._refusals = 0
        self.ever_succeeded = True

    def failed(self, failure: Failure, chance: float) -> tuple[RegistrationState, float]:
        """Return REFUSED (only the user can mend it), or WAITING and the seconds until the next attempt."""
        self._failures += 1
        self._refusals += failure.is_final
        patience = self.BELIEVED_AFTER if self.ever_succeeded else 1
        if failure.is_final and self._refusals >= patience:
            return RegistrationState.REFUSED, 0.0
        starting = failure.trouble in _PERHAPS_STARTING
        self._starts += starting
        waits, times = (BACK_OFF_REFUSED_S, self._starts) if starting else (BACK_OFF_S, self._failures)
        delay_s = max(_wait_s(waits, times), failure.not_before_s)
        return RegistrationState.WAITING, delay_s * (1.0 + JITTER * chance)


def refresh_delay_s(chance: float) -> float:
    """Seconds from a successful REGISTER over UDP to the next one."""
    return REFRESH_UDP_S * (1.0 + JITTER * chance)


def _wait_s(waits: tuple[float, ...], failures: int) -> float:
    """After so many failures in a row, before jitter. A floor of 5 s spares a server that is coming back; the
    jitter keeps a thousand phones from knocking in the same second."""
    return waits[min(failures, len(waits)) - 1]
