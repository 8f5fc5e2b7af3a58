"""Lexical ground rules of SIP text (RFC 3261 section 25), each checked in linear time.

Everything here works on text that may be hostile: no pattern backtracks, every scan is one pass.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

TOKEN = re.compile(r"[A-Za-z0-9\-.!%*_+`'~]+\Z")

# Whole quoted strings and brackets are stepped over; a quote or bracket matched alone is never closed.
# The quantifier is possessive: nothing is tried twice, however long the text is.
_SEPARATED = {
    separator: re.compile(rf'"(?:[^"\\]|\\.)*+"|<[^>]*+>|["<{separator}]', re.DOTALL) for separator in ",;"
}

Params = tuple[tuple[str, str | None], ...]
"""Parameters in their order: name as written, raw value (quotes kept) or None when there is no `=`."""


class SipSyntaxError(ValueError):
    """The text breaks SIP's grammar; the message says where, without quoting unbounded input."""


@lru_cache(maxsize=1_024)
def is_token(text: str) -> bool:
    """Whether `text` is a token of RFC 3261 (method, header name, parameter name)."""
    return TOKEN.match(text) is not None


def split_outside(text: str, separator: str) -> list[str]:
    """Split at `separator` where it stands outside quotes and angle brackets; parts are stripped.

    Raises SipSyntaxError when a quote or bracket is never closed.
    """
    if separator not in text and '"' not in text and "<" not in text:
        return [text.strip()]
    parts: list[str] = []
    start = 0
    for found in _SEPARATED[separator].finditer(text):
        one = found[0]
        if one == separator:
            parts.append(text[start : found.start()].strip())
            start = found.end()
        elif one in {'"', "<"}:
            raise SipSyntaxError("a quote or angle bracket is not closed")
    parts.append(text[start:].strip())
    return parts


def parse_params(text: str) -> Params:
    """Parameters of `;a=b;c` (the leading `;` may be missing); an empty text has none."""
    text = text.strip()
    if not text:
        return ()
    text = text.removeprefix(";")
    return tuple(_param(part) for part in split_outside(text, ";"))


def _param(part: str) -> tuple[str, str | None]:
    name, equals, value = part.partition("=")
    name = name.strip()
    if not name or any(char in name for char in ' \t"<>,'):
        raise SipSyntaxError("a parameter has no proper name")
    return name, value.strip() if equals else None


def format_params(params: Iterable[tuple[str, str | None]]) -> str:
    """The parameters as `;a=b;c`, raw."""
    return "".join(f";{name}" if value is None else f";{name}={value}" for name, value in params)


def param(params: Params, name: str) -> str | None:
    """Raw value of the first parameter called `name` in any case; empty when it has no value."""
    wanted = name.lower()
    for key, value in params:
        if key.lower() == wanted:
            return value or ""
    return None


def unquote(text: str) -> str:
    """A quoted string's content with its escapes resolved; anything else as it is."""
    if len(text) < 2 or not (text.startswith('"') and text.endswith('"')):
        return text
    if "\\" not in text:
        return text[1:-1]
    return re.sub(r"\\(.)", r"\1", text[1:-1], flags=re.DOTALL)


def quote(text: str) -> str:
    """`text` as a quoted string."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def bounded_int(text: str, highest: int) -> int | None:
    """The decimal number in `text`, or None when it is not one or exceeds `highest`."""
    if not text.isascii() or not text.isdigit() or len(text) > 12:
        return None
    value = int(text)
    return value if value <= highest else None
