"""What of the wheels is shipped: everything but what is listed here, and of Qt only what is listed here.

Every rule has its reason. `pycparser` looks superfluous beside `cffi` and is not: without it keyring falls
back, without a word, to a key store that always fails.
"""

from __future__ import annotations

import re
from pathlib import Path

DROPPED = (
    (r"^wheel-data/", "scripts and data of wheels: nothing here is started by name"),
    (r"(^|/)tests/", "tests of libraries"),
    (r"\.(pyi|pyx|pxd|pxi|h|hpp|c|cpp|lib|a|cmake|pc)$", "for compilers and type checkers"),
    (r"\.dist-info/(RECORD|WHEEL|INSTALLER|REQUESTED|direct_url\.json)$", "untrue once files are left out"),
    (r"^numpy/(f2py|distutils|_pyinstaller|testing/_private)/", "tools for building"),
    (r"^phonenumbers/(geodata|carrierdata|tzdata)/", "16 MB of places and networks that nobody asks for"),
    (r"^phonenumbers/(geocoder|carrier|timezone)\.py$", "they import the data above"),
    (r"^_sounddevice_data/.*(arm64|32bit|asio)", "other processors; ASIO's licence does not fit ours"),
    (r"^_sounddevice_data/.*\.dylib$", "for the Mac, whose bundle is PyInstaller's"),
    (r"^softphone/ui/screenshots/", "a tool of developers"),
    (r"^(shiboken6|PySide6)/(doc|include|glue|typesystems|scripts|examples|metatypes)/", "for generators"),
)

QT_PLUGINS = (
    r"platforms/(lib)?q(windows|xcb|wayland|offscreen)\.",
    r"platformthemes/libqxdgdesktopportal\.",  # gtk3's drags in cairo and pango
    r"platforminputcontexts/lib(compose|ibus)platforminputcontextplugin\.",
    r"xcbglintegrations/",
    r"wayland-shell-integration/libxdg-shell\.",
    r"wayland-decoration-client/",
    r"wayland-graphics-integration-client/libqt-plugin-wayland-egl\.",
    r"styles/",
    r"iconengines/",
    r"imageformats/(lib)?q(svg|ico|jpeg|gif)\.",
)
"""Plugins that an agent's desktop needs; the offscreen platform is for checks without a screen."""

LANGUAGES = ("de", "it", "he", "el", "en")

_QT_ALWAYS = ("Core", "Gui", "Widgets", "Svg", "DBus")
_QT_SUPPORT = (
    r"(lib)?(pyside6|shiboken6)\.abi3|(?i:msvcp|vcruntime)|libicu"
    r"|__init__\.py|_config\.py|_git_pyside_version\.py"
)


def qt_modules(root: Path) -> tuple[str, ...]:
    """Which Qt modules the softphone imports, read from its source so that the list cannot be forgotten."""
    found = set(_QT_ALWAYS)
    for file in (root / "softphone").rglob("*.py"):
        if "screenshots" not in file.parts:
            found.update(re.findall(r"(?:from|import) PySide6\.Qt(\w+)", file.read_text(encoding="utf-8")))
    return tuple(sorted(found))


def kept(name: str, modules: tuple[str, ...]) -> bool:
    """Whether the file `name` (below site-packages, with slashes) is shipped."""
    if any(re.search(pattern, name) for pattern, _reason in DROPPED):
        return False
    if name.startswith("PySide6/"):
        return _qt_kept(name.removeprefix("PySide6/"), modules)
    return True


def _qt_kept(name: str, modules: tuple[str, ...]) -> bool:
    inner = name.removeprefix("Qt/")
    if inner.startswith("plugins/"):
        return any(re.match(pattern, inner.removeprefix("plugins/")) for pattern in QT_PLUGINS)
    if inner.startswith("translations/"):
        return re.fullmatch(rf"translations/qtbase_({'|'.join(LANGUAGES)})\.qm", inner) is not None
    if inner.startswith("support/"):
        return inner.endswith(".py")
    file = inner.rpartition("/")[2]
    if "/" in inner and not inner.startswith("lib/"):
        return False
    if re.match(_QT_SUPPORT, file):
        return True
    library = re.fullmatch(r"(?:lib)?Qt6?(\w+?)(?:\.abi3)?\.(?:so[.0-9]*|pyd|dll)", file)
    return library is not None and library[1] in {*modules, *_carried(modules, file)}


def _carried(modules: tuple[str, ...], file: str) -> tuple[str, ...]:
    """Libraries (not bindings) that platform plugins stand on."""
    if file.startswith("libQt6"):
        return (*modules, "XcbQpa", "WaylandClient", "OpenGL", "WlShellIntegration")
    return modules
