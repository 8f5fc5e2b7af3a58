"""Secrets of connections, read from the key store without stopping the loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from softphone.crm.fault import CrmFault
from softphone.domain.customer import CrmTrouble
from softphone.domain.errors import SoftphoneError
from softphone.domain.facts import dataclass

PIECE = 1_000
"""Characters per entry: the Windows Credential Manager takes 2,560 bytes, and tokens can be longer."""

_MOST_PIECES = 20
_MARK = "pieces:"
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Vault:
    """The secrets of one connection. `read` and `write` are the key store's and may block; None forgets.

    Everything raises `CrmFault` (credentials) when the key store cannot be used.
    """

    name: str
    read: Callable[[str], str | None]
    write: Callable[[str, str | None], None] | None = None

    async def secret(self) -> str | None:
        """The connection's secret, or what OAuth gave."""
        return await self._quietly(self._read_whole)

    async def client_secret(self) -> str | None:
        """The OAuth client's own secret."""
        return await self._quietly(lambda: self.read(f"{self._key}/client"))

    async def keep(self, secret: str | None) -> None:
        """Store the secret, or forget it."""
        await self._quietly(lambda: self._write_whole(secret))

    @property
    def _key(self) -> str:
        return f"crm/{self.name}"

    def _read_whole(self) -> str | None:
        first = self.read(self._key)
        if first is None or not first.startswith(_MARK):
            return first
        count = first.removeprefix(_MARK)
        if not count.isdecimal() or not 0 < int(count) <= _MOST_PIECES:
            return None
        pieces = [self.read(f"{self._key}/{number}") for number in range(1, int(count) + 1)]
        return "".join(piece for piece in pieces if piece) if all(pieces) else None

    def _write_whole(self, secret: str | None) -> None:
        if self.write is None:
            raise CrmFault(CrmTrouble.CREDENTIALS, "no key store to keep the secret in")
        before = self.read(self._key) or ""
        if secret is None or len(secret) <= PIECE:
            self.write(self._key, secret)
            used = 0
        else:
            pieces = [secret[at : at + PIECE] for at in range(0, len(secret), PIECE)]
            for number, piece in enumerate(pieces, 1):
                self.write(f"{self._key}/{number}", piece)
            used = len(pieces)
            self.write(self._key, f"{_MARK}{used}")
        had = before.removeprefix(_MARK) if before.startswith(_MARK) else "0"
        for number in range(used + 1, min(int(had), _MOST_PIECES) + 1 if had.isdecimal() else 0):
            self.write(f"{self._key}/{number}", None)

    @staticmethod
    async def _quietly(act: Callable[[], _T]) -> _T:
        """The key store may block while its owner unlocks it; the loop must not."""
        try:
            return await asyncio.to_thread(act)
        except SoftphoneError as exc:
            raise CrmFault(CrmTrouble.CREDENTIALS, f"key store: {exc.detail or exc.thing}") from exc
