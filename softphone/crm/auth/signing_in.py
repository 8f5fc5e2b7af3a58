"""Signing in to a CRM: in the browser, with a device code, or by trying the stored secret; and out again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

from softphone.crm.auth import oauth
from softphone.crm.auth.loopback import waiting_for_browser
from softphone.crm.auth.oauth_endpoints import Endpoints
from softphone.crm.auth.token_credentials import TokenCredentials, keep
from softphone.crm.fault import CrmFault
from softphone.crm.session import CrmSession
from softphone.domain.address import PhoneNumber
from softphone.domain.crm_work import BrowserWords, SignInNews, SignInStep
from softphone.domain.customer import CrmTrouble, CustomerQuery
from softphone.domain.ids import CallId, QueryId
from softphone.domain.settings import CrmAuth

PATIENCE_S = 600.0
"""How long a person may take in the browser."""

_SLOWER_S = 5.0
Tell = Callable[[SignInNews], None]


async def sign_in(session: CrmSession, words: BrowserWords, tell: Tell) -> str:
    """Sign in; returns who is signed in, where the CRM tells. Raises `CrmFault`."""
    auth, name = session.line.connection.auth, session.line.connection.name
    tokens = None
    if auth is CrmAuth.OAUTH:
        tokens = await _in_the_browser(session.line.endpoints(), words, name, tell)
    elif auth is CrmAuth.DEVICE:
        tokens = await _with_a_device_code(session.line.endpoints(), name, tell)
    session.forget_credentials()
    if tokens is not None:
        await keep(session.line.vault, tokens)
        if isinstance(session.line.credentials, TokenCredentials):
            session.line.credentials.adopt(tokens)
    return await prove(session)


async def prove(session: CrmSession) -> str:
    """Show the CRM the credentials by a question that changes nothing; who is signed in, if it tells."""
    if session.line.pack.agent is not None:
        agent = await session.line.asker.agent()
        return str(agent.get("agent_name") or agent.get("agent_id") or "")
    await session.finder.find(CustomerQuery(QueryId("sign-in"), CallId(""), None, "", _NOBODYS))
    return ""


_NOBODYS = PhoneNumber("+15005550000", "+15005550000", "(500) 555-0000", "+1 500-555-0000", "US")
"""A number that nobody has."""


async def sign_out(session: CrmSession) -> None:
    """Forget the secret here; tell the CRM to forget the tokens, where the pack knows how (RFC 7009)."""
    line = session.line
    if line.connection.auth in (CrmAuth.OAUTH, CrmAuth.DEVICE):
        endpoints = line.endpoints()
        stored = line.credentials.secrets
        if endpoints.plan.revoke_url is not None and stored:
            with suppress(CrmFault):  # what is not told any more runs out by itself
                client = await endpoints.client()
                await endpoints.post(endpoints.plan.revoke_url, client, {"token": stored[-1]})
    await line.vault.keep(None)
    session.forget_credentials()


async def _in_the_browser(endpoints: Endpoints, words: BrowserWords, name: str, tell: Tell) -> oauth.Tokens:
    plan = endpoints.plan
    client = await endpoints.client()
    verifier, state = oauth.new_verifier(), oauth.new_verifier()
    async with waiting_for_browser(
        plan.redirect_host,
        plan.redirect_port,
        plan.redirect_path,
        lambda query: oauth.code_of(query, state),
        words,
    ) as (redirect_uri, code):
        parameters = {
            "response_type": "code",
            "client_id": client.id,
            "redirect_uri": redirect_uri,
            "state": state,
            "code_challenge": oauth.challenge_of(verifier),
            "code_challenge_method": "S256",
            **({"scope": plan.scope} if plan.scope else {}),
            **dict(plan.extra),
        }
        url = oauth.authorization_url(endpoints.address(plan.authorize_url), parameters)
        tell(SignInNews(name, SignInStep.OPEN_BROWSER, url, expires_s=PATIENCE_S))
        answer = await _within(PATIENCE_S, code)
    fields = {
        "grant_type": "authorization_code",
        "code": answer,
        "redirect_uri": redirect_uri,
        "code_verifier": verifier,
    }
    return await endpoints.tokens(client, fields)


async def _within(seconds: float, code: asyncio.Future[str]) -> str:
    try:
        return await asyncio.wait_for(code, seconds)
    except TimeoutError as exc:
        raise CrmFault(CrmTrouble.TIMEOUT, "nobody signed in in the browser") from exc


async def _with_a_device_code(endpoints: Endpoints, name: str, tell: Tell) -> oauth.Tokens:
    client = await endpoints.client()
    fields = {"scope": endpoints.plan.scope} if endpoints.plan.scope else {}
    code = oauth.device_code_of(await endpoints.post(endpoints.plan.device_url, client, fields))
    tell(SignInNews(name, SignInStep.TYPE_CODE, code.url, code.user, code.expires_s))
    try:
        async with asyncio.timeout(code.expires_s):
            return await _poll(endpoints, client, code)
    except TimeoutError as exc:
        raise CrmFault(CrmTrouble.TIMEOUT, "nobody typed the code in time") from exc


async def _poll(endpoints: Endpoints, client: oauth.Client, code: oauth.DeviceCode) -> oauth.Tokens:
    """Ask again and again, as slowly as the server wants it (RFC 8628 section 3.5)."""
    interval_s = code.interval_s
    while True:
        await asyncio.sleep(interval_s)
        try:
            fields = {"grant_type": oauth.DEVICE_GRANT, "device_code": code.device}
            return await endpoints.tokens(client, fields)
        except CrmFault as fault:
            refusal = oauth.refusal_of(fault)
            if refusal == "slow_down" or fault.trouble in (CrmTrouble.UNREACHABLE, CrmTrouble.TIMEOUT):
                interval_s += _SLOWER_S
            elif refusal in ("access_denied", "expired_token"):
                raise CrmFault(CrmTrouble.CREDENTIALS, fault.detail) from fault
            elif refusal != "authorization_pending":
                raise
