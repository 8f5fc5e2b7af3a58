"""`python -m softphone.ui.translating`: bring every catalogue up to date with the texts in the code.

New texts are added untranslated, texts that are gone are dropped; the tests name what is still to do.
"""

from __future__ import annotations

import sys

from softphone.ui.translating.extraction import shown_texts
from softphone.ui.translating.po_file import Entry, read_po, write_po
from softphone.ui.words import LANGUAGES, TRANSLATIONS

PLURALS = {
    "de": "nplurals=2; plural=(n != 1);",
    "it": "nplurals=2; plural=(n != 1);",
    "el": "nplurals=2; plural=(n != 1);",
    "he": "nplurals=3; plural=(n==1 ? 0 : n==2 ? 1 : 2);",
}
"""From the Unicode CLDR, written as gettext wants it."""


def main() -> int:
    texts = shown_texts()
    for language in LANGUAGES:
        if language != "en":
            missing = _update(language, texts)
            sys.stdout.write(f"{language}: {len(texts)} texts, {missing} to translate\n")
    return 0


def _update(language: str, texts: tuple[Entry, ...]) -> int:
    path = TRANSLATIONS / f"{language}.po"
    known = {e.key: e for e in read_po(path)} if path.exists() else {}
    forms = int(PLURALS[language].split("=")[1].split(";")[0])
    entries = tuple(_merged(text, known.get(text.key), forms) for text in texts)
    write_po(path, (_header(language), *entries))
    return sum(1 for e in entries if not all(e.translations))


def _merged(text: Entry, known: Entry | None, forms: int) -> Entry:
    count = forms if text.plural else 1
    old = known.translations if known else ()
    translations = (*old, *("",) * count)[:count]
    return Entry(text.text, text.plural, text.context, translations, known.fuzzy if known else False)


def _header(language: str) -> Entry:
    lines = (
        "Content-Type: text/plain; charset=UTF-8",
        "Content-Transfer-Encoding: 8bit",
        f"Language: {language}",
        f"Plural-Forms: {PLURALS[language]}",
        "",
    )
    return Entry("", translations=("\n".join(lines),))


if __name__ == "__main__":
    sys.exit(main())
