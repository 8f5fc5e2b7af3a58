"""Test messages that others wrote: fetched from Debian at test time into a cache, never committed."""

from __future__ import annotations

import base64
import fcntl
import gzip
import io
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.peers.availability import PeerMissingError, cache_folder, find_program
from tests.peers.debian import _private_state

RFC = "usr/share/doc/RFC/informational/rfc4475.txt.gz"


def torture_messages() -> dict[str, bytes]:
    """The bit-exact messages of RFC 4475 (its appendix A) by their names in the RFC; PeerMissingError."""
    folder = _cached("rfc4475", _fetch_torture)
    return {path.stem: path.read_bytes() for path in sorted(folder.glob("*.dat"))}


def pjsip_cases() -> Path:
    """The folder of PJSIP's raw-message user-agent cases (`scripts-sendto`); PeerMissingError."""
    return _cached("pjsip-cases", _fetch_cases)


def _cached(name: str, fetch: Callable[[Path, Path], None]) -> Path:
    folder = cache_folder() / name
    if not folder.exists():
        with (cache_folder() / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not folder.exists():
                with tempfile.TemporaryDirectory(prefix="fetch-", dir=cache_folder()) as work_name:
                    work = Path(work_name)
                    staged = work / "staged"
                    staged.mkdir()
                    fetch(work, staged)
                    staged.rename(folder)
    return folder


def _apt(work: Path, suite: str, kind: str, components: str, *arguments: str) -> None:
    configuration = _private_state(work, suite)
    sources = work / "sources.list"
    line = (
        sources.read_text(encoding="utf-8").replace("deb [", f"{kind} [").replace(" main", f" {components}")
    )
    sources.write_text(line, encoding="utf-8")
    environment = dict(os.environ, APT_CONFIG=str(configuration), LC_ALL="C")
    for command in (["update"], list(arguments)):
        done = subprocess.run(
            [str(find_program("apt-get", "apt")), "-q", *command],
            env=environment,
            cwd=work,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise PeerMissingError(f"the mirror did not give {arguments[-1]}: {done.stderr[-500:]}")


def _fetch_torture(work: Path, staged: Path) -> None:
    _apt(work, "bookworm", "deb", "non-free", "download", "doc-rfc-informational")
    package = next(work.glob("doc-rfc-informational*.deb"))
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", str(package)], stdout=subprocess.PIPE) as source:
        subprocess.run(["tar", "-x", "-C", str(work), f"./{RFC}"], stdin=source.stdout, check=True)
    text = gzip.decompress((work / RFC).read_bytes()).decode("latin-1")
    start = text.rindex("-- BEGIN MESSAGE ARCHIVE --")
    lines = [
        line.strip() for line in text[start : text.index("-- END MESSAGE ARCHIVE --", start)].splitlines()
    ]
    archive = base64.b64decode("".join(line for line in lines if re.fullmatch(r"[A-Za-z0-9+/=]{1,76}", line)))
    with tarfile.open(fileobj=io.BytesIO(archive)) as messages:
        for member in messages.getmembers():
            content = messages.extractfile(member)
            if content is not None:
                (staged / Path(member.name).name).write_bytes(content.read())


def _fetch_cases(work: Path, staged: Path) -> None:
    _apt(work, "sid", "deb-src", "main", "source", "--download-only", "asterisk")
    archive = next(work.glob("asterisk_*Xpjproject.tar.*"))
    subprocess.run(
        ["tar", "-xf", str(archive), "-C", str(work), "--wildcards", "*/tests/pjsua/*"], check=True
    )
    folder = next(work.glob("*/tests/pjsua/scripts-sendto"))
    for path in folder.glob("*.py"):
        shutil.copy(path, staged / path.name)
