"""What can go wrong, sorted by who must act.

`BadInput` and `Refused` are for the user (show them), `TryLater` is for time (retry), `Broken` for us (a bug
or a damaged installation). Adapters translate foreign errors into these once, at the border, `from exc`.
"""

from __future__ import annotations


class SoftphoneError(Exception):
    """Root of all our errors. `thing` names what is concerned in a fixed word, `detail` is for support."""

    def __init__(self, thing: str, detail: str = "") -> None:
        super().__init__(f"{thing}: {detail}" if detail else thing)
        self.thing = thing
        self.detail = detail


class BadInput(SoftphoneError):
    """Somebody typed, pasted or configured something that cannot be used; they can correct it."""


class Refused(SoftphoneError):
    """The other side understood and said no; trying again unchanged is useless."""


class TryLater(SoftphoneError):
    """The other side cannot be reached or is busy; the same attempt may succeed later."""


class Broken(SoftphoneError):
    """Something of ours, or of this computer, does not work as it must."""


class WrongState(SoftphoneError):
    """A bug: an operation that the state table does not allow."""
