"""Why the operating system's key store cannot be used; the ui has words for each reason."""

from __future__ import annotations

from enum import StrEnum

from softphone.domain.errors import Broken, TryLater


class KeyStoreTrouble(StrEnum):
    MISSING = "missing"
    """This session has no key store, or nobody answers for it."""
    UNSAFE = "unsafe"
    """The configured one keeps secrets in plain text or not at all; it is refused."""
    LOCKED = "locked"
    """The user has not unlocked it, or dismissed the question."""
    FAILED = "failed"
    """It is there and safe, but the operation did not work."""


class KeyStoreUnusable(Broken):
    """No secret can be kept safely here until somebody changes this computer's set-up."""

    def __init__(self, trouble: KeyStoreTrouble, detail: str = "") -> None:
        super().__init__("key store", detail)
        self.trouble = trouble


class KeyStoreLocked(TryLater):
    """The key store is there but locked; the same attempt works once the user has unlocked it."""

    trouble = KeyStoreTrouble.LOCKED

    def __init__(self, detail: str = "") -> None:
        super().__init__("key store", detail)
