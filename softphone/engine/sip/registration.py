"""Rules of staying registered: what a failure means and when to try again. Pure; thread: any."""

from __future__ import annotations

from softphone.domain.account import RegistrationState, RegistrationTrouble

BACK_OFF_S = (5.0, 8.0, 12.0, 18.0, 25.0)
"""Waits between attempts before jitter; the last one repeats. With jitter all are between 5 and 30 s."""
JITTER = 0.2

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
_FINAL = frozenset(
    {
        RegistrationTrouble.WRONG_CREDENTIALS,
        RegistrationTrouble.FORBIDDEN,
        RegistrationTrouble.UNKNOWN_USER,
        RegistrationTrouble.NO_PASSWORD,
        RegistrationTrouble.WEAK_CHALLENGE,
    }
)


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

    A server that is just starting may refuse for a moment what it accepted before (Asterisk answers 401 or
    404 until its accounts are loaded); so after a success a refusal is believed only when repeated.
    """

    BELIEVED_AFTER = 3

    def __init__(self) -> None:
        self._failures = 0
        self.ever_succeeded = False

    def succeeded(self) -> None:
        self._failures = 0
        self.ever_succeeded = True

    def failed(self, trouble: RegistrationTrouble, chance: float) -> tuple[RegistrationState, float]:
        """Return REFUSED (only the user can mend it), or WAITING and the seconds until the next attempt."""
        self._failures += 1
        patience = self.BELIEVED_AFTER if self.ever_succeeded else 1
        if trouble in _FINAL and self._failures >= patience:
            return RegistrationState.REFUSED, 0.0
        return RegistrationState.WAITING, retry_delay_s(self._failures, chance)


def refresh_delay_s(chance: float) -> float:
    """Seconds from a successful REGISTER over UDP to the next one."""
    return REFRESH_UDP_S * (1.0 + JITTER * chance)


def retry_delay_s(failures: int, chance: float) -> float:
    """Seconds until the next attempt after `failures` failures in a row; `chance` is between 0 and 1.

    A floor of 5 s spares a server that is coming back; the jitter keeps a thousand phones from knocking in
    the same second.
    """
    base = BACK_OFF_S[min(max(failures, 1), len(BACK_OFF_S)) - 1]
    return base * (1.0 + JITTER * chance)
