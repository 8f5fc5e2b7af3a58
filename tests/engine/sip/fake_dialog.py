"""A dialog whose other side the test plays."""

from __future__ import annotations

from softphone.domain.call import DtmfMethod
from softphone.domain.errors import Refused
from softphone.engine.sip.dialog import Dialog
from softphone.engine.sip.quality import RtpCounters


class FakeDialog:
    """Implements `engine.sip.dialog.Dialog`: notes what it is told; `busy` refuses re-INVITEs."""

    def __init__(self) -> None:
        self.told: list[tuple[object, ...]] = []
        self.busy = 0
        self.takes_events = True

    def place(self, uri: str, headers: tuple[tuple[str, str], ...]) -> None:
        self.told.append(("place", uri, headers))

    def respond(self, sip_code: int) -> None:
        self.told.append(("respond", sip_code))

    def hang_up(self, sip_code: int = 0) -> None:
        self.told.append(("hang_up", sip_code))

    def hold(self) -> None:
        self._reinvite("hold")

    def resume(self) -> None:
        self._reinvite("resume")

    def refresh(self, new_media: bool, held: bool) -> None:
        self._reinvite("refresh")

    def reinvite(self, headers: tuple[tuple[str, str], ...]) -> None:
        self._reinvite("reinvite")
        self.told[-1] = ("reinvite", headers)

    def send_digits(self, digits: str, method: DtmfMethod) -> None:
        if method is DtmfMethod.RFC4733 and not self.takes_events:
            raise Refused("sip", "no telephone events")
        self.told.append(("digits", digits, method))

    def refer(self, uri: str) -> None:
        self.told.append(("refer", uri))

    def refer_to_replace(self, other: Dialog) -> None:
        self.told.append(("refer_to_replace", other))

    def counters(self, index: int) -> RtpCounters:
        return RtpCounters()

    def _reinvite(self, what: str) -> None:
        if self.busy:
            self.busy -= 1
            raise Refused("sip", "another transaction is under way")
        self.told.append((what,))
