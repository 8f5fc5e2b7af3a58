"""Makes the tar.xz for other distributions: unpacked anywhere, it runs; nothing is installed."""

from __future__ import annotations

import lzma
import shutil
import tarfile
from pathlib import Path

from installer.building import payload, product
from installer.linux import deb

HERE = Path(__file__).parent


def build(tree: Path, work: Path, version: str, target: Path, date: int, compression: int) -> None:
    """Pack `tree` with its menu entry into `target`: the same bytes for the same content."""
    root = work / "archive" / f"{product.PACKAGE}-{version}"
    shutil.rmtree(root.parent, ignore_errors=True)
    shutil.copytree(tree, root, symlinks=True)
    deb.add_desktop(root / "share", work, version, date)
    shutil.copy(HERE / "install-for-me.sh", root)
    payload.add_notices(root)
    payload.settle(root, date)
    with (
        lzma.open(target, "wb", preset=compression) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar,
    ):
        for path in [root, *sorted(root.rglob("*"))]:
            tar.add(path, path.relative_to(root.parent).as_posix(), recursive=False, filter=_plain)


def _plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Without who built it."""
    member.uid = member.gid = 0
    member.uname = member.gname = "root"
    member.mtime = int(member.mtime)
    return member
