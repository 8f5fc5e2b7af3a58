"""Showing a CRM who we are: one class per way of doing it, all used alike by `asking.Asker`.

`ready` makes sure that there is something to show (it may read the key store, log in or refresh), `sign` puts
it on a request, `renew` is called after the CRM refused it and tells whether trying again makes sense.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Protocol

from softphone.crm.auth.secrets import Vault
from softphone.crm.exchange import Outgoing
from softphone.crm.fault import CrmFault
from softphone.crm.packs.auth_plans import AuthPlan
from softphone.crm.packs.template import path_segment, query_value
from softphone.crm.values import Value
from softphone.domain.customer import CrmTrouble
from softphone.domain.settings import CrmAuth

Put = Callable[[Outgoing, str], Outgoing]
"""Puts a secret on a request."""


class Credentials(Protocol):
    """One connection's credentials; lives on the CRM thread's loop."""

    @property
    def values(self) -> Mapping[str, Value]:
        """What signing in gave to the templates of later requests."""

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must be masked where requests are shown."""

    async def ready(self) -> None:
        """Make sure that there is something to show; raises `CrmFault`."""

    def sign(self, outgoing: Outgoing) -> Outgoing: ...
    async def renew(self, shown: Outgoing | None) -> bool:
        """The CRM refused the signed request `shown`, or signing in for it. True: there is something new."""

    async def keep_fresh(self) -> None:
        """Called now and then: renew what will soon run out, so that no caller waits for it."""

    def forget(self) -> None:
        """Read and sign in anew at the next request: somebody has changed the secret."""


class NoCredentials:
    values: Mapping[str, Value] = {}
    secrets: tuple[str, ...] = ()

    async def ready(self) -> None:
        return

    def sign(self, outgoing: Outgoing) -> Outgoing:
        return outgoing

    async def renew(self, shown: Outgoing | None) -> bool:  # noqa: ARG002 - Credentials
        return False

    async def keep_fresh(self) -> None:
        return

    def forget(self) -> None:
        return


class StoredSecret:
    """The secret of the key store, kept in memory until the CRM refuses it."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._secret: str | None = None
        self._reading = asyncio.Lock()

    async def get(self) -> str:
        """The secret; raises `CrmFault` (credentials) if there is none that could be sent in a header."""
        async with self._reading:
            if self._secret is None:
                secret = await self._vault.secret()
                if not secret or not secret.isascii() or not secret.isprintable():
                    raise CrmFault(CrmTrouble.CREDENTIALS, "no usable secret is stored for this CRM")
                self._secret = secret
            return self._secret

    @property
    def known(self) -> str:
        """What `get` gave last, or nothing."""
        return self._secret or ""

    def forget(self) -> None:
        self._secret = None


class SecretCredentials:
    """A secret that goes along with every request: bearer, API key, basic."""

    values: Mapping[str, Value] = {}

    def __init__(self, vault: Vault, put: Put) -> None:
        self._stored = StoredSecret(vault)
        self._put = put

    @property
    def secrets(self) -> tuple[str, ...]:
        return (self._stored.known,) if self._stored.known else ()

    async def ready(self) -> None:
        await self._stored.get()

    def sign(self, outgoing: Outgoing) -> Outgoing:
        return self._put(outgoing, self._stored.known)

    async def renew(self, shown: Outgoing | None) -> bool:  # noqa: ARG002 - Credentials
        """The user may have stored another one meanwhile: it is read anew the next time, not now."""
        self._stored.forget()
        return False

    async def keep_fresh(self) -> None:
        return

    def forget(self) -> None:
        self._stored.forget()


def putting(
    auth: CrmAuth, plan: AuthPlan, values: Mapping[str, Value]
) -> Callable[[Outgoing, str], Outgoing]:
    """How a secret is put on a request for `bearer`, `api_key` and `basic`."""
    if auth is CrmAuth.BASIC:
        user = plan.basic_user.text(values)

        def basic(outgoing: Outgoing, secret: str) -> Outgoing:
            return with_header(outgoing, "Authorization", basic_value(user, secret))

        return basic
    if auth is CrmAuth.BEARER:
        return lambda outgoing, secret: with_header(outgoing, "Authorization", f"Bearer {secret}")
    path = plan.path
    if path is not None:
        return lambda outgoing, secret: replace(
            outgoing, target=path.text({**values, "secret": secret}, path_segment) + outgoing.target
        )
    if plan.query:
        return lambda outgoing, secret: _with_query(outgoing, plan.query, secret)
    return lambda outgoing, secret: with_header(outgoing, plan.header, plan.prefix + secret)


def basic_value(user: str, secret: str) -> str:
    """RFC 7617 section 2, in UTF-8."""
    return "Basic " + base64.b64encode(f"{user}:{secret}".encode()).decode("ascii")


def with_header(outgoing: Outgoing, name: str, value: str) -> Outgoing:
    return replace(outgoing, headers=(*outgoing.headers, (name, value)))


def _with_query(outgoing: Outgoing, name: str, value: str) -> Outgoing:
    mark = "&" if "?" in outgoing.target else "?"
    return replace(outgoing, target=f"{outgoing.target}{mark}{query_value(name)}={query_value(value)}")
