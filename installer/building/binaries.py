"""Whether the payload is complete: every library that a binary asks for is in it or part of the system."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from installer.building.tools import BuildError, run

WINDOWS_SYSTEM = re.compile(
    r"(?i)^(kernel32|user32|gdi32|advapi32|shell32|ole32|oleaut32|ws2_32|crypt32|bcrypt|bcryptprimitives|ncrypt"
    r"|ntdll|msvcrt|ucrtbase|version|winmm|setupapi|shlwapi|comctl32|comdlg32|rpcrt4|iphlpapi|dnsapi|userenv"
    r"|dwmapi|uxtheme|imm32|oleacc|shcore|wtsapi32|netapi32|mpr|authz|secur32|winhttp|wininet|d3d9|d3d11|d3d12"
    r"|dxgi|dcomp|dwrite|d2d1|d3dcompiler_47|opengl32|uiautomationcore|propsys|cabinet|pdh|powrprof|msi"
    r"|windowscodecs|hid|cfgmgr32|winspool\.drv|icuuc|mswsock|psapi|avrt|ksuser|synchronization"
    r"|api-ms-win-[a-z0-9-]+|ext-ms-[a-z0-9-]+|urlmon|normaliz|wldap32|runtimeobject|msimg32)(\.dll)?$"
)
"""Part of Windows 10 1809 and later."""

_ELF, _PE = b"\x7fELF", b"MZ"


def elf_files(folder: Path) -> list[Path]:
    """Every ELF file below `folder`."""
    return [path for path in sorted(folder.rglob("*")) if _begins(path, _ELF)]


def pe_files(folder: Path) -> list[Path]:
    """Every DLL, extension module and program for Windows below `folder`."""
    return [path for path in sorted(folder.rglob("*")) if _begins(path, _PE)]


def elf_needs(file: Path) -> tuple[str, ...]:
    """The libraries that an ELF file names as needed."""
    return tuple(re.findall(r"\(NEEDED\).*\[(.+?)\]", run(["readelf", "-dW", file])))


def pe_needs(file: Path) -> tuple[str, ...]:
    """The DLLs that a Windows file names as needed."""
    return tuple(re.findall(r"DLL Name: (\S+)", run(["x86_64-w64-mingw32-objdump", "-p", file])))


def outside_elf(folder: Path) -> dict[str, list[str]]:
    """Libraries that the payload needs from the system, each with the files that ask for it."""
    files = elf_files(folder)
    inside = {path.name for path in files}
    return _asked((name, path) for path in files for name in elf_needs(path) if name not in inside)


def check_windows(folder: Path) -> None:
    """Raise `BuildError` when a DLL is asked for that neither the payload nor Windows has."""
    files = pe_files(folder)
    inside = {path.name.lower() for path in files}
    missing = _asked(
        (name, path)
        for path in files
        for name in pe_needs(path)
        if name.lower() not in inside and not WINDOWS_SYSTEM.match(name)
    )
    if missing:
        lines = [f"  {name}: needed by {', '.join(users[:3])}" for name, users in sorted(missing.items())]
        raise BuildError("\n".join(["not in the payload and not part of Windows:", *lines]))


def glibc_needed(folder: Path) -> tuple[int, int]:
    """The newest version of glibc whose symbols the payload uses."""
    newest = (2, 17)
    for path in elf_files(folder):
        for major, minor in re.findall(r"GLIBC_(\d+)\.(\d+)", run(["readelf", "-VW", path])):
            newest = max(newest, (int(major), int(minor)))
    return newest


def _asked(pairs: Iterator[tuple[str, Path]]) -> dict[str, list[str]]:
    asked: dict[str, list[str]] = {}
    for name, path in pairs:
        asked.setdefault(name, []).append(path.name)
    return asked


def _begins(path: Path, magic: bytes) -> bool:
    if path.is_symlink() or not path.is_file():
        return False
    with path.open("rb") as stream:
        return stream.read(len(magic)) == magic
