"""The token, device and revocation endpoints of one connection, wherever they are."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from softphone.crm.auth.oauth import Client, Tokens, browsable, tokens_of
from softphone.crm.auth.secrets import Vault
from softphone.crm.exchange import Exchange, Seen
from softphone.crm.fault import CrmFault, when_signing_in
from softphone.crm.packs.auth_plans import OAuthPlan
from softphone.crm.packs.template import Template
from softphone.crm.values import Value
from softphone.domain.customer import CrmTrouble
from softphone.domain.facts import dataclass


@dataclass(frozen=True, slots=True)
class Endpoints:
    """`values` fill the addresses in; one that begins with `/` is on the CRM's own host."""

    plan: OAuthPlan
    values: Mapping[str, Value]
    base_url: str
    client_id: str
    vault: Vault
    watch: Callable[[Seen], None] | None = None
    now: Callable[[], float] = time.time

    def address(self, template: Template | None) -> str:
        """The filled-in address; raises `CrmFault` when the pack has none, or not a safe one."""
        if template is None:
            raise CrmFault(CrmTrouble.NOT_CONFIGURED, "the pack does not offer this way of signing in")
        text = template.text(self.values)
        return browsable(self.base_url.rstrip("/") + text if text.startswith("/") else text)

    async def client(self) -> Client:
        """Raises `CrmFault` when the settings name no client id."""
        if not self.client_id:
            raise CrmFault(CrmTrouble.NOT_CONFIGURED, "client_id is missing in the settings")
        secret = await self.vault.client_secret()
        return Client(self.client_id, secret or "", self.plan.client_in_header)

    async def post(self, template: Template | None, client: Client, fields: dict[str, str]) -> Any:
        """The answer of an endpoint; raises `CrmFault` whose body has its error code."""
        parts = urlsplit(self.address(template))
        target = urlunsplit(("", "", parts.path or "/", parts.query, ""))
        exchange = Exchange(f"{parts.scheme}://{parts.netloc}", watch=self.watch)
        try:
            return await exchange.send(client.post(target, fields))
        except CrmFault as fault:
            raise _explained(fault) from fault
        finally:
            await exchange.close()

    async def tokens(self, client: Client, fields: dict[str, str], before: Tokens | None = None) -> Tokens:
        """Ask the token endpoint."""
        asked_at = self.now()
        answer = await self.post(self.plan.token_url, client, fields)
        return tokens_of(answer, asked_at, self.plan.lifetime_s, before)


def _explained(refusal: CrmFault) -> CrmFault:
    """The fault with the endpoint's own words (RFC 6749 section 5.2)."""
    fault = when_signing_in(refusal)
    body = fault.body if isinstance(fault.body, dict) else {}
    words = [body[key] for key in ("error", "error_description") if isinstance(body.get(key), str)]
    detail = ": ".join([fault.detail, *words])
    return CrmFault(
        fault.trouble, detail, retry_after_s=fault.retry_after_s, status=fault.status, body=fault.body
    )
