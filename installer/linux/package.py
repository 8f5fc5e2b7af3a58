"""The whole Linux build: interpreter, payload, SBOM, the .deb and the tar.xz."""

from __future__ import annotations

import platform
import shutil
import sys
from pathlib import Path

from installer.building import binaries, native, payload, product, sbom, wheels
from installer.building.tools import need
from installer.linux import archive, deb, interpreter, libraries, without_openssl


def build(output: Path, work: Path, version: str = "", compression: int = 6) -> list[Path]:
    """Write the packages and what belongs to them into `output`; returns the packages' paths.

    `compression` is xz's level, 0 to 9: minutes and megabytes.
    """
    need("gcc", "readelf", "strip", "dpkg-deb")
    version, date = version or product.version(), product.source_date()
    tree, target = work / "tree", wheels.linux(interpreter.VERSION)
    shutil.rmtree(tree, ignore_errors=True)
    output.mkdir(parents=True, exist_ok=True)
    interpreter.lay_out(tree)
    modules = tree / "lib" / f"python{interpreter.VERSION}"
    fetched = payload.fill(modules / "site-packages", target, work / "cache")
    without_openssl.leave_out(modules / "site-packages")
    payload.compile_bytecode(sys.executable, modules, f"/{deb.PREFIX}/lib/{modules.name}")
    payload.settle(tree, date)
    pins = wheels.pins(target)
    python = (platform.python_version(), "the build machine's")
    bill = sbom.compose(target.name, pins, native.libraries(tree, pins, fetched), python, date)
    sbom.write(tree / "sbom.cdx.json", bill)
    sbom.write(output / f"softphone-{version}-linux-x64.cdx.json", bill)
    depends = libraries.depends(binaries.outside_elf(tree), binaries.glibc_needed(tree))
    packages = [
        output / f"softphone_{version}_amd64.deb",
        output / f"softphone-{version}-linux-x64.tar.xz",
    ]
    deb.build(tree, work, version, depends, packages[0], date, compression)
    archive.build(tree, work, version, packages[1], date, compression)
    return packages
