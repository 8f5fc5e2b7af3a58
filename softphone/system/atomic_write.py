"""Replaces a file so that a crash at any moment leaves the old one or the new one, never a part."""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path

from softphone.domain.errors import Broken, TryLater

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def write_atomically(file: Path, content: bytes) -> None:
    """Put `content` into `file`, readable for this user only; a link stays, what it points to is replaced.

    Raises `TryLater` when the disk is full, `Broken` when the file cannot be written; the old one is whole
    then.
    """
    target = Path(os.path.realpath(file))
    try:
        _replace(target, content)
    except OSError as exc:
        if exc.errno in _FULL:
            raise TryLater("disk", f"no space left to write {target.name}") from exc
        raise Broken("file", f"cannot write {target}: {exc.strerror}") from exc


def _replace(target: Path, content: bytes) -> None:
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(target)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(target.parent)


def _sync_folder(folder: Path) -> None:
    """Make the new name itself durable, where folders can be opened (not on Windows)."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
