"""Secrets in the key store: long ones in pieces, locked stores told as they are."""

from __future__ import annotations

import asyncio

import pytest

from softphone.crm.auth.secrets import PIECE, Vault
from softphone.crm.fault import CrmFault
from softphone.domain.customer import CrmTrouble
from softphone.domain.key_store import KeyStoreLocked


class Store(dict[str, str]):
    def write(self, name: str, secret: str | None) -> None:
        if secret is None:
            self.pop(name, None)
        else:
            assert len(secret) <= PIECE, "more than the Windows Credential Manager takes"
            self[name] = secret


@pytest.mark.parametrize("length", [1, PIECE, PIECE + 1, 3 * PIECE, 16_000])
def test_a_secret_of_any_length_comes_back_and_goes_away_whole(length: int) -> None:
    store = Store()
    vault = Vault("demo", store.get, store.write)
    secret = "".join(chr(33 + i % 90) for i in range(length))
    asyncio.run(vault.keep(secret))
    assert asyncio.run(vault.secret()) == secret
    asyncio.run(vault.keep("short"))
    assert dict(store) == {"crm/demo": "short"}
    asyncio.run(vault.keep(None))
    assert not store


def test_half_of_a_secret_is_none() -> None:
    store = Store()
    vault = Vault("demo", store.get, store.write)
    asyncio.run(vault.keep("x" * 2_500))
    del store["crm/demo/2"]
    assert asyncio.run(vault.secret()) is None


def test_a_locked_key_store_is_a_matter_of_credentials() -> None:
    def locked(_name: str) -> str:
        raise KeyStoreLocked("not unlocked")

    with pytest.raises(CrmFault, match="not unlocked") as caught:
        asyncio.run(Vault("demo", locked).secret())
    assert caught.value.trouble is CrmTrouble.CREDENTIALS
