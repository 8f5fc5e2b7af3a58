"""What a CRM pack may say about signing in. Which way is used, the connection in the settings decides."""

from __future__ import annotations

from typing import Literal

import msgspec
from msgspec import field

from softphone.crm.packs.request_schema import RequestTable, Table


class HmacTable(Table, frozen=True, kw_only=True):
    """Every request is signed with the secret. `message` is what is signed, `value` what is sent.

    Placeholders of both: `method`, `path` (without the leading slash), `query`, `target` (path and query),
    `body`, `body_sha256`, `host`, `timestamp` (seconds), `timestamp_ms`, `nonce`, `user`; `value` and
    `headers` also have `signature`. With `encoding = "base64"` the whole value is encoded once more;
    `signature = "raw"` (the bare bytes) is possible only then.
    """

    message: str
    hash: Literal["sha1", "sha256", "sha512"] = "sha256"
    signature: Literal["hex", "base64", "raw"] = "hex"
    header: str = "Authorization"
    value: str = "{user}:{signature}"
    encoding: Literal["none", "base64"] = "none"
    headers: dict[str, str] = field(default_factory=dict)


class OAuthTable(Table, frozen=True, kw_only=True):
    """OAuth 2 (RFC 6749): addresses are absolute, or paths on the CRM's own host; parameters may stand in
    them.

    `authorize_url` is for the authorization code with PKCE (RFC 7636, 8252), `device_url` for the device
    code (RFC 8628). `client_authentication` says how the client's secret is sent, if it has one. A CRM that
    wants the exact redirect address registered gets `redirect_port`; 0 is any free port.
    """

    token_url: str
    authorize_url: str = ""
    device_url: str = ""
    revoke_url: str = ""
    scope: str = ""
    extra: dict[str, str] = field(default_factory=dict)
    client_authentication: Literal["body", "basic"] = "body"
    redirect_host: Literal["127.0.0.1", "localhost"] = "127.0.0.1"
    redirect_port: int = 0
    redirect_path: str = "/"
    lifetime_s: int = 3600


class SessionTable(RequestTable, frozen=True, kw_only=True):
    """A login request whose answer carries what later requests need.

    Its placeholders are `user`, `secret`, `client_id` and the pack's parameters. `save` finds values in the
    answer, `cookie` names a cookie to keep; both can stand in `headers` of later requests, the saved values
    in every template. `expired` is JMESPath that is true for an answer that says "log in again" without a
    401. `secret_in_body` allows `{secret}` in the bodies of all requests, for CRMs that know no better.
    """

    path: str = ""
    method: Literal["GET", "POST", "PUT", "PATCH"] = "POST"
    save: dict[str, str] = field(default_factory=dict)
    cookie: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    expired: str = ""
    secret_in_body: bool = False
    lifetime_s: int = 0


class AuthTable(Table, frozen=True, kw_only=True):
    """`kinds` are the ways of signing in that this CRM knows, the usual first; empty: any that needs no
    table.

    An API key is sent as `<header>: <prefix><secret>`; with `query` as that query parameter instead, with
    `path` (like `/rest/{user}/{secret}`) in front of every path. `basic_user` is the user name for basic
    authentication, like `{user}/token`.
    """

    kinds: tuple[
        Literal[
            "none", "bearer", "api_key", "basic", "hmac", "oauth", "device", "client_credentials", "session"
        ],
        ...,
    ] = ()
    header: str = "X-Api-Key"
    prefix: str = ""
    query: str = ""
    path: str = ""
    basic_user: str = "{user}"
    hmac: HmacTable | None = None
    oauth: OAuthTable | None = None
    session: SessionTable | None = None


class ParameterTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Something that differs from company to company, like a database's name; the connection gives it."""

    label: str
    default: str = ""
    required: bool = True
