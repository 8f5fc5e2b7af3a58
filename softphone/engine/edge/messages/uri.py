"""SIP URIs, name-addrs and Via values, parsed lightly: what is not needed stays raw text.

Writing a value back yields the text that was read, unless a field was replaced (`dataclasses.replace`).
"""

import re
from dataclasses import replace
from functools import lru_cache

from softphone.domain.facts import dataclass
from softphone.engine.edge.messages.syntax import (
    Params,
    SipSyntaxError,
    bounded_int,
    format_params,
    is_token,
    param,
    parse_params,
    split_outside,
    unquote,
)

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]{0,30}\Z")
_URI_CHARS = re.compile(r"[\x21\x23-\x3b\x3d\x3f-\x7e\u0080-\U0010ffff]+\Z")
_HOST = re.compile(r"[A-Za-z0-9_.\-]{1,255}\Z|\[[0-9A-Fa-f:.%]{2,60}\]\Z")
MAX_URI = 1024
_REMEMBERED = 256
"""How many parsed values are kept: one message is asked for the same ones several times."""


def check_uri(text: str) -> str:
    """The scheme (lower case) of an absolute URI of any kind; SipSyntaxError when it is none."""
    scheme, colon, rest = text.partition(":")
    if len(text) > MAX_URI or not colon or not _SCHEME.match(scheme) or not _URI_CHARS.match(rest):
        raise SipSyntaxError("not a URI")
    return scheme.lower()


def split_host_port(text: str) -> tuple[str, int | None]:
    """`host[:port]`, brackets of an IPv6 address kept; SipSyntaxError when either is malformed."""
    host, port = text.strip(), ""
    if text.startswith("["):
        end = text.find("]") + 1
        host, rest = text[:end], text[end:].strip()
        if rest and not rest.startswith(":"):
            raise SipSyntaxError("text after an IPv6 address")
        port = rest[1:].strip() if rest else ""
        has_port = bool(rest)
    else:
        host, colon, port = host.partition(":")
        host, port, has_port = host.strip(), port.strip(), bool(colon)
    if not _HOST.match(host):
        raise SipSyntaxError("not a host name or address")
    if not has_port:
        return host, None
    number = bounded_int(port, 65535)
    if number is None:
        raise SipSyntaxError("not a port number")
    return host, number


@dataclass(frozen=True, slots=True)
class SipUri:
    """A `sip:` or `sips:` URI (RFC 3261 section 19.1). User and password are raw (escapes kept)."""

    scheme: str
    host: str
    user: str | None = None
    password: str | None = None
    port: int | None = None
    params: Params = ()
    headers: str = ""

    @classmethod
    @lru_cache(maxsize=_REMEMBERED)
    def parse(cls, text: str) -> "SipUri":
        """Raises SipSyntaxError for other schemes and malformed text."""
        scheme = check_uri(text)
        if scheme not in {"sip", "sips"}:
            raise SipSyntaxError("not a SIP URI")
        rest = text[len(scheme) + 1 :]
        user_info, at, rest = _split_user(rest)
        rest, _, headers = rest.partition("?")
        host_port, semicolon, raw_params = rest.partition(";")
        if semicolon and raw_params[:1] in {"", ";"}:
            raise SipSyntaxError("a semicolon without a parameter")
        host, port = split_host_port(host_port)
        user, colon, password = user_info.partition(":")
        return cls(
            scheme,
            host,
            user if at else None,
            password if colon else None,
            port,
            parse_params(raw_params) if semicolon else (),
            headers,
        )

    def param(self, name: str) -> str | None:
        """Raw value of a URI parameter, empty when it has none, None when it is missing."""
        return param(self.params, name)

    def without_params(self, *names: str) -> "SipUri":
        """The same URI less the named parameters."""
        gone = {name.lower() for name in names}
        return replace(self, params=tuple(item for item in self.params if item[0].lower() not in gone))

    @property
    def host_port(self) -> str:
        """`host` or `host:port`."""
        return self.host if self.port is None else f"{self.host}:{self.port}"

    @property
    def address_of_record(self) -> str:
        """`sip:user@host`, without port, parameters and headers; host in lower case."""
        user = "" if self.user is None else f"{self.user}@"
        return f"{self.scheme}:{user}{self.host.lower()}"

    def __str__(self) -> str:
        user = "" if self.user is None else self.user
        if self.password is not None:
            user += f":{self.password}"
        at = "" if self.user is None else "@"
        headers = f"?{self.headers}" if self.headers else ""
        return f"{self.scheme}:{user}{at}{self.host_port}{format_params(self.params)}{headers}"


def _split_user(rest: str) -> tuple[str, bool, str]:
    # `;` and `?` are legal in the user part, so the last `@` before the headers decides.
    head = rest.split("?", 1)[0] if "@" in rest.split("?", 1)[0] else rest
    user, at, _ = head.rpartition("@")
    if not at:
        return "", False, rest
    if not user or "@" in user:
        raise SipSyntaxError("the user part of the URI is malformed")
    return user, True, rest[len(user) + 1 :]


