"""A transfer that we ask for: blind by REFER (RFC 3515), attended with Replaces (RFC 3891).

The state lives here because the other side may end the dialog before, with or after the NOTIFY that tells
how it went. Thread: the sip thread.
"""

from __future__ import annotations

from enum import Enum

from softphone.domain.events import CallTransferProgressed
from softphone.domain.ids import CallId
from softphone.engine.sip.dialog import Dialog
from softphone.engine.sip.surroundings import Surroundings


class TransferState(Enum):
    NONE = "none"
    ASKED = "asked"
    DONE = "done"


class Transfer:
    """The transfer of one call. `done` makes the call's end a TRANSFERRED one."""

    def __init__(self, around: Surroundings, call_id: CallId) -> None:
        self.state = TransferState.NONE
        self._around = around
        self._call_id = call_id
        self._consultation: Transfer | None = None

    def blind(self, leg: Dialog, uri: str) -> None:
        """Ask the other side of `leg` to call `uri`; raises `Refused`."""
        leg.refer(uri)
        self.state = TransferState.ASKED

    def attended(self, leg: Dialog, consultation: Transfer, other: Dialog) -> None:
        """Ask the other side of `leg` to take the place of us in the dialog `other`; raises `Refused`."""
        leg.refer_to_replace(other)
        self.state = TransferState.ASKED
        consultation.state = TransferState.ASKED
        self._consultation = consultation

    def progressed(self, sip_code: int, reason: str, final: bool) -> None:
        """A NOTIFY with the status of the new call arrived."""
        if final:
            state = TransferState.DONE if 200 <= sip_code < 300 else TransferState.NONE
            self.state = state
            if self._consultation is not None:
                self._consultation.state = state
                self._consultation = None
        self._around.publish(CallTransferProgressed(self._call_id, sip_code, final, reason))

    @property
    def explains_end(self) -> bool:
        """Whether the dialog ends because of it: many servers hang up before they report success."""
        return self.state is not TransferState.NONE
