"""Compiles the `[auth]` of a pack."""

from __future__ import annotations

from softphone.crm.packs import placeholders as known
from softphone.crm.packs.auth_plans import AuthPlan, HmacPlan, OAuthPlan, SessionPlan
from softphone.crm.packs.auth_schema import AuthTable, HmacTable, OAuthTable, SessionTable
from softphone.crm.packs.compiling import Context, Path
from softphone.crm.packs.template import Template

_NEEDS_TABLE = {
    "hmac": "hmac",
    "oauth": "oauth",
    "device": "oauth",
    "client_credentials": "oauth",
    "session": "session",
}


class AuthCompiler:
    """Errors are `BadInput` with file, line and key."""

    def __init__(self, context: Context) -> None:
        # Signing in comes first: nothing that it brings can stand in it.
        self._in = context.without({"agent_id", "agent_name", "secret"})

    def auth(self, table: AuthTable) -> AuthPlan:
        for index, kind in enumerate(table.kinds):
            needed = _NEEDS_TABLE.get(kind)
            if needed and getattr(table, needed) is None:
                raise self._in.place.wrong(("auth", "kinds", index), f"{kind} needs [auth.{needed}]")
        if table.path and not table.path.startswith("/"):
            raise self._in.place.wrong(("auth", "path"), "must begin with /")
        return AuthPlan(
            kinds=table.kinds,
            header=table.header,
            prefix=table.prefix,
            query=table.query,
            path=self._template(("auth", "path"), table.path, frozenset({"user", "secret"})),
            basic_user=self._in.template(("auth", "basic_user"), table.basic_user, frozenset()),
            hmac=self._hmac(table.hmac) if table.hmac else None,
            oauth=self._oauth(table.oauth) if table.oauth else None,
            session=self._session(table.session) if table.session else None,
        )

    def _template(self, path: Path, text: str, names: frozenset[str] = frozenset()) -> Template | None:
        return self._in.template(path, text, names) if text else None

    def _hmac(self, table: HmacTable) -> HmacPlan:
        if table.signature == "raw" and table.encoding == "none":
            raise self._in.place.wrong(("auth", "hmac", "signature"), 'raw needs encoding = "base64"')
        signed = known.SIGNING_NAMES | {"signature"}
        return HmacPlan(
            message=self._in.template(("auth", "hmac", "message"), table.message, known.SIGNING_NAMES),
            hash=table.hash,
            signature=table.signature,
            header=table.header,
            value=self._in.template(("auth", "hmac", "value"), table.value, signed),
            encode_value=table.encoding == "base64",
            headers=tuple(
                (name, self._in.template(("auth", "hmac", "headers", name), text, signed))
                for name, text in table.headers.items()
            ),
        )

    def _oauth(self, table: OAuthTable) -> OAuthPlan:
        for key in ("token_url", "authorize_url", "device_url", "revoke_url"):
            text = getattr(table, key)
            if text and not text.startswith(("/", "https://", "{")):
                raise self._in.place.wrong(("auth", "oauth", key), "must begin with https:// or /")
        token_url = self._in.template(("auth", "oauth", "token_url"), table.token_url, frozenset())
        return OAuthPlan(
            token_url=token_url,
            authorize_url=self._template(("auth", "oauth", "authorize_url"), table.authorize_url),
            device_url=self._template(("auth", "oauth", "device_url"), table.device_url),
            revoke_url=self._template(("auth", "oauth", "revoke_url"), table.revoke_url),
            scope=table.scope,
            extra=tuple(table.extra.items()),
            client_in_header=table.client_authentication == "basic",
            redirect_host=table.redirect_host,
            redirect_port=table.redirect_port,
            redirect_path=table.redirect_path,
            lifetime_s=table.lifetime_s,
        )

    def _session(self, table: SessionTable) -> SessionPlan:
        path: Path = ("auth", "session")
        if not (table.save or table.cookie) and table.path:
            raise self._in.place.wrong(path, "a login that saves neither a value nor a cookie is of no use")
        before = self._in.without(frozenset(table.save))
        request = before.request(path, table, known.LOGIN_NAMES) if table.path else None
        return SessionPlan(
            request=request,
            save=tuple(
                (name, self._in.query((*path, "save", name), text)) for name, text in table.save.items()
            ),
            cookie=table.cookie,
            headers=tuple(
                (name, self._in.template((*path, "headers", name), text, known.LOGIN_NAMES))
                for name, text in table.headers.items()
            ),
            expired=self._in.maybe_query((*path, "expired"), table.expired),
            secret_in_body=table.secret_in_body,
            lifetime_s=table.lifetime_s,
        )
