"""Who is called and who is calling: SIP addresses and telephone numbers as values."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import unquote

from softphone.domain.errors import BadInput
from softphone.domain.facts import dataclass

SHORTEST_PUBLIC = 6
"""Digits. Fewer are an extension or a service code even where they happen to form a valid number."""

_USER = re.compile(r"[A-Za-z0-9\-_.!~*'()&=+$,;?/%#]{1,128}")
_HOST = re.compile(r"(\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?)")
_DIALLABLE = re.compile(r"\+?[0-9*#]{1,40}")
_MOST_ESCAPED = 3
"""How often over a text may be escaped and still be seen through."""
_LONGEST_TYPED = 1_000
_DECORATION = re.compile(r"[\s()\[\]./\u00a0\u2010-\u2015\u2212-]+")


@dataclass(frozen=True, slots=True)
class SipAddress:
    """user@host of a SIP or SIPS URI (RFC 3261 section 19.1), without parameters or headers."""

    user: str
    host: str
    port: int | None = None

    def __str__(self) -> str:
        authority = self.host if self.port is None else f"{self.host}:{self.port}"
        return f"sip:{self.user}@{authority}" if self.user else f"sip:{authority}"

    @staticmethod
    def parse(text: str) -> SipAddress:
        """Read `[sip:|sips:]user@host[:port][;…][?…]`; raise `BadInput` that names what is wrong."""
        rest = re.sub(r"^\s*sips?:", "", text.strip(), flags=re.IGNORECASE)
        rest = re.split(r"[?;>]", rest, maxsplit=1)[0] if "@" not in rest else _before_parameters(rest)
        user, at, authority = rest.rpartition("@")
        host, port = _split_port(authority)
        if at and not _USER.fullmatch(user):
            raise BadInput("address", "the part before @ is empty or has characters that SIP does not allow")
        if not _HOST.fullmatch(host):
            raise BadInput("address", "the part after @ is not a host name or IP address")
        return SipAddress(user, host.lower(), port)


@dataclass(frozen=True, slots=True)
class PhoneNumber:
    """One telephone number in the forms that people, CRMs and telephone systems write.

    `e164` is empty when the number is not a public one (an extension, a feature code).
    """

    raw: str
    e164: str = ""
    national: str = ""
    international: str = ""
    region: str = ""

    @property
    def shown(self) -> str:
        """The form for the eye: international where there is one, else what was given."""
        return self.international or self.raw

    @property
    def digits(self) -> str:
        return "".join(c for c in (self.e164 or self.raw) if c.isdigit())

    @property
    def internal(self) -> bool:
        """An extension or a user's name: no number that somebody outside could have."""
        return not self.e164 and len(self.digits) < SHORTEST_PUBLIC


def diallable(text: str) -> str:
    """Return what is to be dialled from typed or pasted text: a SIP address, or digits with `+`, `*`, `#`.

    `tel:` (RFC 3966), `callto:` and `sip:` links are understood. Raise `BadInput` if nothing can be dialled.
    """
    stripped = re.sub(r"^\s*(tel|callto):(//)?", "", text.strip(), flags=re.IGNORECASE)
    if "@" in stripped or re.match(r"sips?:", stripped, re.IGNORECASE):
        return str(SipAddress.parse(stripped))
    number = _DECORATION.sub("", stripped.split(";", 1)[0].replace("(0)", ""))
    number = "".join(str(int(c)) if c.isdecimal() else c for c in number)
    number = re.sub(r"^00(?=[1-9])", "+", number)
    if not _DIALLABLE.fullmatch(number):
        raise BadInput("number", "this is neither a telephone number nor a SIP address")
    return number


def as_meant(text: str) -> str:
    """The number that a text stands for, however it was written: percent escapes, full-width signs, other
    asterisks, blanks. For judging what somebody tries to reach, never for dialling."""
    plain = text[:_LONGEST_TYPED]
    for _ in range(_MOST_ESCAPED):
        plain = unquote(plain)
    plain = re.sub(r"^\s*(tel|callto|sips?):(//)?", "", plain, flags=re.IGNORECASE).partition("@")[0]
    plain = unicodedata.normalize("NFKC", plain)
    return "".join(_meant(c) for c in plain if not _DECORATION.fullmatch(c))


def _meant(character: str) -> str:
    if character.isdecimal():
        return str(int(character))
    return "*" if "ASTERISK" in unicodedata.name(character, "") else character


def _before_parameters(rest: str) -> str:
    user, _, authority = rest.rpartition("@")
    return user + "@" + re.split(r"[?;>]", authority, maxsplit=1)[0]


def _split_port(authority: str) -> tuple[str, int | None]:
    match = re.fullmatch(r"(\[[^\]]*\]|[^:]*)(?::(\d{1,5}))?", authority)
    if match is None:
        return authority, None
    port = int(match[2]) if match[2] else None
    if port is not None and not 0 < port < 65536:
        raise BadInput("address", "the port is not between 1 and 65535")
    return match[1], port


def is_host(text: str, *, port: bool = False) -> bool:
    """Whether `text` is a host name or address alone; with `port` it may end in `:number`."""
    try:
        return SipAddress.parse(f"user@{text}").port is None or port
    except BadInput:
        return False
