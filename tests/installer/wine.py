"""A clean Windows of Debian's wine for one run: its own prefix, shims for what wine 8 lacks, a few questions.

The shims are for tests and never part of a package: Windows 10 has these libraries.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from installer.building.binaries import pe_needs
from installer.building.tools import need, run
from tests.installer.life import ahead, hold

COMPILER, LIST = "x86_64-w64-mingw32-gcc", "x86_64-w64-mingw32-objdump"
_UCRT = "ucrtbase.dll"
_LAST_WORDS_S = 3.0
"""How long what a program has said may take to arrive after its end."""

_RANDOM = """
#include <windows.h>
typedef BOOLEAN(WINAPI *Generate)(void *, ULONG);
__declspec(dllexport) BOOL ProcessPrng(BYTE *buffer, SIZE_T size) {
    Generate generate = (Generate)(void *)GetProcAddress(LoadLibraryA("advapi32.dll"), "SystemFunction036");
    return generate && generate(buffer, (ULONG)size);
}
"""
_COMPLEX = re.compile(
    r"c(?:real|imag|abs|arg|exp|log|pow|sqrt|onj|proj|a?(?:sin|cos|tan)h?)f?"
)  # numpy calls these at its import


@dataclass(frozen=True)
class Answer:
    """How a program under wine ended."""

    code: int
    output: str


class Wine:
    """One prefix. `wine` gives the lower eight bits of Windows' exit code."""

    def __init__(self, folder: Path) -> None:
        need("wine", COMPILER)
        self.folder = folder
        self.drive = folder / "drive_c"
        self._warm = False
        self._environment = {
            **{name: value for name, value in os.environ.items() if name not in ("DISPLAY", "PYTHONPATH")},
            "WINEPREFIX": str(folder),
            "WINEDEBUG": "-all",
            "WINEARCH": "win64",
            "WINEDLLOVERRIDES": f"{_UCRT.removesuffix('.dll')}=n;mscoree,mshtml=",
            "QT_QPA_PLATFORM": "offscreen",
        }

    def create(self) -> None:
        """Make the prefix anew: Windows 10, nothing installed."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        plain = {**self._environment, "WINEDLLOVERRIDES": "mscoree,mshtml="}
        for command in (["wine", "wineboot", "--init"], ["wine", "winecfg", "-v", "win10"]):
            subprocess.run(command, env=plain, capture_output=True, timeout=180, check=False)
        self._add_shims()
        self.close()

    def warm_up(self) -> None:
        """Have wine's own services running, so that the first program neither waits for them nor feeds them.

        Whoever is first starts them, and they keep its pipe for as long as they live. The server stays
        between programs, ahead of whatever else this machine does.
        """
        for command in (["wineserver", "--persistent"], ["wine", "wineboot"]):
            subprocess.run(
                [*ahead(), *command],
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=180,
                check=False,
            )
        self._warm = True

    def run(
        self,
        *command: str | Path,
        timeout_s: float = 180,
        more: Mapping[str, str] | None = None,
        first: bool = False,
    ) -> Answer:
        """Run a program to its end; what it has started may live on and hold its pipe."""
        running = self.start(*command, more=more, first=first)
        output: list[bytes] = []
        reader = threading.Thread(target=_collect, args=(running.stdout, output), daemon=True)
        reader.start()
        try:
            running.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self.close()
            running.wait()
            return Answer(-1, f"not finished within {timeout_s:g} s: {b''.join(output)[-300:]!r}")
        reader.join(_LAST_WORDS_S)
        return Answer(running.returncode, b"".join(output).decode(errors="replace").replace("\r\n", "\n"))

    def start(
        self, *command: str | Path, more: Mapping[str, str] | None = None, first: bool = False
    ) -> subprocess.Popen[bytes]:
        """Start a program and let it go on; `first`: ahead of this machine's other work, for sound."""
        if not self._warm:
            self.warm_up()
        return subprocess.Popen(
            [*(ahead() if first else ()), "wine", *map(str, command)],
            env={**self._environment, **(more or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    def msiexec(self, *arguments: str | Path) -> int:
        """Install or uninstall; 0 is success, 67 what is left of 1603 ("fatal error")."""
        return self.run("msiexec", *arguments, timeout_s=300).code

    def registry(self, key: str) -> dict[str, dict[str, str]]:
        """The values of a key and of those below it; empty when it is not there."""
        answer = self.run("reg", "query", key, "/s")
        found: dict[str, dict[str, str]] = {}
        current: dict[str, str] = {}
        for line in answer.output.splitlines() if answer.code == 0 else []:
            value = re.match(r"    (\S.*?)    (REG_\w+)(?:    (.*))?$", line)
            if value:
                current[value[1]] = value[3] or ""
            elif line.startswith("HKEY_"):
                current = found.setdefault(line.strip(), {})
        return found

    def write_value(self, key: str, name: str, kind: str, value: str) -> None:
        """Write one value into the registry."""
        answer = self.run("reg", "add", key, "/v", name, "/t", kind, "/d", value, "/f")
        hold(answer.code == 0, f"reg add {key} {name}: {answer.output}")

    def close(self) -> None:
        """End everything that runs in this prefix."""
        self._warm = False
        for option in ("-k", "-w"):  # told to end, and waited for
            subprocess.run(
                ["wineserver", option], env=self._environment, capture_output=True, timeout=60, check=False
            )

    def provide_icu(self, qt_core: Path) -> None:
        """A stub of the icuuc.dll that Windows has since 2017: every converter fails to open."""
        names = _imports(qt_core, "icuuc.dll")
        lines = [
            f"__declspec(dllexport) long long {name}(void) {{ return 0; }}"
            for name in names
            if name != "ucnv_open"
        ]
        unsupported = "{ if (error) *error = 16; return 0; }"
        lines.append(f"__declspec(dllexport) void *ucnv_open(const char *name, int *error) {unsupported}")
        self._compile("icuuc.dll", "\n".join(lines))

    def _add_shims(self) -> None:
        self._compile("bcryptprimitives.dll", _RANDOM)
        own = Path(_wine_library(_UCRT))
        shutil.copy(own, self._system / "ucrtwine.dll")
        names = _exports(own)
        lacking = [name for name in _stubs(own) if _COMPLEX.fullmatch(name)]
        definition = [
            f"  {name} = own_{name}" if name in lacking else f"  {name} = ucrtwine.{name}"
            for name in names
            if not re.search(r"[?@]", name)
        ]
        text = "#include <complex.h>\n" + "\n".join(_complex_function(name) for name in lacking)
        self._compile(_UCRT, text, "\n".join(["LIBRARY ucrtbase", "EXPORTS", *definition]))

    @property
    def _system(self) -> Path:
        return self.drive / "windows" / "system32"

    def _compile(self, name: str, source: str, definition: str = "") -> None:
        work = self.folder / "shims"
        work.mkdir(exist_ok=True)
        code = work / f"{name}.c"
        code.write_text(source + "\n", encoding="ascii")
        command: list[str | Path] = [COMPILER, "-shared", "-O2", "-static-libgcc", "-fno-builtin", "-w"]
        if definition:
            (work / f"{name}.def").write_text(definition + "\n", encoding="ascii")
            command += ["-nostartfiles", work / f"{name}.def"]
        run([*command, code, "-o", self._system / name])


def _collect(pipe: IO[bytes] | None, output: list[bytes]) -> None:
    assert pipe is not None
    while chunk := os.read(pipe.fileno(), 65_536):
        output.append(chunk)


def _complex_function(name: str) -> str:
    part = "float" if name.endswith("f") else "double"
    plain = name.removesuffix("f")
    result = part if plain in ("creal", "cimag", "cabs", "carg") else f"{part} _Complex"
    if plain == "cpow":
        return f"{result} own_{name}({part} _Complex a, {part} _Complex b) {{ return {name}(a, b); }}"
    return f"{result} own_{name}({part} _Complex z) {{ return {name}(z); }}"


def _wine_library(name: str) -> str:
    for folder in sorted(Path("/usr/lib").glob("*/wine/x86_64-windows")):
        if (folder / name).exists():
            return str(folder / name)
    raise FileNotFoundError(f"wine's {name}")


def _exports(library: Path) -> list[str]:
    table = run([LIST, "-p", library]).partition("Name Pointer] Table")[2]
    return re.findall(r"^\t\[ *\d+\] (\S+)$", table, re.MULTILINE)


def _stubs(library: Path) -> list[str]:
    """What wine only pretends to have: it ends the process when such a function is called."""
    return re.findall(r" T __wine_stub_(\S+)", run(["x86_64-w64-mingw32-nm", library]))


def _imports(library: Path, name: str) -> list[str]:
    assert name.lower() in {needed.lower() for needed in pe_needs(library)}, f"{library.name} needs no {name}"
    text = run([LIST, "-p", library])
    section = re.split(r"DLL Name: ", text)
    mine = next(part for part in section if part.lower().startswith(name.lower()))
    return re.findall(r"^\t[0-9a-f]+\s.*?(\w+)$", mine, re.MULTILINE)
