"""The id of a CRM record in what the telephone system sends along with a call."""

from __future__ import annotations

import re
from binascii import Error as BadHex
from binascii import unhexlify
from urllib.parse import parse_qsl, unquote, urlsplit

from softphone.domain.text import clean_line

LONGEST = 200
_ANGLED = re.compile(r"<([^<>]{1,2000})>")
_ID_NAMES = ("id", "record", "contact", "contactid", "customer", "customerid")


def record_id(header: str, value: str) -> str:
    """The record's id in the value of a header of that name, or an empty string.

    User-to-User (RFC 7433) is text or hexadecimal (`encoding=hex`); Call-Info (RFC 3261 section 20.9) is the
    record's address: its query's id, else the last part of its path. All others are the id itself, with its
    kind in front where the CRM has several (`Lead:123`).
    """
    name = header.lower()
    if name == "user-to-user":
        return _bounded(_user_to_user(value))
    if name == "call-info":
        return _bounded(_call_info(value))
    return _bounded(value)


def _user_to_user(value: str) -> str:
    content, *parameters = (part.strip() for part in value.split(";"))
    text = content.strip('"')
    coded = {p.lower().replace(" ", "") for p in parameters}
    if "encoding=hex" not in coded:
        return text
    try:
        return unhexlify(text).decode("utf-8")
    except (BadHex, ValueError):
        return ""


def _call_info(value: str) -> str:
    angled = _ANGLED.search(value)
    try:
        parts = urlsplit(angled[1] if angled else value.split(";", maxsplit=1)[0].strip())
        asked = {key.lower(): text for key, text in parse_qsl(parts.query)}
    except ValueError:
        return ""
    named = next((asked[key] for key in _ID_NAMES if asked.get(key)), "")
    return named or unquote(parts.path.rstrip("/").rsplit("/", 1)[-1])


def _bounded(text: str) -> str:
    found = clean_line(text, LONGEST + 1)
    return found if len(found) <= LONGEST else ""
