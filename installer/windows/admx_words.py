"""The words of the group policy templates in the softphone's languages; English where one is missing.

Translations lie in `policy/*.po`. ``python -m installer.windows.admx_words`` adds what is new in the settings
and takes away what is gone.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from pathlib import Path

from softphone.system.settings_catalogue import SettingFact, SettingKind
from softphone.ui.translating.po_file import Entry, read_po, write_po

FOLDERS = {"en": "en-US", "de": "de-DE", "it": "it-IT", "el": "el-GR", "he": "he-IL"}
"""Each language and the name of its folder beside the .admx."""

CATEGORIES = {
    "accounts": "Account",
    "agent": "Agent state",
    "audio": "Sound",
    "calls": "Calls",
    "customers": "Kept customers",
    "diagnostics": "Diagnostics",
    "provisioning": "Provisioning",
    "records": "Call records",
    "sign_in": "Signing in",
    "team": "Team",
    "window": "Window",
}
"""What the sections of the settings are called in the editor; a section without a word shows its name."""

ABOUT = "Settings of {product} that a policy can fix"
SUPPORTED = "{product} {version} or newer on Windows 10 or newer"
IN_ORDER = "{title}, in this order"
KEY = "Setting {key}."
AS_JSON = "A list in JSON, as docs/settings.md describes it."
DEFAULT = "Without a policy: {value}, unless somebody chose another value."
LOCKED = "Enabled, the agent sees the value with a lock and cannot change it."
YES, NO = "yes", "no"
PHRASES = (ABOUT, SUPPORTED, IN_ORDER, KEY, AS_JSON, DEFAULT, LOCKED, YES, NO)

_CATALOGUES = Path(__file__).parent / "policy"
_FIRST_CLAUSE = re.compile(r"(.+?)(?:: |; |· |\.$)")


class PolicyWords:
    """What the editor shows in one language."""

    def __init__(self, language: str) -> None:
        self.language = language
        entries = read_po(_catalogue(language)) if language != "en" else ()
        self._texts = {entry.text: entry.translations[0] for entry in entries if entry.translations[0]}

    def say(self, text: str, **values: str) -> str:
        """The text in this language, or as it is."""
        return self._texts.get(text, text).format(**values) if values else self._texts.get(text, text)

    def section(self, name: str) -> str:
        known = CATEGORIES.get(name)
        return self.say(known) if known else name.replace("_", " ").capitalize()

    def title(self, fact: SettingFact) -> str:
        """The first clause of what it means, and the name by which the manual has it."""
        described = self.say(fact.description)
        clause = _FIRST_CLAUSE.match(described)
        return f"{clause[1] if clause else described} ({fact.name})"

    def help(self, fact: SettingFact, key: str) -> str:
        lines = [self.say(fact.description), "", self.say(KEY, key=key)]
        if fact.kind is SettingKind.JSON:
            lines.append(self.say(AS_JSON))
        if fact.default not in (None, "", ()):
            lines.append(self.say(DEFAULT, value=self._shown(fact.default)))
        lines.append(self.say(LOCKED))
        return "\n".join(lines)

    def _shown(self, default: object) -> str:
        if isinstance(default, bool):
            return self.say(YES if default else NO)
        if isinstance(default, (tuple, list)):
            return ", ".join(map(str, default))
        return str(default)


def texts(facts: Iterable[SettingFact]) -> tuple[str, ...]:
    """Everything that is translated, in the order of the catalogues."""
    chosen = tuple(facts)
    sections = dict.fromkeys(CATEGORIES[fact.section] for fact in chosen if fact.section in CATEGORIES)
    return tuple(dict.fromkeys([*PHRASES, *sections, *(fact.description for fact in chosen)]))


def untranslated(language: str, facts: Iterable[SettingFact]) -> tuple[str, ...]:
    """What is shown in English there."""
    known = {entry.text for entry in read_po(_catalogue(language)) if all(entry.translations)}
    return tuple(text for text in texts(facts) if text not in known)


def renew(language: str, facts: Iterable[SettingFact]) -> None:
    """Write the catalogue with exactly today's texts, each with the translation that it had."""
    path = _catalogue(language)
    known = {entry.text: entry.translations for entry in read_po(path)} if path.exists() else {}
    header = Entry("", translations=(f"Content-Type: text/plain; charset=UTF-8\nLanguage: {language}\n",))
    entries = [Entry(text, translations=known.get(text, ("",))) for text in texts(facts)]
    path.parent.mkdir(exist_ok=True)
    write_po(path, (header, *entries))


def _catalogue(language: str) -> Path:
    return _CATALOGUES / f"{language}.po"


def main() -> int:
    """Renew every catalogue and name what nobody has translated; returns the exit code."""
    from installer.windows import admx  # it stands on this module

    for language in FOLDERS.keys() - {"en"}:
        renew(language, admx.facts())
        for text in untranslated(language, admx.facts()):
            sys.stdout.write(f"{language}: {text}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
