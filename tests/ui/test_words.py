"""Languages: complete, correct in their plurals and placeholders, and safe against what callers send."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from softphone.domain.errors import Broken
from softphone.ui.translating.extraction import UI, shown_texts
from softphone.ui.translating.po_file import Entry, read_po, write_po
from softphone.ui.words import LANGUAGES, TRANSLATIONS, Words, language_for, ltr

OTHERS = [code for code in LANGUAGES if code != "en"]
PLACEHOLDER = re.compile(r"\{(\w+)\}")


def _catalogue(language: str) -> dict[tuple[str, str], Entry]:
    return {e.key: e for e in read_po(TRANSLATIONS / f"{language}.po") if e.text}


@pytest.mark.parametrize("language", OTHERS)
def test_every_text_of_the_code_is_translated_and_nothing_is_left_over(language: str) -> None:
    wanted, there = {e.key for e in shown_texts()}, _catalogue(language)
    assert wanted == set(there)
    unfinished = [e.text for e in there.values() if e.fuzzy or not e.translations or not all(e.translations)]
    assert unfinished == []


@pytest.mark.parametrize("language", OTHERS)
def test_translations_keep_the_placeholders(language: str) -> None:
    wrong = [
        (entry.text, translation)
        for entry in _catalogue(language).values()
        for translation in entry.translations
        if not _keeps_placeholders(entry, translation)
    ]
    assert wrong == []


def _keeps_placeholders(entry: Entry, translation: str) -> bool:
    """One and two may be words instead of digits ("an open case"), where a form is for them alone."""
    wanted, there = set(PLACEHOLDER.findall(entry.text)), set(PLACEHOLDER.findall(translation))
    if entry.plural and translation != entry.translations[-1]:
        return wanted - {"count"} == there - {"count"}
    return wanted == there


@pytest.mark.parametrize("language", OTHERS)
def test_translations_keep_ellipsis_and_full_stop(language: str) -> None:
    wrong = [
        entry.text
        for entry in _catalogue(language).values()
        for translation in entry.translations
        if entry.text.endswith("…") != translation.endswith("…")
        or entry.text.endswith(":") != (translation.endswith(":"))
    ]
    assert wrong == []


@pytest.mark.parametrize("language", OTHERS)
def test_a_plural_has_a_form_for_every_number(language: str) -> None:
    words = Words(language)
    for count in (0, 3, 11, 21, 100):
        assert str(count) in words.n("{count} open case", "{count} open cases", count)
    forms = {words.n("{count} open case", "{count} open cases", count) for count in (1, 2, 3)}
    assert len(forms) == 3


def test_one_and_many_are_told_apart() -> None:
    german = Words("de")
    assert "offener Vorgang" in german.n("{count} open case", "{count} open cases", 1)
    assert "offene Vorgänge" in german.n("{count} open case", "{count} open cases", 2)
    english = Words("en")
    assert english.n("{count} open case", "{count} open cases", 1) == "1 open case"
    assert english.n("{count} open case", "{count} open cases", 3) == "3 open cases"


def test_a_caller_cannot_turn_a_hebrew_sentence_round() -> None:
    text = Words("he").t("Call to {number}", number="+49 30 123")
    assert "\u2068+49 30 123\u2069" in text


def test_a_name_with_braces_is_shown_as_it_is() -> None:
    assert Words("de").t("Call to {number}", number="{number!r}") == "Anruf an {number!r}"


def test_a_number_is_isolated_left_to_right() -> None:
    assert ltr("+49") == "\u2066+49\u2069"
    assert ltr("") == ""


@pytest.mark.parametrize(
    ("configured", "system", "expected"),
    [
        ("it", ["de-DE"], "it"),
        ("", ["de-AT", "en-US"], "de"),
        ("", ["iw_IL"], "he"),
        ("", ["fr-FR", "el-GR"], "el"),
        ("", ["fr-FR"], "en"),
        ("", [], "en"),
        ("xx", ["it"], "it"),
    ],
)
def test_the_language_is_the_configured_one_or_the_first_of_the_system(
    configured: str, system: list[str], expected: str
) -> None:
    assert language_for(configured, system) == expected


def test_an_unknown_language_speaks_english() -> None:
    assert Words("tlh").t("Ready") == "Ready"


def test_a_catalogue_can_be_written_and_read_again(tmp_path: Path) -> None:
    entries = (
        Entry("", translations=("Language: de\nPlural-Forms: x\n",)),
        Entry('A "quoted"\tline\\', translations=("über\nzwei Zeilen",)),
        Entry("one", "many", translations=("eins", "viele")),
        Entry("Call", context="verb", translations=("Anrufen",), fuzzy=True),
    )
    write_po(tmp_path / "x.po", entries)
    assert read_po(tmp_path / "x.po") == entries


def test_a_damaged_catalogue_names_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "x.po").write_text('msgid "a"\nmsgstr "b"\nnonsense\n', encoding="utf-8")
    with pytest.raises(Broken, match=r"x\.po, line 3"):
        read_po(tmp_path / "x.po")


SHOWING = {"setText", "setToolTip", "setAccessibleName", "setWindowTitle", "setPlaceholderText", "show_text"}
WIDGETS = {"TextLabel", "Button", "StackedButton", "QCheckBox", "QLabel", "QAction", "QPushButton", "Tick"}
NOT_WORDS = re.compile(r"[\W\d_]*")
ROLES_AND_KINDS = {"title", "subtitle", "strong", "body", "caption", "label", "muted", "chip", "display"}


def _hard_coded(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name in SHOWING | WIDGETS:
            for argument in node.args:
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    yield argument.value


def test_no_widget_has_words_that_are_not_translated() -> None:
    found = [
        (path.name, text)
        for path in UI.rglob("*.py")
        for text in _hard_coded(ast.parse(path.read_text(encoding="utf-8")))
        if not NOT_WORDS.fullmatch(text) and text not in ROLES_AND_KINDS and not _is_name(text)
    ]
    assert found == []


def _is_name(text: str) -> bool:
    """An object's or an icon's name: one lower-case word."""
    return re.fullmatch(r"[a-z_-]+", text) is not None


def test_keys_and_names_in_latin_letters_do_not_turn_a_hebrew_sentence_round() -> None:
    hint = Words("he").t("Ctrl+Enter changes it there, Escape leaves it as it was.")
    assert hint.startswith(ltr("Ctrl+Enter"))
    assert ltr("Escape") in hint


def test_no_hebrew_text_begins_with_bare_latin_letters() -> None:
    words = Words("he")
    texts = [words.c(e.context, e.text) if e.context else words.t(e.text) for e in _catalogue("he").values()]
    assert [text for text in texts if re.match("[A-Za-z]", text) and re.search("[\u0590-\u05ff]", text)] == []


def test_a_key_in_a_tool_tip_reads_left_to_right_in_hebrew_and_is_left_alone_elsewhere() -> None:
    assert Words("en").keyed("Save", "Ctrl+Enter") == "Save (Ctrl+Enter)"
    assert Words("he").keyed("שמירה", "Ctrl+,") == f"שמירה ({ltr('Ctrl+,')})"
    assert Words("he").keyed("שמירה", "") == "שמירה"


def test_facts_in_one_line_are_read_from_right_to_left_in_hebrew_whatever_their_letters() -> None:
    assert Words("en").join(("Call back", "", "Storm")) == "Call back · Storm"
    assert Words("he").join(("Call back", "שיחה")) == "\u200f\u2068Call back\u2069 · \u2068שיחה\u2069"
    assert Words("he").join(("", "Call back")) == "Call back"
