"""Programs from another suite of the Debian mirror that apt is set up with: unpacked, never installed.

A private apt state (lists, cache, status) keeps the machine's own packages untouched; the packages with
all their dependencies are unpacked into one tree, and programs run through that tree's own dynamic loader.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.peers.availability import PeerMissingError, cache_folder, find_program

ATTEMPTS = 3
LEFT_OUT = ("./usr/share/doc", "./usr/share/man", "./usr/share/locale", "./usr/share/info")


@dataclass(frozen=True)
class UnpackedTree:
    """Packages unpacked under ``root``."""

    root: Path

    def command(self, program: str) -> list[str]:
        """How to run ``program`` (relative to the tree) with the tree's loader and libraries."""
        loaders = sorted(self.root.glob("usr/lib*/**/ld-linux-*.so.*")) + sorted(
            self.root.glob("lib*/**/ld-linux-*.so.*")
        )
        if not loaders:
            raise PeerMissingError(f"no dynamic loader in {self.root}; delete that folder and fetch it again")
        return [
            str(loaders[0]),
            "--library-path",
            ":".join(map(str, self.library_folders())),
            str(self.root / program),
        ]

    def library_folders(self) -> list[Path]:
        """Where the tree's shared libraries lie."""
        places = (
            "usr/lib/*-linux-gnu*",
            "lib/*-linux-gnu*",
            "usr/lib/*-linux-gnu*/*",
        )  # the last: a program's own
        found = {path.parent for place in places for path in self.root.glob(f"{place}/lib*.so*")}
        return [*sorted(found), self.root / "usr/lib"]


def unpacked(name: str, suite: str, packages: Sequence[str]) -> UnpackedTree:
    """The tree of ``packages`` from ``suite``, fetched into the cache on first use.

    Raises PeerMissingError when this is no Debian-like machine or the mirror cannot be reached.
    """
    tree = cache_folder() / name
    if not (tree / ".complete").exists():
        with tree.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # another worker may be fetching it right now
            if not (tree / ".complete").exists():
                _fetch(tree, suite, packages)
    return UnpackedTree(tree)


def _fetch(tree: Path, suite: str, packages: Sequence[str]) -> None:
    apt_get = find_program("apt-get", "apt")
    with tempfile.TemporaryDirectory(prefix="fetch-", dir=tree.parent) as work_name:
        work = Path(work_name)
        archives = _download(apt_get, work, suite, packages)
        staged = work / "tree"
        staged.mkdir()
        for archive in archives:
            _unpack(archive, staged)
        (staged / ".complete").write_text("\n".join(path.name for path in archives), encoding="utf-8")
        if tree.exists():
            shutil.rmtree(tree)
        staged.rename(tree)  # atomic: a fetch that is killed leaves no half tree behind


def _download(apt_get: Path, work: Path, suite: str, packages: Sequence[str]) -> list[Path]:
    configuration = _private_state(work, suite)
    environment = dict(os.environ, APT_CONFIG=str(configuration), LC_ALL="C")
    install = ["-y", "-o", "Debug::NoLocking=1", "--download-only", "install", *packages]
    said = ""
    for _attempt in range(ATTEMPTS):
        for arguments in (["update"], install):
            done = subprocess.run(
                [str(apt_get), "-q", *arguments], env=environment, capture_output=True, text=True, check=False
            )
            said = done.stdout[-500:] + done.stderr[-1_500:]
            if done.returncode != 0:
                break
        else:
            return sorted((work / "cache/archives").glob("*.deb"))
    raise PeerMissingError(f"the mirror did not give {' '.join(packages)} from {suite}: {said.strip()}")


def _private_state(work: Path, suite: str) -> Path:
    for folder in ("lists/partial", "cache/archives/partial"):
        (work / folder).mkdir(parents=True)
    (work / "status").touch()
    mirror, keyring = _mirror()
    (work / "sources.list").write_text(f"deb [signed-by={keyring}] {mirror} {suite} main\n", encoding="utf-8")
    settings = {
        "Dir::State": work,
        "Dir::State::lists": work / "lists",
        "Dir::State::status": work / "status",
        "Dir::Cache": work / "cache",
        "Dir::Etc::sourcelist": work / "sources.list",
        "Dir::Etc::sourceparts": "/dev/null",
        "Dir::Etc::preferencesparts": "/dev/null",
        "APT::Install-Recommends": "false",
        "APT::Sandbox::User": "root",
        "Acquire::Check-Valid-Until": "false",  # sid's Release file of a frozen mirror has expired
        "Acquire::Languages": "none",
        "Acquire::Retries": "3",
        "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled": "false",
    }
    configuration = work / "apt.conf"
    configuration.write_text(
        "".join(f'{key} "{value}";\n' for key, value in settings.items()), encoding="utf-8"
    )
    return configuration


def _mirror() -> tuple[str, Path]:
    """Address of Debian's main archive in apt's own settings, and the archive's keyring."""
    keyring = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
    if not keyring.exists():
        raise PeerMissingError("Debian's archive keyring is missing (apt-get install debian-archive-keyring)")
    targets = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI) $(ORIGIN) $(LABEL)", "Created-By: Packages"],
        capture_output=True,
        text=True,
        check=False,
    )
    lines = [line for line in targets.stdout.splitlines() if "security" not in line.lower()]
    for line in sorted(lines, key=lambda line: not line.endswith(" Debian Debian")):
        return line.split()[0], keyring
    raise PeerMissingError("apt knows no Debian mirror (after 'apt-get update'?)")


def _unpack(archive: Path, tree: Path) -> None:
    exclude = [f"--exclude={path}" for path in LEFT_OUT]
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", str(archive)], stdout=subprocess.PIPE) as source:
        subprocess.run(
            ["tar", "-C", str(tree), "-x", "--no-same-owner", "--keep-directory-symlink", *exclude],
            stdin=source.stdout,
            check=True,
        )
    if source.returncode != 0:
        raise PeerMissingError(f"{archive.name} cannot be unpacked")
