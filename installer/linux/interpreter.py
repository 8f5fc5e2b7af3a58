"""The interpreter of the Linux packages: the one that builds them, without what a softphone never imports."""

from __future__ import annotations

import re
import shutil
import sys
import sysconfig
from pathlib import Path

from installer.building.binaries import elf_files
from installer.building.tools import BuildError, need, run

HERE = Path(__file__).parent
VERSION = f"{sys.version_info[0]}.{sys.version_info[1]}"

_NOT_SHIPPED = re.compile(
    r"^(test|idlelib|tkinter|turtledemo|ensurepip|lib2to3|pydoc_data|distutils|curses|dbm|sqlite3|venv|msilib"
    r"|site-packages|dist-packages|config-[^/]+|unittest/test|[^/]+/test|[^/]+/tests)(/|$)"
    r"|^(turtle|pydoc|this|antigravity|cgi|cgitb)\.py$|(^|/)__pycache__(/|$)"
    r"|^lib-dynload/(_tkinter|_sqlite3|_curses\w*|readline|_?dbm|_gdbm|nis|ossaudiodev|_crypt|spwd|xxlimited\w*"
    r"|_test\w*|_xxtestfuzz|_ctypes_test)\."
)
"""Tests and tools; modules whose libraries would have to be installed for nothing. Without `sqlite3` records
cannot be written to a database in clear by mistake."""


def lay_out(prefix: Path) -> None:
    """Put library, standard modules and `bin/softphone` into `prefix`; site-packages are the payload's."""
    library = _shared_library()
    (prefix / "bin").mkdir(parents=True, exist_ok=True)
    (prefix / "lib").mkdir(exist_ok=True)
    shutil.copyfile(library, prefix / "lib" / library.name)
    modules = prefix / "lib" / f"python{VERSION}"
    _copy(Path(sysconfig.get_path("stdlib")), modules)
    for file in [prefix / "lib" / library.name, *elf_files(modules / "lib-dynload")]:
        file.chmod(0o755)
        run(["strip", "--strip-unneeded", file])
    _compile(prefix, library)


def _copy(source: Path, target: Path) -> None:
    for path in sorted(source.rglob("*")):
        name = path.relative_to(source).as_posix()
        if path.is_dir() or _NOT_SHIPPED.search(name):
            continue
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target / name)


def _shared_library() -> Path:
    name = sysconfig.get_config_var("INSTSONAME") or ""
    folders = [
        sysconfig.get_config_var("LIBDIR") or "",
        f"{sys.base_prefix}/lib",
        "/usr/lib/x86_64-linux-gnu",
    ]
    found = [Path(folder, name) for folder in folders if name.startswith("libpython")]
    library = next((path for path in found if path.exists()), None)
    if library is None:
        raise BuildError(
            f"{sys.executable} has no shared library, and the packages need one. On Debian or Ubuntu:\n"
            f"  sudo apt-get install libpython{VERSION}\n(pyenv: PYTHON_CONFIGURE_OPTS=--enable-shared)"
        )
    return library


def _compile(prefix: Path, library: Path) -> None:
    need("gcc")
    hardened = ["-fstack-protector-strong", "-D_FORTIFY_SOURCE=2", "-fPIE", "-pie", "-Wl,-z,relro,-z,now"]
    command = ["gcc", "-O2", "-Wall", "-Wextra", "-Werror", *hardened, f'-DPYTHON="{VERSION}"']
    command += [
        str(HERE / "launcher.c"),
        str(prefix / "lib" / library.name),
        "-Wl,-rpath,$ORIGIN/../lib",
        "-s",
    ]
    run([*command, "-o", prefix / "bin" / "softphone"])
