"""What shipped CRM packs call their fields is said in the agent's language."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from softphone.ui.presenters.pack_labels import LABELS, label_of
from softphone.ui.resources import RESOURCES
from softphone.ui.words import LANGUAGES, Words

PACKS = sorted((RESOURCES / "crm_packs").glob("*.toml"))


@pytest.mark.parametrize("pack", PACKS, ids=lambda pack: pack.stem)
def test_every_label_of_a_shipped_pack_is_known(pack: Path) -> None:
    table = tomllib.loads(pack.read_text(encoding="utf-8"))
    fields = [*table["customer"].get("fields", []), *table.get("update", {}).get("fields", [])]
    assert {field["label"] for field in fields} <= set(LABELS)


def test_labels_are_translated_and_a_companys_own_stay_as_they_are() -> None:
    assert label_of(Words("de"), "Customer number") == "Kundennummer"
    assert label_of(Words("he"), "City") == "עיר"
    for language in LANGUAGES:
        assert label_of(Words(language), "Tarif {x} %s") == "Tarif {x} %s"
