"""Where the telephone system keeps the recording of a call, as far as its headers tell."""

from __future__ import annotations

from urllib.parse import urlsplit

from softphone.domain.call import Invitation


def recording_link(invitation: Invitation, header_names: tuple[str, ...]) -> str:
    """The first of these headers that holds a web address, or an empty string.

    http and https only, without user name or blanks: it is written into the CRM, where people click it.
    """
    values = (invitation.header(name).strip(' <>"') for name in header_names)
    return next((value for value in values if _is_web_address(value)), "")


def _is_web_address(text: str) -> bool:
    if not text.isprintable() or " " in text:
        return False
    try:
        parts = urlsplit(text)
        _ = parts.port  # raises for a port that is none
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.username is None
