"""A phone asks us to take its call elsewhere (REFER: RFC 3515, RFC 3891, RFC 5589)."""

from __future__ import annotations

from urllib.parse import unquote

from softphone.domain.facts import dataclass
from softphone.engine.edge.messages.message import Request
from softphone.engine.edge.messages.syntax import SipSyntaxError, param, parse_params
from softphone.engine.edge.messages.uri import NameAddr, SipUri


@dataclass(frozen=True, slots=True)
class Replaced:
    """The dialog that an attended transfer replaces. `raw` is the Replaces header as it was given."""

    call_id: str
    to_tag: str
    from_tag: str
    raw: str


@dataclass(frozen=True, slots=True)
class Referral:
    """Where to: the user dialled, the whole URI, and for an attended transfer the dialog to replace."""

    user: str
    uri: str
    replaced: Replaced | None = None


def read_referral(refer: Request) -> Referral:
    """The target of a REFER; raises `SipSyntaxError` when there is none that can be called."""
    value = refer.headers.get("Refer-To")
    if value is None:
        raise SipSyntaxError("no Refer-To")
    uri = SipUri.parse(NameAddr.parse(value).uri)
    replaced = None
    for pair in uri.headers.split("&"):
        name, _, text = pair.partition("=")
        if name.lower() == "replaces":
            replaced = _read_replaces(unquote(text))
    plain = SipUri(uri.scheme, uri.host, uri.user, None, uri.port, uri.params)
    return Referral(unquote(uri.user or ""), str(plain), replaced)


def _read_replaces(text: str) -> Replaced:
    call_id, _, rest = text.partition(";")
    params = parse_params(rest)
    to_tag, from_tag = param(params, "to-tag"), param(params, "from-tag")
    if not to_tag or not from_tag:
        raise SipSyntaxError("Replaces without tags")
    return Replaced(call_id, to_tag, from_tag, text)
