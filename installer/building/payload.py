"""Lays out what is installed: the pruned wheels, the softphone with its resources, bytecode, the notices."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from installer.building import imports, prune, wheels
from installer.building.product import ROOT
from installer.building.tools import run

NOTICES = ("LICENSE", "THIRD-PARTY-NOTICES")
_SKIPPED = shutil.ignore_patterns("__pycache__", "*.pyc", "*.po~")


def fill(site: Path, target: wheels.Target, cache: Path) -> list[Path]:
    """Fill `site` with everything that is imported; returns the wheels it came from."""
    fetched = wheels.fetch(target, cache / target.name)
    wheels.unpack(fetched, site)
    for package in ("softphone", "resources"):
        shutil.copytree(ROOT / package, site / package, ignore=_SKIPPED)
    shutil.copy(Path(__file__).with_name("start.py"), site / "softphone_start.py")
    _prune(site)
    imports.check(site)
    return fetched


def _prune(site: Path) -> None:
    modules = prune.qt_modules(ROOT)
    for path in sorted(site.rglob("*"), reverse=True):
        if path.is_dir():
            if not any(path.iterdir()):
                path.rmdir()
        elif not prune.kept(path.relative_to(site).as_posix(), modules):
            path.unlink()


def compile_bytecode(interpreter: str, folder: Path, installed_as: str) -> None:
    """Compile what is imported, so that nothing is written where it is installed; tracebacks name that place.

    The bytecode is never checked against its source (PEP 552, unchecked): dates do not matter, and the build
    can be repeated byte for byte.
    """
    command = [interpreter, "-I", "-m", "compileall", "-q", "-f", "-j", "2"]
    command += ["--invalidation-mode", "unchecked-hash", "-s", str(folder), "-p", installed_as, str(folder)]
    run(command, env={"PYTHONHASHSEED": "0"})


def add_notices(folder: Path, suffix: str = "") -> None:
    """The licence and everybody else's."""
    for name in NOTICES:
        shutil.copy(ROOT / name, folder / f"{name}{suffix}")


def settle(folder: Path, date: int) -> None:
    """One date and plain modes for everything: the build shall not tell when and by whom it was made."""
    for path in [folder, *sorted(folder.rglob("*"))]:
        if not path.is_symlink():
            executable = path.is_dir() or path.parent.name == "bin" or path.suffix == ".sh"
            path.chmod(0o755 if executable else 0o644)
        os.utime(path, (date, date), follow_symlinks=False)


def size_of(folder: Path) -> int:
    """Bytes of all files."""
    return sum(path.lstat().st_size for path in folder.rglob("*") if not path.is_dir())
