"""docs/crm-packs.md knows every table, key, placeholder, form and filter that a pack may use."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import msgspec
import pytest

from softphone.crm.packs import filters
from softphone.crm.packs import placeholders as known
from softphone.crm.packs.reading import read_pack, shipped_packs
from softphone.crm.packs.schema import NumberForm, PackTable
from softphone.domain.settings import CrmAuth

MANUAL = (Path(__file__).parents[2] / "docs" / "crm-packs.md").read_text(encoding="utf-8")
WORDS = frozenset(re.findall(r"[a-z_0-9]+", MANUAL))


def keys_of(table: type[msgspec.Struct]) -> set[str]:
    """The keys of a table and of all tables in it."""
    _, components = msgspec.json.schema_components([table])
    return {key for component in components.values() for key in component.get("properties", {})}


@pytest.mark.parametrize("key", sorted(keys_of(PackTable)))
def test_every_key_is_in_the_manual(key: str) -> None:
    assert key in WORDS


@pytest.mark.parametrize(
    "name",
    sorted(
        known.ALWAYS | known.FIND_NAMES | known.PAGING_NAMES | known.RECORD_NAMES | known.SEARCH_NAMES
        | known.TASK_NAMES | known.CREATE_NAMES | known.UPDATE_NAMES | known.STATE_NAMES
        | known.SIGNING_NAMES | known.LOGIN_NAMES | known.OPEN_NAMES | known.CODES_NAMES
    ),
)  # fmt: skip
def test_every_placeholder_is_in_the_manual(name: str) -> None:
    assert name in WORDS


@pytest.mark.parametrize(
    "name", sorted([*filters._TEXT_FILTERS, *filters._PLAIN_FILTERS, *filters._WITH_ARGUMENT])
)
def test_every_filter_is_in_the_manual(name: str) -> None:
    assert f"`{name}`" in MANUAL or f"`{name}:" in MANUAL


@pytest.mark.parametrize("form", get_args(NumberForm))
def test_every_form_of_a_number_is_in_the_manual(form: str) -> None:
    assert f"`{form}`" in MANUAL


@pytest.mark.parametrize("auth", list(CrmAuth))
def test_every_way_of_signing_in_is_in_the_manual(auth: CrmAuth) -> None:
    assert f"| `{auth.value}` |" in MANUAL


def test_the_manuals_examples_of_signing_in_compile() -> None:
    example = next(b for b in re.findall(r"```toml\n(.*?)```", MANUAL, re.DOTALL) if "[auth.hmac]" in b)
    pack = read_pack(
        'format = 1\nname = "a"\ntitle = "A"\n'
        '[[find.requests]]\npath = "/"\n[customer]\nid = "id"\nname = "name"\n[log]\npath = "/"\n' + example,
        "manual.toml",
    )
    assert pack.auth.hmac is not None
    assert pack.auth.session is not None


def test_every_shipped_pack_is_linked_from_the_readme_or_explained_here() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    own = {"embedded", "rest"}
    named = (name for name in shipped_packs() if name not in own)
    assert [name for name in named if f"docs/crm/{name.split('-')[0]}.md" not in readme] == []
