"""A fresh Debian of its own in a folder: made by mmdebstrap from the mirror that apt is set up with here."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from installer.building.tools import BuildError, need, run
from tests.installer.life import ahead

SUITE = "bookworm"
USER = "agent"
TOOLS = (
    "ca-certificates",
    "xvfb",
    "xauth",
    "dbus",
    "dbus-x11",
    "xdg-utils",
    "desktop-file-utils",
    "dex",
    "procps",
)
"""What an agent's desktop has anyway, as far as these checks use it."""


@dataclass(frozen=True)
class Said:
    """How a command in the chroot ended, and what it printed."""

    code: int
    output: str


class DebianRoot:
    """One chroot with an ordinary user in it. Needs to be root."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def create(self, pristine: Path) -> None:
        """Make it anew from `pristine`, an archive that is made first if it is not there."""
        need("mmdebstrap")
        if os.geteuid() != 0:
            raise BuildError("a chroot needs root: run this as root")
        if not pristine.exists():
            command = ["mmdebstrap", "--variant=apt", "--mode=root", f"--include={','.join(TOOLS)}"]
            run([*command, SUITE, pristine, *_sources()])
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        run(["tar", "-C", self.folder, "--numeric-owner", "-xf", pristine])
        self._take_over_apt()
        run(["chroot", self.folder, "useradd", "--create-home", "--shell", "/bin/sh", USER])

    @contextmanager
    def mounted(self) -> Iterator[None]:
        """With /proc and /dev, as a running system has them."""
        mounts = (("proc", "proc", ()), ("/dev", "dev", ("--bind",)), ("tmpfs", "dev/shm", ()))
        made = []
        try:
            for source, place, options in mounts:
                target = self.folder / place
                kind = options or ("-t", source)
                run(["mount", *kind, source, target])
                made.append(target)
            yield
        finally:
            for target in reversed(made):
                subprocess.run(["umount", "--lazy", str(target)], capture_output=True, check=False)

    def root(self, command: str, timeout_s: float = 300, given: str = "") -> Said:
        """Run a shell line as root."""
        return self._run(["chroot", str(self.folder), "/bin/sh", "-c", command], timeout_s, given)

    def user(self, command: str, timeout_s: float = 120, *, first: bool = False) -> Said:
        """Run a shell line as the ordinary user, in a login session's environment; `first`: for sound."""
        line = [*(ahead() if first else ()), "chroot", str(self.folder), "su", "-", USER, "-c", command]
        return self._run(line, timeout_s, "")

    def _run(self, line: list[str], timeout_s: float, given: str) -> Said:
        environment = {
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            "DEBIAN_FRONTEND": "noninteractive",
            "LC_ALL": "C.UTF-8",
        }
        try:
            done = subprocess.run(
                line,
                env=environment,
                input=given,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                timeout=timeout_s,
                check=False,
            )
        except subprocess.TimeoutExpired as late:
            return Said(-1, f"not finished within {timeout_s:g} s: {str(late.stdout)[-300:]}")
        return Said(done.returncode, done.stdout)

    def _take_over_apt(self) -> None:
        """The chroot asks the same mirror in the same way as this machine."""
        for name in ("apt/apt.conf.d", "apt/sources.list.d", "ssl/certs"):
            source, target = Path("/etc") / name, self.folder / "etc" / name
            for file in source.glob("*") if source.exists() else ():
                if file.is_file() and not (target / file.name).exists() and "docker" not in file.name:
                    shutil.copy(file, target / file.name)
        if Path("/etc/resolv.conf").exists():
            shutil.copy("/etc/resolv.conf", self.folder / "etc" / "resolv.conf")


def _sources() -> list[str]:
    found = [Path("/etc/apt/sources.list"), *sorted(Path("/etc/apt/sources.list.d").glob("*.sources"))]
    return [str(file) for file in found if file.exists() and file.read_text(encoding="utf-8").strip()]
