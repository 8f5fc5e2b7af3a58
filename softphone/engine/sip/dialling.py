"""From what the desk wants to call to a SIP URI. Pure rules; thread: any."""

from __future__ import annotations

import re
from urllib.parse import quote

from softphone.domain.account import Account
from softphone.domain.address import SipAddress, diallable
from softphone.domain.errors import BadInput
from softphone.engine.edge.messages.syntax import is_token

_USER_SAFE = "-_.!~*'()&=+$,;?/%"
"""Characters that RFC 3261 allows unescaped in a user part (`#` is none of them), and `%` of escapes."""
_RESERVED = frozenset(
    {"via", "from", "to", "call-id", "cseq", "contact", "route", "record-route", "max-forwards"}
    | {"content-length", "content-type", "authorization", "proxy-authorization", "require", "supported"}
    | {"replaces", "refer-to", "expires"}
)
VALUE_LIMIT = 1_000
_PLAIN_USER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def target_uri(target: str, account: Account) -> tuple[str, str]:
    """Return the URI for `target` (digits or a SIP address) and its user part; raise `BadInput`."""
    wanted = diallable(target)
    if not wanted.startswith("sip:"):
        return f"sip:{quote_user(wanted)}@{authority(account)}", wanted
    address = SipAddress.parse(wanted)
    if not address.user:
        raise BadInput("address", "there is nobody to call at that host")
    port = "" if address.port is None else f":{address.port}"
    return f"sip:{quote_user(address.user)}@{address.host}{port}", address.user


def member_uri(member: str, account: Account) -> str:
    """Return the URI of a colleague or queue: a user part of the account's own domain, digits or not, or a
    whole SIP address; raise `BadInput`."""
    if _PLAIN_USER.fullmatch(member.strip()):
        return f"sip:{quote_user(member.strip())}@{authority(account)}"
    return target_uri(member, account)[0]


def quote_user(user: str) -> str:
    """The user part with what SIP does not allow there escaped."""
    return quote(user, safe=_USER_SAFE)


def authority(account: Account) -> str:
    """Host and port of the account's domain as they stand in URIs; an IPv6 address has brackets."""
    host = account.sip_domain.strip("[]")
    port = "" if account.port is None or account.domain else f":{account.port}"
    return f"[{host}]{port}" if ":" in host else f"{host}{port}"


def is_header(name: str, value: str) -> bool:
    """Whether the desk may put this header into an INVITE: well-formed and none that SIP itself writes."""
    printable = all(c.isprintable() for c in value) and len(value) <= VALUE_LIMIT
    return is_token(name) and name.lower() not in _RESERVED and printable
