"""What the interface says, in the language of the person who reads it. No Qt here.

Presenters get a `Words` and call `t` (a text), `n` (a text with a number) or `c` (a text whose meaning
depends on its context). Texts kept in tables are wrapped in `mark`, so that the catalogue command finds them.
Everything inserted into a text is isolated from its reading direction: a telephone number stays readable in
a Hebrew sentence, and nothing that a caller sends can turn a sentence round.
"""

from __future__ import annotations

import gettext
import re
from collections.abc import Callable, Iterable
from pathlib import Path

from softphone.ui.resources import RESOURCES
from softphone.ui.translating.po_file import read_po

LANGUAGES = {"en": "English", "de": "Deutsch", "it": "Italiano", "el": "Ελληνικά", "he": "עברית"}
"""Code and own name of each language that is complete."""

PRODUCT = "Softphone"
"""The program's name, the same in every language."""

RIGHT_TO_LEFT = frozenset({"he"})
TRANSLATIONS = RESOURCES / "translations"

_FIRST_STRONG_ISOLATE, _LEFT_TO_RIGHT_ISOLATE, _POP_ISOLATE = "\u2068", "\u2066", "\u2069"
_RIGHT_TO_LEFT_MARK = "\u200f"
_HEBREW = re.compile("[\u0590-\u05ff]")
_LATIN = re.compile(r"\{[^{}]*\}|[A-Za-z][A-Za-z0-9]*(?:[ +/.:_'-]+[A-Za-z0-9]+)*")
"""A placeholder, or names in Latin letters: `Ctrl+Enter`, `TLS 1.2`, `CRM`."""
_PLURAL_FORMS = re.compile(r"plural=([^;\n]+)")


def mark(text: str) -> str:
    """Return `text` itself; tells the catalogue command that it is shown to people (translated later)."""
    return text


def ltr(text: str) -> str:
    """A number, address or code that reads left to right in any sentence."""
    return f"{_LEFT_TO_RIGHT_ISOLATE}{text}{_POP_ISOLATE}" if text else ""


class Words:
    """All texts in one language. English is the source and needs no catalogue except for plurals."""

    def __init__(self, language: str = "en", folder: Path = TRANSLATIONS) -> None:
        self.language = language if language in LANGUAGES else "en"
        self._texts: dict[tuple[str, str], tuple[str, ...]] = {}
        self._plural: Callable[[int], int] = lambda n: int(n != 1)
        if self.language != "en":
            self._load(folder / f"{self.language}.po")

    @property
    def right_to_left(self) -> bool:
        return self.language in RIGHT_TO_LEFT

    def t(self, text: str, **values: object) -> str:
        """`text` in this language with `{name}` replaced by `values`."""
        return self._fill(self._texts.get(("", text), (text,))[0], values)

    def c(self, context: str, text: str, **values: object) -> str:
        """Like `t` for a text that means different things in different places."""
        return self._fill(self._texts.get((context, text), (text,))[0], values)

    def n(self, singular: str, plural: str, count: int, **values: object) -> str:
        """The form of the text that fits `count`, which can stand in it as `{count}`."""
        forms = self._texts.get(("", singular), (singular, plural))
        form = forms[min(self._plural(count), len(forms) - 1)]
        return self._fill(form, {"count": count, **values})

    def join(self, parts: Iterable[str]) -> str:
        """Several short facts in one line, empty ones left out; each keeps its own reading direction, and the
        first stands where the reader begins."""
        given = [part for part in parts if part]
        if not self.right_to_left or len(given) < 2:
            return " · ".join(given)
        return _RIGHT_TO_LEFT_MARK + " · ".join(map(self._isolated, given))

    def keyed(self, text: str, key: str) -> str:
        """`text` with the key that does the same, for a tool tip."""
        return f"{text} ({ltr(key) if self.right_to_left else key})" if key else text

    def _fill(self, text: str, values: dict[str, object]) -> str:
        if not values:
            return text
        return text.format_map({name: self._isolated(value) for name, value in values.items()})

    def _isolated(self, value: object) -> str:
        text = str(value)
        if not self.right_to_left or not text:
            return text
        return f"{_FIRST_STRONG_ISOLATE}{text}{_POP_ISOLATE}"

    def _load(self, path: Path) -> None:
        for entry in read_po(path):
            if not entry.text:
                found = _PLURAL_FORMS.search(entry.translations[0])
                if found:
                    self._plural = gettext.c2py(found[1])
            elif all(entry.translations) and not entry.fuzzy:
                self._texts[entry.key] = tuple(map(self._settled, entry.translations))

    def _settled(self, translation: str) -> str:
        """Names in Latin letters stand for themselves in a Hebrew sentence: one at its beginning would turn
        all of it round, and take the comma after it to its other side."""
        if not self.right_to_left or not _HEBREW.search(translation):
            return translation
        return _LATIN.sub(lambda m: m[0] if m[0].startswith("{") else ltr(m[0]), translation)


def language_for(configured: str, system: Iterable[str]) -> str:
    """The language to use: the configured one, else the first of the system's that we have, else English.

    `system` holds locale names such as `de-AT` or `he_IL`, the most wanted first.
    """
    if configured in LANGUAGES:
        return configured
    codes = (name.replace("_", "-").split("-")[0].lower() for name in system)
    aliases = {"iw": "he"}
    return next((c for c in (aliases.get(c, c) for c in codes) if c in LANGUAGES), "en")
