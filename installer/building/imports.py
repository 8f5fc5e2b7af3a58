"""Whether pruning went too far: everything that the softphone imports must be in the payload."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

from installer.building.tools import BuildError

ELSEWHERE = frozenset({"winreg", "msvcrt", "fcntl", "resource", "jeepney", "pywintypes"})
"""Imported on one platform only, behind a question for it."""


def check(site: Path, package: str = "softphone") -> None:
    """Raise `BuildError` that names what is imported and missing below `site`."""
    missing = sorted(
        f"  {module}, imported by {file.relative_to(site)}"
        for file in sorted((site / package).rglob("*.py"))
        for module in _imported(file)
        if not _known(module) and not _there(site, module)
    )
    if missing:
        raise BuildError("\n".join(["imported by the softphone and pruned or not locked:", *missing]))


def _imported(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module


def _known(module: str) -> bool:
    top = module.partition(".")[0]
    return top in sys.stdlib_module_names or top in ELSEWHERE


def _there(site: Path, module: str) -> bool:
    folder = site.joinpath(*module.split("."))
    if (folder / "__init__.py").exists() or folder.with_name(f"{folder.name}.py").exists():
        return True
    extensions = ("pyd", "so")
    return any(
        path.suffix.lstrip(".") in extensions
        for path in folder.parent.glob(f"{folder.name}.*")
        if path.is_file()
    )
