"""The brand's icon in the sizes that desktops want: drawn by Qt from the SVG, packed as .ico for Windows."""

from __future__ import annotations

import os
import struct
import sys
from pathlib import Path

from installer.building.product import ROOT
from installer.building.tools import run

SVG = ROOT / "resources" / "icons" / "brand.svg"
SIZES = (16, 24, 32, 48, 64, 128, 256)
LARGE = 512

_DRAW = """
import sys
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer
application = QGuiApplication(sys.argv[:1])
svg, folder, *sizes = sys.argv[1:]
renderer = QSvgRenderer(svg)
for size in map(int, sizes):
    image = QImage(size, size, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    renderer.render(painter)
    painter.end()
    image.save(f"{folder}/{size}.png")
"""


def draw(folder: Path) -> dict[int, bytes]:
    """The icon as PNG by size in pixels."""
    folder.mkdir(parents=True, exist_ok=True)
    sizes = [str(size) for size in (*SIZES, LARGE)]
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    run([sys.executable, "-c", _DRAW, SVG, folder, *sizes], env=environment)
    return {int(size): (folder / f"{size}.png").read_bytes() for size in sizes}


def ico(pictures: dict[int, bytes]) -> bytes:
    """A Windows icon that holds the PNG pictures (Vista and later read them so)."""
    chosen = [(size, pictures[size]) for size in SIZES]
    offset = 6 + 16 * len(chosen)
    header, body = struct.pack("<HHH", 0, 1, len(chosen)), b""
    for size, picture in chosen:
        side = size % 256  # 256 is written as 0
        header += struct.pack("<BBBBHHII", side, side, 0, 0, 1, 32, len(picture), offset + len(body))
        body += picture
    return header + body
