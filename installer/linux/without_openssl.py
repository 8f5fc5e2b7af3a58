"""Leaves the wheel's OpenSSL 1.0.2 out of what is shipped.

The Linux wheel of pjsua2 carries OpenSSL 1.0.2k: unsupported since 2019, under a licence that does not go
with the GPL of PJSIP and the softphone, and there for a TLS that PJSIP is never asked for here. The extension
asks for it by name, so that it cannot just be deleted. Two small libraries of our own take its place: they
hand digests and random numbers to the system's OpenSSL 3 and have no TLS.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from installer.building.binaries import elf_needs
from installer.building.tools import BuildError, need, run

SOURCES = Path(__file__).parent / "without_tls"
_STANDS_FOR = {
    "ssl": re.compile(r"libssl-\w+\.so\.1\.0\.2\w*"),
    "crypto": re.compile(r"libcrypto-\w+\.so\.1\.0\.2\w*"),
}
_UNDEFINED = re.compile(r"^ +\d+: \S+ +\d+ \w+ +\w+ +\w+ +UND (\S+?)@(\S+)", re.MULTILINE)
_DEFINED = re.compile(r"^ +\d+: \S+ +\d+ \w+ +\w+ +\w+ +\d+ (\S+?)@@?(\S+)", re.MULTILINE)
_OURS = re.compile(r"libcrypto\.so\.|libssl\.so\.|OPENSSL_")


def leave_out(site: Path) -> tuple[str, ...]:
    """Replace the wheel's OpenSSL below `site` (site-packages); returns the names of the replaced libraries.

    A wheel without OpenSSL 1.0.2 is left as it is. Raises `BuildError` for one that wants more of it than
    has been looked at.
    """
    bundled = site / "pjsua2_python.libs"
    extension = next((site / "pjsua2").glob("_pjsua2*.so"))
    wanted = {
        kind: next((name for name in elf_needs(extension) if pattern.fullmatch(name)), "")
        for kind, pattern in _STANDS_FOR.items()
    }
    if not all(wanted.values()):
        return ()
    shutil.rmtree(bundled)  # the others (Kerberos, SELinux, …) are there for this OpenSSL
    bundled.mkdir()
    for kind, name in wanted.items():
        _compile(kind, bundled / name)
    _check(extension, [bundled / name for name in wanted.values()])
    return tuple(wanted.values())


def _compile(kind: str, target: Path) -> None:
    need("gcc")
    command: list[str | Path] = ["gcc", "-shared", "-fPIC", "-O2", "-Wall", "-Wextra", "-Werror"]
    command += ["-fno-builtin", "-fno-toplevel-reorder", "-Wl,-z,relro,-z,now,--build-id=none", "-s"]
    command += [f"-Wl,--version-script={SOURCES / kind}.map", f"-Wl,-soname,{target.name}"]
    libraries = [_system_crypto()] if kind == "crypto" else []
    run([*command, SOURCES / f"{kind}.c", *libraries, "-o", target])


def _system_crypto() -> str:
    """The system's OpenSSL 3, without the headers that nobody needs."""
    found = re.search(r"libcrypto\.so\.3 \(.*x86-64.*\) => (\S+)", run(["/sbin/ldconfig", "-p"]))
    if found is None:
        raise BuildError(
            "the packages need OpenSSL 3 of the system. On Debian or Ubuntu:\n  sudo apt-get install libssl3"
        )
    return found[1]


def _check(extension: Path, ours: list[Path]) -> None:
    asked = {
        (name, version)
        for name, version in _UNDEFINED.findall(run(["readelf", "--dyn-syms", "-W", extension]))
        if _OURS.match(version)
    }
    given = {
        found for library in ours for found in _DEFINED.findall(run(["readelf", "--dyn-syms", "-W", library]))
    }
    if missing := sorted(name for name, version in asked - given):
        raise BuildError(
            f"pjsua2 wants of OpenSSL what {SOURCES.name} does not have: {', '.join(missing)}. Look at what "
            "it is for, then add it there"
        )
