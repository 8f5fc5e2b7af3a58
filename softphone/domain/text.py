"""Text from outside: bounded, one line, without control or direction-override characters.

Whatever a caller, a server or a CRM sends passes through here before it is shown, stored or logged.
"""

from __future__ import annotations

import unicodedata

NAME_LIMIT = 120
HEADER_LIMIT = 1_000
FIELD_LIMIT = 2_000
NOTE_LIMIT = 20_000

_KEPT_IN_NOTES = "\n\t"
_JOINERS = "\u200c\u200d"  # needed by scripts and emoji; they cannot reorder text


def clean_line(raw: str, limit: int = NAME_LIMIT) -> str:
    """Return `raw` as one harmless line of at most `limit` characters.

    Control characters, line breaks and tabs become a space, bidirectional overrides and isolates (Unicode
    category Cf, except joiners), surrogates and private-use characters vanish; runs of blanks become one.
    """
    kept = (_line_character(c) for c in raw[: limit * 4])
    line = " ".join("".join(kept).split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def clean_note(raw: str, limit: int = NOTE_LIMIT) -> str:
    """Return several lines of harmless text: like `clean_line`, but line breaks and tabs stay."""
    unified = raw.replace("\r\n", "\n").replace("\r", "\n")[: limit + 1]
    kept = "".join(c if c in _KEPT_IN_NOTES else _line_character(c) for c in unified)
    return kept[:limit]


def mask_number(number: str) -> str:
    """Return `number` fit for a log: all but the last three characters replaced by dots."""
    return "…" + number[-3:] if len(number) > 3 else "…"


def _line_character(character: str) -> str:
    category = unicodedata.category(character)
    if category in ("Cc", "Zl", "Zp"):
        return " "
    if category == "Cf":
        return character if character in _JOINERS else ""
    return "" if category in ("Cs", "Co", "Cn") else character
