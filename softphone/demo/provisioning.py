"""The demo as a company that sets phones up: a profile by address, a one-time code for the credentials."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from softphone.demo.addresses import Addresses
from softphone.demo.campaigns import CRM_NAME
from softphone.demo.profile import ACCOUNT_ID, demo_profile
from softphone.domain.audio import AudioChoice
from softphone.domain.company_settings import DiagnosticsSettings
from softphone.system.settings_values import plain

PROFILE, ENROLMENT = "/provisioning/profile.toml", "/provisioning/enrolment"
_LARGEST_REQUEST = 4_096


class DemoProvisioning:
    """`addresses` is asked when somebody comes: they are known once the world has started."""

    def __init__(self, addresses: Callable[[], Addresses], user: str, password: str, crm_token: str) -> None:
        self._addresses = addresses
        self._user = user
        self._password = password
        self._crm_token = crm_token
        self.code = secrets.token_urlsafe(8)
        """Good once."""

    @property
    def url(self) -> str:
        return self._addresses().crm_url + PROFILE

    def routes(self) -> list[Route]:
        return [Route(PROFILE, self._profile), Route(ENROLMENT, self._enrol, methods=["POST"])]

    def profile(self) -> str:
        """The profile: everything but user and passwords."""
        import tomlkit  # only when somebody asks

        whole = demo_profile(self._addresses(), "", "", AudioChoice()).settings
        settings = replace(whole, diagnostics=DiagnosticsSettings(echo_extension="601"))
        table: dict[str, Any] = plain(settings)
        for account in table["accounts"]:
            del account["user"]
        head = {"version": 1, "company": "Demo", "serial": 1}
        enrolment = {"url": self._addresses().crm_url + ENROLMENT}
        return tomlkit.dumps({"profile": head, "enrolment": enrolment, **table})

    async def _profile(self, request: Request) -> Response:
        body = self.profile()
        tag = f'"{hashlib.sha256(body.encode()).hexdigest()[:16]}"'
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers={"ETag": tag})
        return Response(
            body, media_type="application/toml", headers={"ETag": tag, "Cache-Control": "no-cache"}
        )

    async def _enrol(self, request: Request) -> Response:
        if int(request.headers.get("content-length") or _LARGEST_REQUEST + 1) > _LARGEST_REQUEST:
            return JSONResponse({"error": "too large"}, status_code=413)
        try:
            given = (await request.json())["token"]
        except (ValueError, KeyError, TypeError):
            return JSONResponse({"error": "a token is expected"}, status_code=400)
        if not self.code or not secrets.compare_digest(str(given).encode(), self.code.encode()):
            return JSONResponse({"error": "this code was used before or is wrong"}, status_code=410)
        self.code = ""
        return JSONResponse(
            {
                "version": 1,
                "settings": {"accounts": [{"id": ACCOUNT_ID, "user": self._user}]},
                "secrets": {f"account/{ACCOUNT_ID}": self._password, f"crm/{CRM_NAME}": self._crm_token},
            },
            headers={"Cache-Control": "no-store"},
        )
