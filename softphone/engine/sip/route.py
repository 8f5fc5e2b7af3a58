"""The way of an account's signalling from PJSIP to the server. Thread: the sip thread."""

from __future__ import annotations

from typing import Protocol

from softphone.domain.account import Account
from softphone.domain.ids import AccountId


class Route(Protocol):
    """What the user agent needs of the edge."""

    def start(self) -> None: ...
    def pjsip_listens_on(self, port: int) -> None:
        """Tell the loopback port of PJSIP: nobody else is trusted on the local side."""

    def open(self, account: Account, password: str) -> str:
        """Begin to connect; return the URI of the outbound proxy for PJSIP (empty: none)."""

    def close(self, account_id: AccountId) -> None: ...
    def reconnect(self, account_id: AccountId) -> None: ...
    def stop(self) -> None: ...
