"""Group policy templates from the settings' own schema: every setting that a policy can fix.

Values land where `softphone.system.settings_registry` reads them. Entries that have names (accounts,
campaigns, CRMs) come by the company's profile; of accounts the one named `main` can be set here.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from installer.building import product
from installer.windows import admx_words
from installer.windows.admx_words import PolicyWords
from softphone.system.settings_catalogue import SettingFact, SettingKind, settings_catalogue
from softphone.system.settings_registry import POLICY_KEY

_NAMESPACE = "http://schemas.microsoft.com/GroupPolicy/2006/07/PolicyDefinitions"
_OWN_NAMESPACE = "Softphone.Policies.Softphone"
_ROOT, _SUPPORTED = "Softphone", "SupportedWindows10"
_SINCE = "0.1"
_LONGEST_TEXT = 65_535
_LARGEST = 2_147_483_647
MAIN_ACCOUNT = "main"


def facts() -> tuple[SettingFact, ...]:
    """What has a template: settings without a name of their own, and those of the main account."""
    return tuple(
        fact for fact in settings_catalogue() if not fact.of_entry or fact.key.startswith("accounts.*.")
    )


def write(folder: Path) -> None:
    """Write softphone.admx and its texts into `folder`; Windows falls back to the English ones."""
    chosen = facts()
    for language, name in admx_words.FOLDERS.items():
        (folder / name).mkdir(parents=True, exist_ok=True)
        words = admx_words.PolicyWords(language)
        (folder / name / "softphone.adml").write_bytes(_text(resources(chosen, words)))
    (folder / "softphone.admx").write_bytes(_text(definitions(chosen)))


def definitions(chosen: Sequence[SettingFact]) -> Element:
    """The language-neutral half."""
    root = Element("policyDefinitions", xmlns=_NAMESPACE, revision="1.0", schemaVersion="1.0")
    spaces = SubElement(root, "policyNamespaces")
    SubElement(spaces, "target", prefix=product.PACKAGE, namespace=_OWN_NAMESPACE)
    SubElement(root, "resources", minRequiredRevision="1.0")
    supported = SubElement(SubElement(root, "supportedOn"), "definitions")
    SubElement(supported, "definition", name=_SUPPORTED, displayName=f"$(string.{_SUPPORTED})")
    categories = SubElement(root, "categories")
    SubElement(categories, "category", name=_ROOT, displayName=f"$(string.{_ROOT})")
    for section in _sections(chosen):
        category = SubElement(
            categories, "category", name=_category(section), displayName=f"$(string.{_category(section)})"
        )
        SubElement(category, "parentCategory", ref=_ROOT)
    policies = SubElement(root, "policies")
    for fact in chosen:
        _policy(policies, fact)
    return root


def resources(chosen: Sequence[SettingFact], words: PolicyWords) -> Element:
    """The texts of one language and the forms of the editor."""
    root = Element("policyDefinitionResources", xmlns=_NAMESPACE, revision="1.0", schemaVersion="1.0")
    SubElement(root, "displayName").text = product.NAME
    SubElement(root, "description").text = words.say(admx_words.ABOUT, product=product.NAME)
    inner = SubElement(root, "resources")
    strings = SubElement(inner, "stringTable")
    forms = SubElement(inner, "presentationTable")
    _string(strings, _ROOT, product.NAME)
    supported = words.say(admx_words.SUPPORTED, product=product.NAME, version=_SINCE)
    _string(strings, _SUPPORTED, supported)
    for section in _sections(chosen):
        _string(strings, _category(section), words.section(section))
    for fact in chosen:
        _words(strings, forms, fact, words)
    return root


def policy_name(fact: SettingFact) -> str:
    """The policy's name; letters, digits and underscores only."""
    return fact.key.replace(".*.", f"_{MAIN_ACCOUNT}_").replace(".", "_")


def registry_key(fact: SettingFact) -> str:
    """The key below HKEY_LOCAL_MACHINE or HKEY_CURRENT_USER that holds the value."""
    return f"{POLICY_KEY}\\{fact.registry_subkey.replace('*', MAIN_ACCOUNT)}"


def _policy(policies: Element, fact: SettingFact) -> None:
    name = policy_name(fact)
    policy = SubElement(
        policies,
        "policy",
        {
            "name": name,
            "class": "Both",
            "displayName": f"$(string.{name})",
            "explainText": f"$(string.{name}_Help)",
            "key": registry_key(fact),
        },
    )
    if fact.kind is SettingKind.FLAG:
        policy.set("valueName", fact.name)
    else:
        policy.set("presentation", f"$(presentation.{name})")
    SubElement(policy, "parentCategory", ref=_category(fact.section))
    SubElement(policy, "supportedOn", ref=_SUPPORTED)
    if fact.kind is SettingKind.FLAG:
        SubElement(SubElement(policy, "enabledValue"), "decimal", value="1")
        SubElement(SubElement(policy, "disabledValue"), "decimal", value="0")
    else:
        _element(SubElement(policy, "elements"), fact)


def _element(elements: Element, fact: SettingFact) -> None:
    name = policy_name(fact)
    if fact.kind is SettingKind.TEXTS:
        key = f"{registry_key(fact)}\\{fact.name}"
        SubElement(elements, "list", id=name, key=key, valuePrefix="", additive="false")
    elif fact.kind is SettingKind.CHOICE:
        choice = SubElement(elements, "enum", id=name, valueName=fact.name, required="true")
        for option in fact.choices:
            item = SubElement(choice, "item", displayName=f"$(string.{name}_{option})")
            SubElement(SubElement(item, "value"), "string").text = option
    elif fact.kind is SettingKind.INTEGER:
        SubElement(
            elements,
            "decimal",
            id=name,
            valueName=fact.name,
            required="true",
            minValue="0",
            maxValue=str(_LARGEST),
        )
    else:
        length = str(_LONGEST_TEXT if fact.kind is SettingKind.JSON else 1_023)
        SubElement(elements, "text", id=name, valueName=fact.name, required="true", maxLength=length)


def _words(strings: Element, forms: Element, fact: SettingFact, words: PolicyWords) -> None:
    name, title = policy_name(fact), words.title(fact)
    _string(strings, name, title)
    _string(strings, f"{name}_Help", words.help(fact, fact.key.replace("*", MAIN_ACCOUNT)))
    for option in fact.choices if fact.kind is SettingKind.CHOICE else ():
        _string(strings, f"{name}_{option}", option)
    if fact.kind is SettingKind.FLAG:
        return
    form = SubElement(forms, "presentation", id=name)
    if fact.kind is SettingKind.TEXTS:
        SubElement(form, "listBox", refId=name).text = words.say(admx_words.IN_ORDER, title=title)
    elif fact.kind is SettingKind.CHOICE:
        SubElement(form, "dropdownList", refId=name).text = title
    elif fact.kind is SettingKind.INTEGER:
        default = fact.default if isinstance(fact.default, int) else 0
        SubElement(form, "decimalTextBox", refId=name, defaultValue=str(default)).text = title
    else:
        SubElement(SubElement(form, "textBox", refId=name), "label").text = title


def _sections(chosen: Sequence[SettingFact]) -> list[str]:
    return sorted({fact.section for fact in chosen})


def _category(section: str) -> str:
    return f"Section_{section}"


def _string(table: Element, name: str, text: str) -> None:
    SubElement(table, "string", id=name).text = text


def _text(root: Element) -> bytes:
    ElementTree.indent(root)
    text = '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(root, "unicode") + "\n"
    return text.replace("\n", "\r\n").encode()
