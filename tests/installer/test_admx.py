"""Group policy templates: complete, consistent, and written where the softphone reads."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest

from installer.windows import admx, admx_words
from installer.windows.admx_words import PolicyWords
from softphone.domain.settings_layers import SettingsLayer
from softphone.system.settings_catalogue import SettingFact, SettingKind, settings_catalogue
from softphone.system.settings_registry import POLICY_KEY, RegistryKey, RegistrySource, Value

FACTS = admx.facts()
DEFINITIONS = admx.definitions(FACTS)
RESOURCES = admx.resources(FACTS, PolicyWords("en"))


def _all(root: Element, tag: str) -> list[Element]:
    return [element for element in root.iter() if element.tag == tag]


def test_every_setting_without_a_name_of_its_own_has_a_policy() -> None:
    names = {policy.get("name") for policy in _all(DEFINITIONS, "policy")}
    for fact in settings_catalogue():
        if not fact.of_entry:
            assert fact.key.replace(".", "_") in names
    assert len(names) == len(FACTS), "every name once"


def test_every_text_and_every_form_that_is_referred_to_is_there_and_used() -> None:
    referred = {
        value for element in DEFINITIONS.iter() for value in element.attrib.values() if value.startswith("$(")
    }
    strings = [element.get("id") for element in _all(RESOURCES, "string")]
    forms = [element.get("id") for element in _all(RESOURCES, "presentation")]
    assert len(set(strings)) == len(strings)
    assert {f"$(string.{name})" for name in strings} | {
        f"$(presentation.{name})" for name in forms
    } == referred


def test_every_language_has_the_same_texts_and_forms_as_english(tmp_path: Path) -> None:
    admx.write(tmp_path)
    wanted = sorted((element.tag, element.get("id")) for element in RESOURCES.iter() if element.get("id"))
    for folder in admx_words.FOLDERS.values():
        found = ElementTree.parse(tmp_path / folder / "softphone.adml").getroot()
        tags = [(element.tag.rpartition("}")[2], element.get("id")) for element in found.iter()]
        assert sorted(tag for tag in tags if tag[1]) == wanted


@pytest.mark.parametrize("language", ["de", "it", "el", "he"])
def test_the_texts_are_translated_and_keep_what_is_filled_in(language: str) -> None:
    """A setting that is new shows in English at first; more than a few of them are forgotten ones."""
    missing = admx_words.untranslated(language, FACTS)
    assert len(missing) <= 8, missing
    words = PolicyWords(language)
    for text in admx_words.PHRASES:
        assert words.say(text) != text or text == admx_words.NO  # as Italian has it
        assert re.findall(r"\{\w+\}", words.say(text)) == re.findall(r"\{\w+\}", text)
    fact = next(fact for fact in FACTS if fact.key == "window.raise_on_call")
    assert words.title(fact).endswith(" (raise_on_call)")
    assert words.say(fact.description) in words.help(fact, fact.key)
    assert words.say(admx_words.YES if fact.default else admx_words.NO) in words.help(fact, fact.key)


def test_titles_are_told_apart_in_every_language() -> None:
    for language in admx_words.FOLDERS:
        words = PolicyWords(language)
        titles = [(fact.section, words.title(fact)) for fact in FACTS]
        assert len(set(titles)) == len(titles)


def test_the_form_of_a_policy_has_a_field_for_each_of_its_elements() -> None:
    fields = {element.get("refId") for element in RESOURCES.iter() if element.get("refId")}
    elements = {
        inner.get("id") for block in _all(DEFINITIONS, "elements") for inner in block if inner.get("id")
    }
    assert fields == elements


def test_categories_and_supported_versions_are_defined() -> None:
    categories = {element.get("name") for element in _all(DEFINITIONS, "category")}
    assert {element.get("ref") for element in _all(DEFINITIONS, "parentCategory")} <= categories
    supported = {element.get("name") for element in _all(DEFINITIONS, "definition")}
    assert {
        element.get("ref") for element in _all(DEFINITIONS, "supportedOn") if element.get("ref")
    } == supported
    assert all(re.fullmatch(r"\w+", policy.get("name", "")) for policy in _all(DEFINITIONS, "policy"))


class _OnePolicy:
    """A registry in which one policy is enabled with one value."""

    def __init__(self, fact: SettingFact, value: Value | tuple[str, ...]) -> None:
        path = admx.registry_key(fact).removeprefix(f"{POLICY_KEY}\\").split("\\")
        if isinstance(value, tuple):  # an ADMX list writes numbered values into a key of its own
            path.append(fact.name)
            key = RegistryKey({str(number): text for number, text in enumerate(value, 1)})
        else:
            key = RegistryKey({fact.name: value})
        for name in reversed(path):
            key = RegistryKey({}, {name: key})
        self._key = key

    def read(self, hive: str, path: str) -> RegistryKey | None:
        return self._key if (hive, path) == ("HKEY_LOCAL_MACHINE", POLICY_KEY) else None


_EXAMPLES: dict[SettingKind, tuple[Value | tuple[str, ...], object]] = {
    SettingKind.TEXT: ("some text", "some text"),
    SettingKind.FLAG: (1, True),
    SettingKind.INTEGER: (30, 30),
    SettingKind.NUMBER: ("-3.5", -3.5),
    SettingKind.TEXTS: (("one", "two"), ["one", "two"]),
    SettingKind.JSON: ("[]", []),
}


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.key)
def test_what_the_editor_writes_is_what_the_softphone_reads(fact: SettingFact) -> None:
    written, expected = _EXAMPLES.get(fact.kind, (fact.choices[0] if fact.choices else "", None))
    wanted = expected if fact.kind is not SettingKind.CHOICE else written
    source = RegistrySource(SettingsLayer.POLICY, _OnePolicy(fact, written), "HKEY_LOCAL_MACHINE", POLICY_KEY)
    found: object = source.read().table
    for name in fact.key.replace("*", admx.MAIN_ACCOUNT).split("."):
        if isinstance(found, list):
            assert found[0]["id"] == name
            found = found[0]
            continue
        assert isinstance(found, dict), found
        found = found[name]
    assert found == wanted
