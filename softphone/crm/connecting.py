"""From a configured connection and its pack to something that can be asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from softphone.crm.asking import Asker
from softphone.crm.auth.credentials import Credentials, NoCredentials, SecretCredentials, putting
from softphone.crm.auth.login import SessionCredentials
from softphone.crm.auth.oauth_endpoints import Endpoints
from softphone.crm.auth.secrets import Vault
from softphone.crm.auth.signing import HmacCredentials
from softphone.crm.auth.token_credentials import ClientTokens, StoredTokens, TokenCredentials
from softphone.crm.exchange import Exchange, Seen
from softphone.crm.fault import CrmFault
from softphone.crm.packs.plans import Pack
from softphone.crm.values import Value
from softphone.domain.customer import CrmTrouble
from softphone.domain.settings import CrmAuth, CrmConnection


class Line:
    """A connection in use: exchange, credentials and asker of one configured CRM.

    Raises `CrmFault` (not configured, insecure) for what cannot be used. `refused` hears that the CRM takes
    the credentials no more; `watch` sees every request.
    """

    def __init__(
        self,
        connection: CrmConnection,
        pack: Pack,
        vault: Vault,
        refused: Callable[[str], None] = lambda _: None,
        watch: Callable[[Seen], None] | None = None,
    ) -> None:
        self.connection = connection
        self.pack = pack
        self.vault = vault
        self._watch = watch
        self.exchange = Exchange(connection.base_url, watch=watch)
        self.values = _values(connection, pack, str(self.exchange.base_url).rstrip("/"))
        self.headers = tuple((name, template.text(self.values)) for name, template in pack.headers)
        self.credentials = self._credentials()
        patience_s = min(3.0, connection.timeout_s / 2)
        self.asker = Asker(
            pack, self.exchange, self.credentials, self.values, self.headers, patience_s, refused
        )

    def endpoints(self) -> Endpoints:
        """OAuth's endpoints; raises `CrmFault` when the pack has none."""
        plan = self.pack.auth.oauth
        if plan is None:
            raise CrmFault(CrmTrouble.NOT_CONFIGURED, f"the pack {self.pack.name} has no [auth.oauth]")
        base_url = str(self.exchange.base_url)
        return Endpoints(plan, self.values, base_url, self.connection.client_id, self.vault, self._watch)

    async def close(self) -> None:
        await self.exchange.close()

    def _credentials(self) -> Credentials:
        auth, plan = self.connection.auth, self.pack.auth
        if plan.kinds and auth.value not in plan.kinds:
            known = ", ".join(plan.kinds)
            raise CrmFault(CrmTrouble.NOT_CONFIGURED, f"auth = {auth.value!r}: the pack knows {known}")
        if auth is CrmAuth.NONE:
            return NoCredentials()
        if auth in (CrmAuth.OAUTH, CrmAuth.DEVICE):
            return TokenCredentials(StoredTokens(self.endpoints()))
        if auth is CrmAuth.CLIENT_CREDENTIALS:
            return TokenCredentials(ClientTokens(self.endpoints()))
        if auth is CrmAuth.SESSION:
            if plan.session is None:
                raise CrmFault(CrmTrouble.NOT_CONFIGURED, f"the pack {self.pack.name} has no [auth.session]")
            values = {**self.values, "client_id": self.connection.client_id}
            return SessionCredentials(self.vault, plan.session, values, self.exchange, self.headers)
        if auth is CrmAuth.HMAC:
            if plan.hmac is None:
                raise CrmFault(CrmTrouble.NOT_CONFIGURED, f"the pack {self.pack.name} has no [auth.hmac]")
            host = self.exchange.base_url.netloc.decode("ascii")
            return HmacCredentials(self.vault, plan.hmac, self.values, host)
        return SecretCredentials(self.vault, putting(auth, plan, self.values))


def _values(connection: CrmConnection, pack: Pack, base_url: str) -> Mapping[str, Value]:
    """What stands everywhere; raises `CrmFault` for a parameter that is missing or unknown."""
    given = dict(connection.parameters)
    known = {parameter.name for parameter in pack.parameters}
    if unknown := sorted(set(given) - known):
        names = ", ".join(sorted(known)) or "none"
        raise CrmFault(CrmTrouble.NOT_CONFIGURED, f"unknown parameter {unknown[0]!r}; the pack knows {names}")
    values: dict[str, Value] = {"user": connection.user, "base_url": base_url}
    for parameter in pack.parameters:
        value = given.get(parameter.name) or parameter.default
        if parameter.required and not value:
            raise CrmFault(
                CrmTrouble.NOT_CONFIGURED, f"the parameter {parameter.name!r} ({parameter.label}) is missing"
            )
        values[parameter.name] = value
    return values
