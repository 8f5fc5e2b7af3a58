"""The exact grammar of header values that PJSIP reads (RFC 3261 section 25.1).

PJSIP drops a message whole, without an answer, when one of these does not parse. So the gate refuses such
values properly, and `tidy` puts right those that may be put right.
"""

from __future__ import annotations

import re
from functools import lru_cache

from softphone.engine.edge.messages.headers import Headers
from softphone.engine.edge.messages.syntax import (
    Params,
    SipSyntaxError,
    bounded_int,
    is_token,
    parse_params,
)
from softphone.engine.edge.messages.uri import NameAddr, SipUri, check_uri

# `#` is no legal user character, but many telephone systems send it in service codes, and PJSIP takes it.
_USER = re.compile(r"[A-Za-z0-9\-_.!~*'()&=+$,;?/#%]*\Z")
_URI_PARAM = re.compile(r"[A-Za-z0-9\-_.!~*'()\[\]/:&+$%]+\Z")
_ADDRESS = re.compile(r"\[[0-9A-Fa-f:.]{2,50}\]\Z")
_QUOTED = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"\Z', re.DOTALL)
_MOST_TAGS = 30  # PJSIP reads 32 and drops the message that has more
_LISTS = ("Supported", "Require", "Proxy-Require", "Allow", "Unsupported", "Allow-Events")
_NUMBERS = ("Expires", "Min-Expires", "Min-SE", "RSeq", "Session-Expires")


@lru_cache(maxsize=256)
def check_name_addr(value: str) -> None:
    """SipSyntaxError unless `value` is a name-addr or addr-spec with proper URI and parameters."""
    parsed = NameAddr.parse(value)
    if parsed.display.startswith("*"):
        raise SipSyntaxError("an asterisk before an address")
    if check_uri(parsed.uri) in {"sip", "sips"}:
        uri = SipUri.parse(parsed.uri)
        if not (_USER.match(uri.user or "") and _USER.match(uri.password or "")):
            raise SipSyntaxError("a character that no user part may have")
        if "" in {uri.user, uri.password}:
            raise SipSyntaxError("an empty user or password")
        for name, given in uri.params:
            if not _URI_PARAM.match(name) or (given is not None and not _URI_PARAM.match(given)):
                raise SipSyntaxError("a malformed URI parameter")
    check_params(parsed.params)


def check_params(params: Params) -> None:
    """SipSyntaxError unless all are `token[=token|host|"quoted"]`."""
    for name, value in params:
        if not is_token(name):
            raise SipSyntaxError("a malformed parameter name")
        if value is not None and not (is_token(value) or _QUOTED.match(value) or _ADDRESS.match(value)):
            raise SipSyntaxError("a malformed parameter value")


def check_content_type(value: str) -> None:
    """SipSyntaxError unless it is `type/subtype` with proper parameters."""
    media, _, params = value.partition(";")
    kind, slash, subtype = media.partition("/")
    if not slash or not is_token(kind.strip()) or not is_token(subtype.strip()):
        raise SipSyntaxError("malformed Content-Type")
    check_params(parse_params(params))


def check_option_tags(headers: Headers) -> None:
    """SipSyntaxError unless what is required of us can be read."""
    for name in ("Require", "Proxy-Require"):
        tags = _tags(headers, name)
        if len(tags) > _MOST_TAGS or not all(is_token(tag) for tag in tags):
            raise SipSyntaxError(f"malformed {name}")


def tidy(headers: Headers) -> None:
    """Repair lists and drop numbers that PJSIP could not read; nothing here changes what is asked of us."""
    for name in _LISTS:
        lines = headers.all(name)
        good = [tag for tag in _tags(headers, name) if is_token(tag)][:_MOST_TAGS]
        if len(lines) > 1 or (lines and lines[0].count(",") + 1 != len(good)):
            headers.replace(name, [", ".join(good)] if good else [])
    for name in _NUMBERS:
        value = headers.get(name)
        if value is not None and bounded_int(value.partition(";")[0].strip(), 2**32) is None:
            headers.remove(name)


def _tags(headers: Headers, name: str) -> list[str]:
    """The tags of all lines in their order, each once."""
    return list(dict.fromkeys(tag.strip() for line in headers.all(name) for tag in line.split(",")))
