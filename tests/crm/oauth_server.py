"""An authorization server as strict as the RFCs, with a CRM behind it: 6749, 7636, 7009, 8628."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from urllib.parse import urlencode

from tests.crm.scripted_server import Asked, Reply, ScriptedServer

CLIENT_ID = "softphone-test"
CLIENT_SECRET = "client s3cret/+"


@dataclass
class OAuthServer:
    """`web` is where it listens. Refresh tokens rotate: an old one, used again, ends everything."""

    web: ScriptedServer
    confidential: bool = False
    lifetime_s: int | None = 3600
    rotates: bool = True
    pending_polls: int = 1
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    access: set[str] = field(default_factory=set)
    refresh: set[str] = field(default_factory=set)
    spent: set[str] = field(default_factory=set)
    revoked: list[str] = field(default_factory=list)
    issued: int = 0
    refuse_device: str = ""

    def start(self) -> None:
        self.web.on("POST /token", self._token)
        self.web.on("POST /device", self._device)
        self.web.on("POST /revoke", self._revoke)
        self.web.on("GET /me", lambda asked: self._guarded(asked, {"id": 7, "name": "Ada Agent"}))
        self.web.on("GET /contacts", lambda asked: self._guarded(asked, [{"id": "1", "name": "Ann"}]))

    def authorize(self, query: dict[str, str]) -> str:
        """What a browser is sent to after the user has agreed; checks the request first."""
        assert query["response_type"] == "code"
        assert query["client_id"] == CLIENT_ID
        assert query["code_challenge_method"] == "S256"
        assert len(query["code_challenge"]) == 43
        assert len(query["state"]) >= 22
        assert query["redirect_uri"].startswith("http://127.0.0.1:")
        code = f"code-{len(self.codes) + 1}"
        self.codes[code] = query
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"

    def end_all_sessions(self) -> None:
        self.access.clear()
        self.refresh.clear()

    def expire_access(self) -> None:
        self.access.clear()

    def _token(self, asked: Asked) -> Reply:
        if asked.headers["content-type"] != "application/x-www-form-urlencoded":
            return _error("invalid_request")
        if self.confidential and not self._knows_client(asked):
            return Reply(401, {"error": "invalid_client"})
        grants = {
            "authorization_code": self._code,
            "refresh_token": self._refreshed,
            "client_credentials": lambda _: self._issue(refresh=False),
            "urn:ietf:params:oauth:grant-type:device_code": self._polled,
        }
        grant = grants.get(asked.form.get("grant_type", ""))
        return grant(asked) if grant else _error("unsupported_grant_type")

    def _knows_client(self, asked: Asked) -> bool:
        form = asked.form
        return (form.get("client_id"), form.get("client_secret")) == (CLIENT_ID, CLIENT_SECRET)

    def _code(self, asked: Asked) -> Reply:
        form = asked.form
        request = self.codes.pop(form.get("code", ""), None)
        if request is None or request["redirect_uri"] != form.get("redirect_uri"):
            return _error("invalid_grant", "code")
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != request["code_challenge"]:
            return _error("invalid_grant", "verifier")
        return self._issue()

    def _refreshed(self, asked: Asked) -> Reply:
        token = asked.form.get("refresh_token", "")
        if token in self.spent:
            self.end_all_sessions()
        if token not in self.refresh:
            return _error("invalid_grant", "this refresh token is not good any more")
        if self.rotates:
            self.refresh.discard(token)
            self.spent.add(token)
        return self._issue(refresh=self.rotates)

    def _polled(self, asked: Asked) -> Reply:
        if self.refuse_device:
            return _error(self.refuse_device)
        if asked.form.get("device_code") != "device-1":
            return _error("invalid_grant")
        if self.pending_polls:
            self.pending_polls -= 1
            return _error("authorization_pending")
        return self._issue()

    def _device(self, asked: Asked) -> Reply:
        assert asked.form["client_id"] == CLIENT_ID
        return Reply(
            body={
                "device_code": "device-1",
                "user_code": "WDJB-MJHT",
                "verification_uri": f"{self.web.base_url}/activate",
                "expires_in": 900,
                "interval": 0.05,
            }
        )

    def _revoke(self, asked: Asked) -> Reply:
        self.revoked.append(asked.form["token"])
        return Reply(200)

    def _issue(self, *, refresh: bool = True) -> Reply:
        self.issued += 1
        answer: dict[str, object] = {"access_token": f"access-{self.issued}", "token_type": "bearer"}
        self.access.add(f"access-{self.issued}")
        if self.lifetime_s is not None:
            answer["expires_in"] = self.lifetime_s
        if refresh:
            answer["refresh_token"] = f"refresh-{self.issued}"
            self.refresh.add(f"refresh-{self.issued}")
        return Reply(body=answer)

    def _guarded(self, asked: Asked, body: object) -> Reply:
        token = asked.headers.get("authorization", "").removeprefix("Bearer ")
        return Reply(body=body) if token in self.access else Reply(401, {"error": "no such token"})


def _error(code: str, words: str = "") -> Reply:
    return Reply(400, {"error": code, "error_description": words})
