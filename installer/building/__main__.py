"""`python -m installer.building windows|linux|macos`: the builds, inside the project's environment."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from installer.building import checksums
from installer.building.product import ROOT, version
from installer.building.tools import BuildError

_MEGABYTE = 1_000_000


def main(arguments: list[str]) -> int:
    """Build what is asked for; 0, or 1 with the reason on standard error."""
    options = _parser().parse_args(arguments)
    began = time.monotonic()
    output, work = options.output.absolute(), options.work.absolute() / options.platform
    try:
        packages = _build(options, output / options.platform, work)
    except (BuildError, ValueError) as exc:
        sys.stderr.write(f"build: {exc}\n")
        return 1
    checksums.write(output / options.platform)
    for package in packages:
        print(f"{package} ({package.stat().st_size / _MEGABYTE:.1f} MB)")
    print(f"softphone {version()} for {options.platform} in {time.monotonic() - began:.0f} s")
    return 0


def _build(options: argparse.Namespace, output: Path, work: Path) -> list[Path]:
    if options.platform == "windows":
        from installer.windows import package as windows_package
        from installer.windows import signing

        signer = None
        if options.certificate:
            signer = signing.from_file(
                options.certificate, options.certificate_password_file, options.timestamp_url
            )
        elif options.pkcs11_module:
            signer = signing.from_token(
                options.pkcs11_module, options.pkcs11_certificate, options.timestamp_url
            )
        return [windows_package.build(output, work, signer, options.version)]
    if options.platform == "linux":
        from installer.linux import package as linux_package

        return linux_package.build(output, work, options.version, options.compression)
    from installer.macos import package as macos_package

    return macos_package.build(output, work, options.version)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="build.py", description=__doc__)
    parser.add_argument("platform", choices=["windows", "linux", "macos"])
    parser.add_argument("--output", type=Path, default=ROOT / "dist", metavar="DIR", help="default: dist")
    parser.add_argument("--work", type=Path, default=ROOT / "build", metavar="DIR", help="default: build")
    parser.add_argument("--version", default="", help="another version than the code's, to try an upgrade")
    parser.add_argument(
        "--compression", type=int, default=6, choices=range(10), help="linux: level of xz, 0 is quick"
    )
    signing = parser.add_argument_group("signing (windows); without it a test certificate is used")
    signing.add_argument("--certificate", type=Path, metavar="FILE", help="PKCS#12 file with the key")
    signing.add_argument("--certificate-password-file", type=Path, metavar="FILE")
    signing.add_argument("--pkcs11-module", type=Path, metavar="FILE", help="library of the token or HSM")
    signing.add_argument("--pkcs11-certificate", default="", metavar="URI")
    signing.add_argument("--timestamp-url", default="", metavar="URL", help="RFC 3161 service")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
