"""Access tokens: shown with every request, refreshed before they run out, and once when refused."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Protocol

import msgspec
import structlog

from softphone.crm.auth.credentials import StoredSecret, with_header
from softphone.crm.auth.oauth import Tokens, refusal_of
from softphone.crm.auth.oauth_endpoints import Endpoints
from softphone.crm.auth.secrets import Vault
from softphone.crm.exchange import Outgoing
from softphone.crm.fault import CrmFault
from softphone.crm.values import Value
from softphone.domain.customer import CrmTrouble

EARLY_S = 60.0
"""An access token that lives no longer than this is not shown any more."""

FRESH_S = 300.0
"""Between calls, tokens that live no longer than this are renewed."""

_FINAL = ("invalid_grant", "invalid_client", "unauthorized_client", "invalid_token", "access_denied")
_log = structlog.get_logger(__name__)


class Source(Protocol):
    """Where access tokens come from."""

    async def first(self) -> Tokens:
        """Those to begin with; raises `CrmFault` (credentials) when somebody must sign in."""

    async def next(self, tokens: Tokens) -> Tokens:
        """New ones instead of `tokens`; raises `CrmFault`."""

    @property
    def secrets(self) -> tuple[str, ...]: ...


class TokenCredentials:
    """Shows `Authorization: Bearer`; one renewal at a time, for all requests that wait for it."""

    values: Mapping[str, Value] = {}

    def __init__(self, source: Source, now: Callable[[], float] = time.time) -> None:
        self._source = source
        self._now = now
        self._tokens: Tokens | None = None
        self._renewing = asyncio.Lock()

    @property
    def secrets(self) -> tuple[str, ...]:
        tokens = self._tokens or Tokens()
        return tuple(filter(None, (tokens.access, tokens.refresh, *self._source.secrets)))

    async def ready(self) -> None:
        async with self._renewing:
            if self._tokens is None:
                self._tokens = await self._source.first()
            if self._left_s < EARLY_S or not self._tokens.access:
                self._tokens = await self._source.next(self._tokens)

    def adopt(self, tokens: Tokens) -> None:
        """Somebody has just signed in: use these."""
        self._tokens = tokens

    @property
    def _left_s(self) -> float:
        """Seconds that the access token will live; a lot when nobody said."""
        tokens = self._tokens
        return 1e9 if tokens is None or not tokens.expires_at else tokens.expires_at - self._now()

    def sign(self, outgoing: Outgoing) -> Outgoing:
        access = self._tokens.access if self._tokens else ""
        return with_header(outgoing, "Authorization", f"Bearer {access}")

    async def renew(self, shown: Outgoing | None) -> bool:
        """Get a new access token at once; requests that were refused with the same one share the new one."""
        async with self._renewing:
            refused = self._tokens
            if refused is None:
                return True
            if shown is not None and ("Authorization", f"Bearer {refused.access}") not in shown.headers:
                return True
            try:
                self._tokens = await self._source.next(refused)
            except CrmFault as fault:
                if fault.trouble is CrmTrouble.CREDENTIALS:
                    self._tokens = None
                _log.info("crm_tokens_not_renewed", trouble=fault.trouble.value)
                return False
        return True

    async def keep_fresh(self) -> None:
        if self._tokens is not None and self._left_s < FRESH_S:
            async with self._renewing:
                if self._left_s < FRESH_S and self._tokens is not None:
                    self._tokens = await self._source.next(self._tokens)

    def forget(self) -> None:
        self._tokens = None


class StoredTokens:
    """Tokens that somebody signed in for, in the browser or with a device code."""

    def __init__(self, endpoints: Endpoints) -> None:
        self._endpoints = endpoints
        self._refused = ""
        """A refresh token that the CRM takes no more: it is not asked with it again."""

    @property
    def secrets(self) -> tuple[str, ...]:
        return ()

    async def first(self) -> Tokens:
        stored = await self._endpoints.vault.secret()
        tokens = _read(stored)
        if tokens is None:
            raise CrmFault(CrmTrouble.CREDENTIALS, "nobody is signed in to this CRM")
        return tokens

    async def next(self, tokens: Tokens) -> Tokens:
        # What is stored, not what we remember: a check, `softphone crm` or another desk may have refreshed
        # meanwhile, and a refresh token used twice ends the sign-in for all (RFC 9700 section 4.14.2).
        newest = await self.first()
        if newest.access and newest.access != tokens.access:
            return newest
        if not newest.refresh or newest.refresh == self._refused:
            raise CrmFault(CrmTrouble.CREDENTIALS, "the sign-in has run out: sign in again")
        try:
            return await self._refreshed(newest)
        except CrmFault as fault:
            if refusal_of(fault) not in _FINAL and fault.trouble is not CrmTrouble.CREDENTIALS:
                raise
            self._refused = newest.refresh
            latest = await self.first()
            if latest.refresh in ("", newest.refresh):
                raise CrmFault(CrmTrouble.CREDENTIALS, f"the sign-in is over: {fault.detail}") from fault
        return await self._refreshed(latest)  # somebody else was faster

    async def _refreshed(self, tokens: Tokens) -> Tokens:
        client = await self._endpoints.client()
        fields = {"grant_type": "refresh_token", "refresh_token": tokens.refresh}
        fresh = await self._endpoints.tokens(client, fields, tokens)
        # A rotated refresh token is stored before the new access token is used: were this process to end in
        # between, the old one would be worth nothing and the new one unknown.
        await keep(self._endpoints.vault, fresh)
        return fresh


class ClientTokens:
    """Tokens for the client's own id and secret (RFC 6749 section 4.4), kept in memory only."""

    def __init__(self, endpoints: Endpoints) -> None:
        self._endpoints = endpoints
        self._stored = StoredSecret(endpoints.vault)

    @property
    def secrets(self) -> tuple[str, ...]:
        return (self._stored.known,) if self._stored.known else ()

    async def first(self) -> Tokens:
        return await self.next(Tokens())

    async def next(self, tokens: Tokens) -> Tokens:  # noqa: ARG002 - as the protocol has it
        client = replace(await self._endpoints.client(), secret=await self._stored.get())
        fields = {"grant_type": "client_credentials"}
        if self._endpoints.plan.scope:
            fields["scope"] = self._endpoints.plan.scope
        try:
            return await self._endpoints.tokens(client, fields)
        except CrmFault as fault:
            if refusal_of(fault) in _FINAL:
                self._stored.forget()
                raise CrmFault(CrmTrouble.CREDENTIALS, f"this client is refused: {fault.detail}") from fault
            raise


async def keep(vault: Vault, tokens: Tokens) -> None:
    """Store what is needed to go on later: the refresh token, or else the access token itself."""
    kept = Tokens(refresh=tokens.refresh) if tokens.refresh else tokens
    await vault.keep(msgspec.json.encode(kept).decode())


def _read(stored: str | None) -> Tokens | None:
    try:
        return msgspec.json.decode(stored, type=Tokens) if stored else None
    except msgspec.DecodeError:
        return None
