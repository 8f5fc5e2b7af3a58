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
from softphone.system.settings_catalogue import SettingFact, SettingKind, settings_catalogue
from softphone.system.settings_registry import POLICY_KEY

_NAMESPACE = "http://schemas.microsoft.com/GroupPolicy/2006/07/PolicyDefinitions"
_OWN_NAMESPACE = "Softphone.Policies.Softphone"
_ROOT, _SUPPORTED = "Softphone", "SupportedWindows10"
_LONGEST_TEXT = 65_535
_LARGEST = 2_147_483_647
MAIN_ACCOUNT = "main"

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


def facts() -> tuple[SettingFact, ...]:
    """What has a template: settings without a name of their own, and those of the main account."""
    return tuple(
        fact for fact in settings_catalogue() if not fact.of_entry or fact.key.startswith("accounts.*.")
    )


def write(folder: Path) -> None:
    """Write softphone.admx and its English texts (other languages fall back to them) into `folder`."""
    chosen = facts()
    (folder / "en-US").mkdir(parents=True, exist_ok=True)
    (folder / "softphone.admx").write_bytes(_text(definitions(chosen)))
    (folder / "en-US" / "softphone.adml").write_bytes(_text(resources(chosen)))


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


def resources(chosen: Sequence[SettingFact]) -> Element:
    """The English texts and the forms of the editor."""
    root = Element("policyDefinitionResources", xmlns=_NAMESPACE, revision="1.0", schemaVersion="1.0")
    SubElement(root, "displayName").text = product.NAME
    SubElement(root, "description").text = f"Settings of {product.NAME} that a policy can fix"
    inner = SubElement(root, "resources")
    strings = SubElement(inner, "stringTable")
    forms = SubElement(inner, "presentationTable")
    _string(strings, _ROOT, product.NAME)
    _string(strings, _SUPPORTED, f"{product.NAME} 0.1 or newer on Windows 10 or newer")
    for section in _sections(chosen):
        _string(strings, _category(section), _section_name(section))
    for fact in chosen:
        _words(strings, forms, fact)
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


def _words(strings: Element, forms: Element, fact: SettingFact) -> None:
    name, title = policy_name(fact), fact.name.replace("_", " ").capitalize()
    _string(strings, name, title)
    _string(strings, f"{name}_Help", _help(fact))
    for option in fact.choices if fact.kind is SettingKind.CHOICE else ():
        _string(strings, f"{name}_{option}", option)
    if fact.kind is SettingKind.FLAG:
        return
    form = SubElement(forms, "presentation", id=name)
    if fact.kind is SettingKind.TEXTS:
        SubElement(form, "listBox", refId=name).text = f"{title}, in this order"
    elif fact.kind is SettingKind.CHOICE:
        SubElement(form, "dropdownList", refId=name).text = title
    elif fact.kind is SettingKind.INTEGER:
        default = fact.default if isinstance(fact.default, int) else 0
        SubElement(form, "decimalTextBox", refId=name, defaultValue=str(default)).text = title
    else:
        SubElement(SubElement(form, "textBox", refId=name), "label").text = title


def _help(fact: SettingFact) -> str:
    lines = [fact.description, "", f"Setting {fact.key.replace('*', MAIN_ACCOUNT)}."]
    if fact.kind is SettingKind.JSON:
        lines.append("A list in JSON, as docs/settings.md describes it.")
    if fact.default not in (None, "", ()):
        lines.append(f"Without a policy: {_shown(fact.default)}, unless somebody chose another value.")
    lines.append("Enabled, the agent sees the value with a lock and cannot change it.")
    return "\n".join(lines)


def _shown(default: object) -> str:
    if isinstance(default, bool):
        return "yes" if default else "no"
    if isinstance(default, (tuple, list)):
        return ", ".join(map(str, default))
    return str(default)


def _sections(chosen: Sequence[SettingFact]) -> list[str]:
    return sorted({fact.section for fact in chosen})


def _category(section: str) -> str:
    return f"Section_{section}"


def _section_name(section: str) -> str:
    return CATEGORIES.get(section) or section.replace("_", " ").capitalize()


def _string(table: Element, name: str, text: str) -> None:
    SubElement(table, "string", id=name).text = text


def _text(root: Element) -> bytes:
    ElementTree.indent(root)
    text = '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(root, "unicode") + "\n"
    return text.replace("\n", "\r\n").encode()
