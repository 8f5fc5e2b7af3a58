"""PJSIP straight to a registrar on this computer, without the edge. Thread: the sip thread."""

from __future__ import annotations

from softphone.domain.account import Account
from softphone.domain.ids import AccountId


class DirectRoute:
    """No proxy at all: only for a registrar on loopback."""

    def start(self) -> None:
        """Nothing to start."""

    def pjsip_listens_on(self, port: int) -> None:
        """Nobody asks."""

    def open(self, account: Account, password: str) -> str:  # noqa: ARG002 - the route's interface
        return ""

    def close(self, account_id: AccountId) -> None:
        """Nothing to close."""

    def reconnect(self, account_id: AccountId) -> None:
        """Nothing to reconnect."""

    def stop(self) -> None:
        """Nothing to stop."""
