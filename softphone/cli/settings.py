"""`softphone settings`: which settings are in force here, and who has set each. JSON, for IT.

Exit codes: 0 everything in force, 1 something of policy, installation or profile was left out or the user's
file is wrong, 2 wrong usage. Passwords and tokens are never among settings.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from softphone.domain.errors import SoftphoneError
from softphone.domain.settings import Settings
from softphone.domain.settings_layers import SettingsLayer
from softphone.system.folders import folders
from softphone.system.settings_catalogue import settings_catalogue
from softphone.system.settings_file import LayeredSettings
from softphone.system.settings_sources import layered_settings, sources_above
from softphone.system.settings_values import default_of, plain, values_of


def run(arguments: Sequence[str], config_dir: Path | None) -> int:
    """Print; returns the exit code."""
    parser = argparse.ArgumentParser(prog="softphone settings", description="Settings in force, as JSON.")
    parser.add_argument("--config-dir", type=Path, metavar="DIR", help="the profile, as for softphone itself")
    parser.add_argument("--known", action="store_true", help="every setting there is, with kind and meaning")
    options = parser.parse_args(arguments)
    if options.known:
        return _print({"version": 1, "settings": _known()})
    where = folders(options.config_dir or config_dir)
    file = layered_settings(where)
    try:
        settings = file.load()
    except SoftphoneError as exc:
        sys.stderr.write(f"softphone: {exc.detail}\n")
        return 1
    sources = [{"layer": source.layer, "source": source.name} for source in sources_above(where)]
    _print(
        {"version": 1, **report(file, settings), "sources": sources, "user_file": str(where.settings_file)}
    )
    return 1 if file.faults else 0


def report(file: LayeredSettings, settings: Settings) -> dict[str, Any]:
    """Every setting that is not at its default, who has set it, and what was left out."""
    locked = file.locked()
    in_force = {}
    for key, value in values_of(settings).items():
        dotted = ".".join(key)
        by = locked.get(dotted)
        if by is None and value == default_of(key):
            continue
        entry = {"value": plain(value), "set_by": str(by.layer if by else SettingsLayer.USER)}
        in_force[dotted] = {**entry, **({"source": by.source} if by else {})}
    return {"settings": in_force, "left_out": [str(fault) for fault in file.faults]}


def _known() -> list[dict[str, Any]]:
    return [
        {
            "key": fact.key,
            "kind": fact.kind,
            "default": plain(fact.default),
            "choices": list(fact.choices),
            "description": fact.description,
        }
        for fact in settings_catalogue()
    ]


def _print(value: dict[str, Any]) -> int:
    sys.stdout.write(json.dumps(value, indent=1, ensure_ascii=False, default=str) + "\n")
    return 0
