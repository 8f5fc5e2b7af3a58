"""The authorization server of a CRM: gives codes to browsers, tokens for codes, new tokens for old ones."""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from tests.crm.shapes.shape import Answer, RefusedError, UndocumentedError, need, only

_AUTHORIZATION = {
    "response_type", "client_id", "redirect_uri", "scope", "state", "code_challenge", "code_challenge_method",
}  # fmt: skip
_REQUEST = {
    "grant_type", "code", "redirect_uri", "client_id", "client_secret", "code_verifier", "refresh_token",
    "scope",
}  # fmt: skip


@dataclass
class OAuthDesk:
    """`redirect_uri` is what is registered with the CRM, to the letter. Refresh tokens serve once."""

    client_id: str
    client_secret: str
    redirect_uri: str
    scopes: frozenset[str]
    tokens: set[str] = field(default_factory=set)
    _codes: dict[str, str] = field(default_factory=dict)
    _refresh: set[str] = field(default_factory=set)

    def approve(self, url: str) -> str:
        """What the person in the browser does; the address that the browser is sent back to."""
        given = dict(parse_qsl(urlsplit(url).query, strict_parsing=True))
        only(given, _AUTHORIZATION, "an authorization request")
        need(given, ("client_id", "redirect_uri", "state", "code_challenge"), "an authorization request")
        if (given["client_id"], given["redirect_uri"]) != (self.client_id, self.redirect_uri):
            raise UndocumentedError(f"not registered: {given['client_id']} {given['redirect_uri']}")
        if given.get("code_challenge_method") != "S256" or given.get("response_type") != "code":
            raise UndocumentedError("a code with an S256 challenge")
        if unknown := set(given.get("scope", "").split()) - self.scopes:
            raise UndocumentedError(f"scopes {unknown}")
        code = secrets.token_urlsafe(8)
        self._codes[code] = given["code_challenge"]
        return f"{self.redirect_uri}?{urlencode({'code': code, 'state': given['state']})}"

    def grant(self, form: dict[str, str]) -> dict[str, Any]:
        """The token endpoint's answer to a code or a refresh token."""
        only(form, _REQUEST, "a token request")
        if (form.get("client_id"), form.get("client_secret")) != (self.client_id, self.client_secret):
            raise RefusedError(Answer({"error": "invalid_client"}, 400))
        if form["grant_type"] == "authorization_code":
            digest = hashlib.sha256(form["code_verifier"].encode()).digest()
            challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
            good = self._codes.pop(form["code"], "") == challenge
            good = good and form["redirect_uri"] == self.redirect_uri
        else:
            good = form["grant_type"] == "refresh_token" and form["refresh_token"] in self._refresh
            self._refresh.discard(form.get("refresh_token", ""))
        if not good:
            raise RefusedError(Answer({"error": "invalid_grant", "error_description": "expired"}, 400))
        access, refresh = secrets.token_urlsafe(12), secrets.token_urlsafe(12)
        self.tokens.add(access)
        self._refresh.add(refresh)
        return {"access_token": access, "refresh_token": refresh, "token_type": "bearer"}

    def shown(self, header: str) -> bool:
        """Whether an Authorization header carries a token of ours."""
        kind, _, token = header.partition(" ")
        return kind == "Bearer" and token in self.tokens

    def revoke_all(self) -> None:
        """Access and refresh tokens: the person must sign in again."""
        self.tokens.clear()
        self._refresh.clear()
