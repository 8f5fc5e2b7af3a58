"""Whether Qt can draw here; for `softphone --self-test`, in a process of its own because Qt aborts if not."""

from __future__ import annotations

from PySide6.QtCore import qVersion
from PySide6.QtGui import QFontDatabase, QGuiApplication, QImageReader


def platform_facts() -> dict[str, object]:
    """Qt's version, platform plugin, number of font families, and whether icons (SVG) can be read."""
    application = QGuiApplication([])
    facts: dict[str, object] = {
        "qt": qVersion(),
        "platform": application.platformName(),
        "screens": len(application.screens()),
        "font_families": len(QFontDatabase.families()),
        "svg": any(bytes(name.data()) == b"svg" for name in QImageReader.supportedImageFormats()),
    }
    del application
    return facts
