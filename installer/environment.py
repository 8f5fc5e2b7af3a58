"""The virtual environment: made once, filled from a lock file with hashes, skipped when nothing changed."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

RUNTIME_LOCK = "requirements.txt"
DEVELOPMENT_LOCK = "requirements-dev.txt"
BENCH_LOCK = "requirements-bench.txt"
"""Beside the development lock, for measurements."""
BUILT_HERE = "pesq"
"""The one package of the measurements that has no wheels."""
STAMP = "softphone-environment.json"


class BrokenEnvironmentError(Exception):
    """The environment could not be made; the text says what the user can do."""


@dataclass(frozen=True)
class Environment:
    """A virtual environment in ``folder`` for the checkout in ``root``."""

    root: Path
    folder: Path

    @property
    def python(self) -> Path:
        """The interpreter inside the environment."""
        if os.name == "nt":
            return self.folder / "Scripts" / "python.exe"
        return self.folder / "bin" / "python"

    def is_current(self, lock: str) -> bool:
        """Whether the environment was last filled from exactly this lock file by this Python version."""
        try:
            stamp = json.loads((self.folder / STAMP).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return False
        if not isinstance(stamp, dict):
            return False
        return stamp.get(lock) == self._digest(lock) and self.python.exists()

    def prepare(self, lock: str) -> None:
        """Make the environment if there is none and install the lock file into it.

        Raises BrokenEnvironmentError when venv or pip cannot do their work.
        """
        if not self.python.exists():
            self._create()
        print(f"Installing the locked dependencies of {lock} ...", flush=True)
        self._pip(
            *("install", "--require-hashes", "--only-binary", ":all:", "--no-binary", BUILT_HERE),
            *("--requirement", str(self.root / lock)),
        )
        self._link_checkout()
        self._write_launcher()
        everything = [RUNTIME_LOCK, DEVELOPMENT_LOCK, BENCH_LOCK]
        names = everything[: everything.index(lock) + 1]
        stamp = {name: self._digest(name) for name in names}
        (self.folder / STAMP).write_text(json.dumps(stamp, indent=1), encoding="utf-8")

    def _create(self) -> None:
        print(f"Making a virtual environment in {self.folder} ...", flush=True)
        if self.folder.exists():
            shutil.rmtree(self.folder)
        result = subprocess.run([sys.executable, "-m", "venv", str(self.folder)], check=False)
        if result.returncode != 0:
            shutil.rmtree(self.folder, ignore_errors=True)
            version = f"{sys.version_info[0]}.{sys.version_info[1]}"
            raise BrokenEnvironmentError(
                f"{sys.executable} cannot make virtual environments. On Debian or Ubuntu:\n"
                f"  sudo apt-get install python{version}-venv"
            )

    def _pip(self, *arguments: str) -> None:
        command = [str(self.python), "-m", "pip", "--disable-pip-version-check", *arguments, "--quiet"]
        if subprocess.run(command, check=False).returncode != 0:
            raise BrokenEnvironmentError(
                "The dependencies could not be installed (see pip's message above).\n"
                "Check the network connection and free disk space, then run the same command again."
            )

    def _link_checkout(self) -> None:
        """Let the environment import the checkout, without a build step and from any folder."""
        if os.name == "nt":
            packages = self.folder / "Lib" / "site-packages"
        else:
            version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
            packages = (
                next((self.folder / "lib").glob("python3.*"), self.folder / "lib" / version) / "site-packages"
            )
        (packages / "softphone-checkout.pth").write_text(f"{self.root}\n", encoding="utf-8")

    def _write_launcher(self) -> None:
        """A ``softphone`` command beside the environment's python."""
        if os.name == "nt":
            script = self.python.parent / "softphone.cmd"
            script.write_text('@"%~dp0python.exe" -m softphone %*\n', encoding="utf-8")
            return
        script = self.python.parent / "softphone"
        script.write_text(f'#!/bin/sh\nexec "{self.python}" -m softphone "$@"\n', encoding="utf-8")
        script.chmod(0o755)

    def _digest(self, lock: str) -> str:
        text = (self.root / lock).read_bytes() + str(self.root).encode()
        return hashlib.sha256(text).hexdigest()
