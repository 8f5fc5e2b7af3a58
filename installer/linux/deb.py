"""Makes the .deb: the tree in /opt, what belongs to the desktop in /usr/share, answers of debconf in /etc."""

from __future__ import annotations

import gzip
import hashlib
import shutil
from datetime import UTC, datetime
from pathlib import Path

from installer.building import icons, payload, product
from installer.building.tools import need, run

HERE = Path(__file__).parent / "debian"
PREFIX = "opt/softphone"
SCRIPTS = ("config", "postinst", "postrm")
AUTOSTART = "usr/share/softphone/autostart.desktop"
"""What postinst copies to /etc/xdg/autostart: no conffile, so that no upgrade ever asks about it."""

RECOMMENDED = (
    "gnome-keyring | kwalletmanager | libpam-kwallet5",
    "pipewire-alsa | pulseaudio",
    "fonts-dejavu-core | fonts-noto-core",
    "desktop-file-utils",
    "xdg-utils",
)
_KILOBYTE = 1024


def build(
    tree: Path, work: Path, version: str, depends: list[str], target: Path, date: int, compression: int
) -> None:
    """Pack `tree`, laid out for /opt/softphone, into the package `target`."""
    need("dpkg-deb")
    root = work / "deb"
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(tree, root / PREFIX, symlinks=True)
    add_desktop(root / "usr" / "share", work, version, date)
    _add_documents(root / "usr" / "share", version, date)
    (root / "usr" / "bin").mkdir(parents=True)
    (root / "usr" / "bin" / "softphone").symlink_to(f"/{PREFIX}/bin/softphone")
    _copy("autostart.desktop", root / AUTOSTART)
    _add_control(root, version, depends)
    payload.settle(root, date)
    for script in SCRIPTS:
        (root / "DEBIAN" / script).chmod(0o755)
    run(
        [
            "dpkg-deb",
            "--root-owner-group",
            "-Zxz",
            f"-z{compression}",
            "--threads-max=2",
            "--build",
            root,
            target,
        ],
        env={"SOURCE_DATE_EPOCH": str(date)},
    )


def add_desktop(share: Path, work: Path, version: str, date: int) -> None:
    """Menu entry, links, icons and the description for software centres."""
    _copy("softphone.desktop", share / "applications" / "softphone.desktop")
    text = _filled("metainfo.xml", version, date)
    _write(share / "metainfo" / f"{product.IDENTIFIER}.metainfo.xml", text)
    for size, picture in icons.draw(work / "icons").items():
        place = share / "icons" / "hicolor" / f"{size}x{size}" / "apps" / "softphone.png"
        place.parent.mkdir(parents=True)
        place.write_bytes(picture)
    scalable = share / "icons" / "hicolor" / "scalable" / "apps" / "softphone.svg"
    scalable.parent.mkdir(parents=True)
    shutil.copyfile(icons.SVG, scalable)


def _add_documents(share: Path, version: str, date: int) -> None:
    documents = share / "doc" / product.PACKAGE
    _copy("copyright", documents / "copyright")
    _pack(documents / "changelog.gz", _changelog(version, date))
    _pack(share / "man" / "man1" / "softphone.1.gz", _filled("softphone.1", version, date))
    notices = (product.ROOT / "THIRD-PARTY-NOTICES").read_text(encoding="utf-8")
    _pack(documents / "THIRD-PARTY-NOTICES.gz", notices)
    _copy("lintian-overrides", share / "lintian" / "overrides" / product.PACKAGE)


def _add_control(root: Path, version: str, depends: list[str]) -> None:
    control = root / "DEBIAN"
    control.mkdir()
    size = payload.size_of(root) // _KILOBYTE
    lines = [
        f"Package: {product.PACKAGE}",
        f"Version: {version}",
        "Architecture: amd64",
        f"Maintainer: {product.MAINTAINER}",
        f"Installed-Size: {size}",
        f"Depends: {', '.join(['debconf (>= 0.5) | debconf-2.0', *depends])}",
        f"Recommends: {', '.join(RECOMMENDED)}",
        "Section: comm",
        "Priority: optional",
        f"Homepage: {product.HOMEPAGE}",
        "Description: phone for call centre agents who work from home",
        " It registers with the company's telephone system over SIP, shows which company",
        " is being called and who is calling while it still rings, and records the",
        " outcome of every call so that it is never lost and never delivered twice.",
    ]
    _write(control / "control", "\n".join(lines) + "\n")
    for name in (*SCRIPTS, "templates"):
        shutil.copyfile(HERE / name, control / name)
    sums = [
        f"{hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()}  {path.relative_to(root)}\n"
        for path in sorted(root.rglob("*"))
        if path.is_file() and not path.is_symlink() and control not in path.parents
    ]
    _write(control / "md5sums", "".join(sums))


def _filled(name: str, version: str, date: int) -> str:
    day = datetime.fromtimestamp(date, UTC).strftime("%Y-%m-%d")
    return (HERE / name).read_text(encoding="utf-8").replace("@VERSION@", version).replace("@DATE@", day)


def _changelog(version: str, date: int) -> str:
    stamp = datetime.fromtimestamp(date, UTC).strftime("%a, %d %b %Y %H:%M:%S +0000")
    head = f"{product.PACKAGE} ({version}) unstable; urgency=medium"
    return f"{head}\n\n  * See README.md of the project.\n\n -- {product.MAINTAINER}  {stamp}\n"


def _pack(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(text.encode(), 9, mtime=0))


def _copy(name: str, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(HERE / name, path)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
