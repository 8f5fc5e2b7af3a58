"""The software bill of materials (CycloneDX 1.6): packages, native libraries, the interpreter."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from installer import notices
from installer.building import product
from installer.building.native import Library
from installer.building.wheels import Pin

SPEC = "1.6"
_SPACE = uuid.UUID("0c7ce1a6-1c5a-4df5-9f0d-0d8a53b7b1f5")

Component = dict[str, Any]


def compose(
    target: str, pins: list[Pin], libraries: list[Library], python: tuple[str, str], date: int
) -> Component:
    """The whole document for one build. `python` is the interpreter's version and where it comes from."""
    version = product.version()
    own = f"pkg:generic/{product.PACKAGE}@{version}"
    parts = [_interpreter(*python), *map(_package, pins), *map(_library, libraries)]
    return {
        "bomFormat": "CycloneDX",
        "specVersion": SPEC,
        "serialNumber": f"urn:uuid:{uuid.uuid5(_SPACE, f'{target}:{version}:{date}')}",
        "version": 1,
        "metadata": {
            "timestamp": datetime.fromtimestamp(date, UTC).isoformat(),
            "component": {
                "type": "application",
                "bom-ref": own,
                "name": product.PACKAGE,
                "version": version,
                "purl": own,
                "licenses": [{"expression": product.LICENCE}],
                "properties": [{"name": "softphone:target", "value": target}],
            },
        },
        "components": parts,
        "dependencies": [
            {"ref": own, "dependsOn": [part["bom-ref"] for part in parts]},
            *({"ref": part["bom-ref"], "dependsOn": []} for part in parts),
        ],
    }


def write(path: Path, document: Component) -> None:
    """Write the document where IT finds it."""
    path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _interpreter(version: str, source: str) -> Component:
    purl = f"pkg:generic/cpython@{version}"
    return {
        "type": "platform",
        "bom-ref": purl,
        "name": "CPython",
        "version": version,
        "purl": purl,
        "licenses": [{"expression": "PSF-2.0"}],
        "properties": [{"name": "softphone:source", "value": source}],
    }


def _package(pin: Pin) -> Component:
    purl = f"pkg:pypi/{pin.name}@{pin.version}"
    return {
        "type": "library",
        "bom-ref": purl,
        "name": pin.name,
        "version": pin.version,
        "purl": purl,
        "licenses": [{"license": {"name": notices.notice(pin.name, pin.version).licence}}],
    }


def _library(library: Library) -> Component:
    reference = f"native:{library.name}:{library.inside}:{library.version}".replace(" ", "-")
    part: Component = {
        "type": "library",
        "bom-ref": reference,
        "name": library.name,
        "licenses": [{"license": {"name": library.licence}}],
        "properties": [{"name": "softphone:inside", "value": library.inside}],
    }
    if library.version:
        part |= {"version": library.version, "purl": library.purl}
    return part
