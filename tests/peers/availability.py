"""What happens when a peer cannot be had on this machine."""

from __future__ import annotations

import os
import shutil
from pathlib import Path


class PeerMissingError(Exception):
    """A peer cannot run here; the text gives the exact reason and what would help."""


def find_program(name: str, package: str) -> Path:
    """The program's path, also from the administrator's folders that are not on everybody's PATH.

    Raises PeerMissingError with the package that brings it.
    """
    path = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin:/sbin")
    if path is None:
        raise PeerMissingError(f"the program '{name}' is not installed (apt-get install {package})")
    return Path(path)


def cache_folder() -> Path:
    """Where fetched peers are kept between runs: SOFTPHONE_PEERS, else the user's cache folder."""
    named = os.environ.get("SOFTPHONE_PEERS")
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(named) if named else Path(base) / "softphone-peers"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
