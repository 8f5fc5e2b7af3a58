"""OAuth 2 without its transport: requests to build, answers to read (RFC 6749, 7636, 8252, 8628).

The requests go through `Exchange` like all others, so that limits, certificates and redirects are guarded in
one place; README "Decisions" says why no library does this.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

import msgspec

from softphone.crm.exchange import Outgoing
from softphone.crm.fault import CrmFault
from softphone.domain.customer import CrmTrouble
from softphone.domain.facts import dataclass
from softphone.domain.text import HEADER_LIMIT, clean_line

DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
_FORM = "application/x-www-form-urlencoded"
_TOKEN_LIMIT = 16_000
_SLOWEST_S = 60.0


class Tokens(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a token endpoint gave. `expires_at` is seconds since 1970, 0 when it did not say."""

    access: str = ""
    refresh: str = ""
    expires_at: float = 0.0


@dataclass(frozen=True, slots=True)
class Client:
    """Who we are to the authorization server. A public client has no secret."""

    id: str
    secret: str = ""
    in_header: bool = False

    def post(self, target: str, fields: dict[str, str]) -> Outgoing:
        """A request to the token or device endpoint, with the client's authentication (section 2.3.1)."""
        headers: tuple[tuple[str, str], ...] = ()
        if self.secret and self.in_header:
            pair = f"{quote(self.id, safe='')}:{quote(self.secret, safe='')}"
            headers = (("Authorization", "Basic " + base64.b64encode(pair.encode()).decode("ascii")),)
        else:
            fields = {**fields, "client_id": self.id}
            if self.secret:
                fields["client_secret"] = self.secret
        return Outgoing("POST", target, urlencode(fields).encode(), _FORM, headers)


def new_verifier() -> str:
    """A PKCE code verifier of 256 random bits (RFC 7636 section 4.1)."""
    return secrets.token_urlsafe(32)


def challenge_of(verifier: str) -> str:
    """Its S256 challenge (section 4.2)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode("ascii")).digest()).rstrip(b"=").decode()


def authorization_url(url: str, parameters: dict[str, str]) -> str:
    """`url` with the parameters of an authorization request added to those that it has."""
    parts = urlsplit(url)
    query = urlencode([*parse_qsl(parts.query, keep_blank_values=True), *parameters.items()], quote_via=quote)
    return urlunsplit((parts.scheme, parts.netloc, parts.path, query, ""))


def code_of(query: str, state: str) -> str:
    """The code in the query of the redirect; raises `CrmFault` for another state or an error (4.1.2.1)."""
    found = dict(parse_qsl(query))
    if not secrets.compare_digest(found.get("state", "").encode(), state.encode()):
        raise CrmFault(CrmTrouble.INSECURE, "the browser came back with another state than it was sent with")
    if "error" in found:
        words = clean_line(found.get("error_description", ""), HEADER_LIMIT)
        raise CrmFault(CrmTrouble.CREDENTIALS, ": ".join(filter(None, (clean_line(found["error"]), words))))
    if not found.get("code"):
        raise CrmFault(CrmTrouble.BAD_ANSWER, "the browser came back without a code")
    return found["code"]


def tokens_of(answer: Any, now: float, lifetime_s: float, before: Tokens | None = None) -> Tokens:
    """The tokens of a token endpoint's answer (section 5.1); a refresh token that is not replaced stays."""
    found: dict[str, Any] = answer if isinstance(answer, dict) else {}
    access = _token(found.get("access_token"))
    if not access:
        raise CrmFault(CrmTrouble.BAD_ANSWER, "the token endpoint gave no access token")
    kind = found.get("token_type", "Bearer")
    if not isinstance(kind, str) or kind.lower() != "bearer":
        raise CrmFault(CrmTrouble.BAD_ANSWER, f"an access token of an unknown type: {clean_line(str(kind))}")
    refresh = _token(found.get("refresh_token")) or (before.refresh if before else "")
    seconds = _seconds(found.get("expires_in"))
    return Tokens(access, refresh, now + (seconds or lifetime_s))


def _token(value: Any) -> str:
    """A token that can be sent in a header, else nothing."""
    usable = isinstance(value, str) and value.isascii() and value.isprintable()
    return str(value) if usable and len(value) <= _TOKEN_LIMIT else ""


def _seconds(value: Any) -> float:
    """`expires_in`, which some servers write as text."""
    try:
        return max(0.0, float(value)) if isinstance(value, int | float | str) else 0.0
    except ValueError:
        return 0.0


def refusal_of(fault: CrmFault) -> str:
    """The error code of a token endpoint's refusal (section 5.2, RFC 8628 section 3.5), or nothing."""
    error = fault.body.get("error") if isinstance(fault.body, dict) else None
    return error if isinstance(error, str) else ""


@dataclass(frozen=True, slots=True)
class DeviceCode:
    """RFC 8628 section 3.2. `url` has the code in it already where the server offers that."""

    device: str
    user: str
    url: str
    expires_s: float
    interval_s: float


def device_code_of(answer: Any) -> DeviceCode:
    """Raises `CrmFault` for an answer that cannot be used, or an address that no browser should open."""
    found: dict[str, Any] = answer if isinstance(answer, dict) else {}
    names = ("verification_uri_complete", "verification_uri", "verification_url")
    url = next((found[name] for name in names if found.get(name)), None)
    device, user = _token(found.get("device_code")), found.get("user_code")
    if not (device and isinstance(user, str) and isinstance(url, str)):
        raise CrmFault(CrmTrouble.BAD_ANSWER, "the device endpoint gave no code")
    return DeviceCode(
        device,
        clean_line(user, 40),
        browsable(url),
        min(_seconds(found.get("expires_in")) or 600.0, 1800.0),
        min(_seconds(found.get("interval")) or 5.0, _SLOWEST_S),
    )


def browsable(url: str) -> str:
    """`url` if a browser may open it: https, or http on this computer; raises `CrmFault`."""
    parts = urlsplit(url)
    local = parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost", "::1")
    if not parts.hostname or parts.username or not (local or parts.scheme == "https"):
        raise CrmFault(CrmTrouble.INSECURE, "signing in would leave https")
    return url
