"""Hold and resume of one call (RFC 3264 section 8.4), with the races that re-INVITEs have.

What the agent wants and what the other side was last asked for are kept apart: a wish that cannot be sent
now (another transaction is under way, or both sides asked at once: 491, RFC 3261 section 14.1) is sent
again a little later. Thread: the sip thread.
"""

from __future__ import annotations

from collections.abc import Callable

import structlog

from softphone.domain.errors import Refused
from softphone.engine.sip.dialog import Dialog
from softphone.engine.sip.surroundings import Surroundings

_log = structlog.get_logger(__name__)

ATTEMPTS = 60
_SOON_S = 0.1
_GLARE_S = (0.3, 2.0)


class Holding:
    """The local hold of one call. `dialog` names the leg that carries it at the moment."""

    def __init__(
        self, around: Surroundings, dialog: Callable[[], Dialog | None], give_up: Callable[[str], None]
    ) -> None:
        self.wanted = False
        self._asked = False
        self._attempts = 0
        self._around = around
        self._dialog = dialog
        self._give_up = give_up

    def want(self, held: bool) -> None:
        """Hold or resume; wanting what is already so does nothing."""
        self.wanted = held
        self._attempts = 0
        self._settle()

    def begin_anew(self) -> None:
        """The call has a new dialog, on which nobody holds."""
        self.wanted = self._asked = False

    def refused(self, sip_code: int) -> None:
        """The other side refused the re-INVITE: try again after glare, else keep things as they are."""
        self._asked = not self.wanted
        if sip_code == 491 and self._attempts < ATTEMPTS:
            low, high = _GLARE_S
            self._again(low + (high - low) * self._around.chance())
            return
        self.wanted = self._asked
        self._give_up(f"re-INVITE refused with {sip_code}")

    def _settle(self) -> None:
        dialog = self._dialog()
        if dialog is None or self.wanted == self._asked:
            return
        self._attempts += 1
        try:
            dialog.hold() if self.wanted else dialog.resume()
        except Refused as exc:
            self._not_now(exc)
            return
        self._asked = self.wanted

    def _not_now(self, why: Refused) -> None:
        if self._attempts < ATTEMPTS:
            self._again(_SOON_S)
            return
        _log.warning("hold_impossible", detail=why.detail)
        self.wanted = self._asked
        self._give_up(why.detail)

    def _again(self, delay_s: float) -> None:
        self._around.schedule.after(delay_s, self._settle)
