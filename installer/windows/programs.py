"""Compiles the two launchers: one without and one with a console, both with icon, version and manifest."""

from __future__ import annotations

import shutil
from pathlib import Path

from installer.building import product
from installer.building.tools import need, run

HERE = Path(__file__).parent
WINDOWED, CONSOLE = "Softphone.exe", "softphone-cli.exe"

_RESOURCES = """\
#include <winver.h>
1 ICON "softphone.ico"
1 24 "softphone.manifest"
1 VERSIONINFO
FILEVERSION {numbers},0
PRODUCTVERSION {numbers},0
BEGIN
 BLOCK "StringFileInfo" BEGIN BLOCK "040904b0" BEGIN
  VALUE "CompanyName", "{manufacturer}"
  VALUE "FileDescription", "{name}"
  VALUE "FileVersion", "{version}.0"
  VALUE "InternalName", "{file}"
  VALUE "LegalCopyright", "{licence}"
  VALUE "OriginalFilename", "{file}"
  VALUE "ProductName", "{name}"
  VALUE "ProductVersion", "{version}"
 END END
 BLOCK "VarFileInfo" BEGIN VALUE "Translation", 0x409, 1200 END
END
"""


def build(destination: Path, work: Path, icon: bytes, version: str) -> None:
    """Put both programs into `destination`."""
    need("x86_64-w64-mingw32-gcc", "x86_64-w64-mingw32-windres")
    work.mkdir(parents=True, exist_ok=True)
    (work / "softphone.ico").write_bytes(icon)
    shutil.copy(HERE / "softphone.manifest", work)
    for file, options in ((WINDOWED, ["-mwindows"]), (CONSOLE, ["-mconsole", "-DCONSOLE"])):
        _compile(work, destination / file, options, version)


def _compile(work: Path, program: Path, options: list[str], version: str) -> None:
    script, resources = work / f"{program.stem}.rc", f"{program.stem}.res"
    text = _RESOURCES.format(
        numbers=version.replace(".", ","),
        version=version,
        file=program.name,
        name=product.NAME,
        manufacturer=product.MANUFACTURER,
        licence=product.LICENCE,
    )
    script.write_text(text, encoding="utf-8")
    run(["x86_64-w64-mingw32-windres", script.name, "-O", "coff", "-o", resources], cwd=work)
    hardened = ["-Wl,--dynamicbase,--nxcompat,--high-entropy-va", "-Wl,--no-insert-timestamp", "-s"]
    command = ["x86_64-w64-mingw32-gcc", "-municode", "-O2", "-Wall", "-Wextra", "-Werror", "-static-libgcc"]
    command += [*options, str(HERE / "launcher.c"), resources, *hardened, "-o", str(program)]
    run(command, cwd=work)
