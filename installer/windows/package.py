"""The whole Windows build: interpreter, payload, launchers, signatures, MSI, policy templates, SBOM."""

from __future__ import annotations

import shutil
from pathlib import Path

from installer.building import binaries, icons, native, payload, product, sbom, wheels
from installer.building.compilers import interpreter_for
from installer.windows import admx, detection, embed, msi, programs, signing


def build(output: Path, work: Path, signer: signing.Signer | None, version: str = "") -> Path:
    """Write the MSI and what belongs to it into `output`; returns the MSI's path."""
    version = version or product.version()
    tree, target = work / "tree", wheels.windows(embed.PYTHON)
    shutil.rmtree(tree, ignore_errors=True)
    output.mkdir(parents=True, exist_ok=True)
    embed.unpack(embed.fetch(work / "cache"), tree / "python", ("..\\site",))
    fetched = payload.fill(tree / "site", target, work / "cache")
    icon = work / "launcher" / "softphone.ico"
    programs.build(tree, icon.parent, icons.ico(icons.draw(work / "icons")), version)
    payload.add_notices(tree, ".txt")
    payload.compile_bytecode(interpreter_for(embed.PYTHON), tree / "site", "site")
    binaries.check_windows(tree)
    bill = _bill(tree, target, fetched)
    sbom.write(tree / "sbom.cdx.json", bill)
    sbom.write(output / f"softphone-{version}-windows-x64.cdx.json", bill)
    signer = signer or signing.for_tests(work / "signing")
    signing.sign_unsigned(signer, tree)
    package = output / f"softphone-{version}-x64{'' if signer.trusted else '-testsigned'}.msi"
    msi.build(tree, icon, work / "msi", version, package)
    signer.sign(package)
    admx.write(output / "policy")
    detection.write(output / "intune", version)
    return package


def _bill(tree: Path, target: wheels.Target, fetched: list[Path]) -> sbom.Component:
    pins = wheels.pins(target)
    python = (embed.PYTHON_FULL, f"embeddable package, {embed.PACKAGE} sha256:{embed.SHA256}")
    return sbom.compose(
        target.name, pins, native.libraries(tree, pins, fetched), python, product.source_date()
    )