@dataclass(frozen=True, slots=True)
class NameAddr:
    """One value of From, To, Contact, Route, …: display name, URI and header parameters.

    `display` is raw (quotes kept); `bracketed` is False when the URI stood without `<>`, in which case
    everything after the first `;` belongs to the header (RFC 3261 section 20).
    """

    uri: str
    display: str = ""
    params: Params = ()
    bracketed: bool = True

    @classmethod
    @lru_cache(maxsize=_REMEMBERED)
    def parse(cls, text: str) -> "NameAddr":
        """Raises SipSyntaxError; the URI inside must at least be some absolute URI."""
        text = text.strip()
        opening = _bracket_after_display(text)
        if opening < 0:
            uri, semicolon, rest = text.partition(";")
            uri = uri.strip()
            if "?" in uri or "," in uri:
                raise SipSyntaxError("a URI with ? or , needs angle brackets")
            check_uri(uri)
            return cls(uri, "", parse_params(rest) if semicolon else (), bracketed=False)
        display, rest = text[:opening].strip(), text[opening + 1 :]
        uri, closing, tail = rest.partition(">")
        if not closing:
            raise SipSyntaxError("an angle bracket is not closed")
        check_uri(uri)
        tail = tail.strip()
        if tail and not tail.startswith(";"):
            raise SipSyntaxError("text after the angle bracket")
        return cls(uri, _check_display(display), parse_params(tail) if tail else ())

    @property
    def name(self) -> str:
        """The display name without quotes and escapes."""
        return unquote(self.display)

    @property
    def tag(self) -> str | None:
        """The `tag` parameter of From and To."""
        return param(self.params, "tag")

    def param(self, name: str) -> str | None:
        """Raw value of a header parameter, empty when it has none, None when it is missing."""
        return param(self.params, name)

    def __str__(self) -> str:
        if not self.bracketed:
            return f"{self.uri}{format_params(self.params)}"
        space = " " if self.display else ""
        return f"{self.display}{space}<{self.uri}>{format_params(self.params)}"


def _bracket_after_display(text: str) -> int:
    if not text.startswith('"'):
        return text.find("<")
    escaped = False
    for index, char in enumerate(text[1:], 1):
        if escaped:
            escaped = False
        elif char == "\\":
            escaped = True
        elif char == '"':
            rest = text[index + 1 :].lstrip()
            if not rest.startswith("<"):
                raise SipSyntaxError("no angle bracket after the display name")
            return len(text) - len(rest)
    raise SipSyntaxError("the display name's quote is not closed")


def _check_display(display: str) -> str:
    if display.startswith('"'):
        return display
    if any(char in display for char in '"<>;,:@\\'):
        raise SipSyntaxError("the display name must be quoted")
    return display


@dataclass(frozen=True, slots=True)
class Via:
    """One Via value (RFC 3261 section 20.42); `params` keeps `branch`, `rport`, `received` in order."""

    transport: str
    host: str
    port: int | None = None
    params: Params = ()

    @classmethod
    @lru_cache(maxsize=_REMEMBERED)
    def parse(cls, text: str) -> "Via":
        """Raises SipSyntaxError; white space around `/` and `:` is legal."""
        head, semicolon, rest = text.strip().partition(";")
        protocol, _, sent_by = head.strip().replace("\t", " ").rpartition("/")
        transport, _, host_port = sent_by.strip().partition(" ")
        name = protocol.replace(" ", "").upper()
        if name != "SIP/2.0" or not is_token(transport):
            raise SipSyntaxError("the Via's protocol is not SIP/2.0")
        host, port = split_host_port(host_port.strip())
        return cls(transport, host, port, parse_params(rest) if semicolon else ())

    @property
    def branch(self) -> str:
        """The branch, empty when there is none."""
        return param(self.params, "branch") or ""

    def param(self, name: str) -> str | None:
        """Raw value of a parameter, empty when it has none, None when it is missing."""
        return param(self.params, name)

    def with_param(self, name: str, value: str | None) -> "Via":
        """The same Via with one parameter replaced in place or appended."""
        lower = name.lower()
        if any(key.lower() == lower for key, _ in self.params):
            params = tuple((key, value if key.lower() == lower else old) for key, old in self.params)
        else:
            params = (*self.params, (name, value))
        return replace(self, params=params)

    def __str__(self) -> str:
        port = "" if self.port is None else f":{self.port}"
        return f"SIP/2.0/{self.transport} {self.host}{port}{format_params(self.params)}"


def parse_name_addrs(value: str) -> list[NameAddr]:
    """All values of one comma-separated header line; `*` is not one (check for it before)."""
    return [NameAddr.parse(part) for part in split_outside(value, ",")]
