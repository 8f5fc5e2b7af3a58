"""Requests signed with a secret that never goes over the network (HMAC, RFC 2104)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import replace

from softphone.crm.auth.credentials import StoredSecret
from softphone.crm.auth.secrets import Vault
from softphone.crm.exchange import Outgoing
from softphone.crm.fault import CrmFault
from softphone.crm.packs.auth_plans import HmacPlan
from softphone.crm.values import Value
from softphone.domain.customer import CrmTrouble


class HmacCredentials:
    """Signs as the pack's `[auth.hmac]` says. `host` is the CRM's, with its port where that is not usual."""

    values: Mapping[str, Value] = {}

    def __init__(
        self,
        vault: Vault,
        plan: HmacPlan,
        values: Mapping[str, Value],
        host: str,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._stored = StoredSecret(vault)
        self._plan = plan
        self._base = values
        self._host = host
        self._now = now

    @property
    def secrets(self) -> tuple[str, ...]:
        return (self._stored.known,) if self._stored.known else ()

    async def ready(self) -> None:
        await self._stored.get()

    def sign(self, outgoing: Outgoing) -> Outgoing:
        """Sign; raises `CrmFault` for a body that is no text where the pack signs the body as text."""
        values = {**self._base, **self._facts(outgoing)}
        message = self._plan.message.text(values)
        digest = hmac.new(self._stored.known.encode(), message.encode(), self._plan.hash).digest()
        headers = [
            (name, template.text(self._signed(values, digest))) for name, template in self._plan.headers
        ]
        value = self._value(values, digest)
        return replace(outgoing, headers=(*outgoing.headers, (self._plan.header, value), *headers))

    def _value(self, values: Mapping[str, Value], digest: bytes) -> str:
        if self._plan.signature != "raw":
            value = self._plan.value.text(self._signed(values, digest))
            return base64.b64encode(value.encode()).decode() if self._plan.encode_value else value
        # The bare bytes of the signature cannot stand in text: put them in after encoding the rest.
        mark = "\0"
        before, _, after = self._plan.value.text({**values, "signature": mark}).partition(mark)
        return base64.b64encode(before.encode() + digest + after.encode()).decode()

    def _signed(self, values: Mapping[str, Value], digest: bytes) -> Mapping[str, Value]:
        coded = digest.hex() if self._plan.signature == "hex" else base64.b64encode(digest).decode()
        return {**values, "signature": coded}

    def _facts(self, outgoing: Outgoing) -> Mapping[str, Value]:
        target = outgoing.target
        path, _, query = target.partition("?")
        body = outgoing.body or b""
        now = self._now()
        try:
            text = body.decode()
        except UnicodeDecodeError as exc:
            raise CrmFault(CrmTrouble.NOT_CONFIGURED, "this request's body cannot be signed") from exc
        return {
            "method": outgoing.method,
            "path": path.lstrip("/"),
            "query": query,
            "target": target,
            "body": text,
            "body_sha256": hashlib.sha256(body).hexdigest(),
            "host": self._host,
            "timestamp": int(now),
            "timestamp_ms": int(now * 1000),
            "nonce": secrets.token_hex(16),
        }

    async def renew(self, shown: Outgoing | None) -> bool:  # noqa: ARG002 - Credentials
        self._stored.forget()
        return False

    async def keep_fresh(self) -> None:
        return

    def forget(self) -> None:
        self._stored.forget()
