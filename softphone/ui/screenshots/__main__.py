"""`python -m softphone.ui.screenshots --output DIR`: every window and state as a picture.

Narrow and wide, light and dark, every language, 100 % and 200 %.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QEvent, QPoint, QSize
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QApplication, QWidget

from softphone.domain.facts import dataclass
from softphone.domain.settings import Theme, WindowSettings
from softphone.ui.main import Interface, make_application
from softphone.ui.screenshots.example_desk import ExampleDesk
from softphone.ui.screenshots.examples import AUDIO_CHOICE, SETTINGS
from softphone.ui.screenshots.scenes import PICTURES, Picture
from softphone.ui.theme.tokens import Size
from softphone.ui.words import LANGUAGES

NARROW = QSize(Size.PHONE_WIDTH, Size.WINDOW_HEIGHT)
WIDE = QSize(1_180, 820)
LOW = QSize(Size.PHONE_WIDTH, 690)


@dataclass(frozen=True, slots=True)
class Setting:
    """How a picture is taken. `text` is the size of the text, `pixels` that of the screen's scale."""

    name: str
    size: QSize
    theme: Theme = Theme.LIGHT
    language: str = "en"
    text: float = 1.0
    pixels: float = 1.0


EVERYWHERE = (Setting("narrow", NARROW), Setting("narrow-dark", NARROW, Theme.DARK))
SOME = (
    Setting("wide", WIDE),
    Setting("wide-dark", WIDE, Theme.DARK),
    Setting("low", LOW),
    *(Setting(f"narrow-{code}", NARROW, language=code) for code in LANGUAGES if code != "en"),
    Setting("wide-he", WIDE, language="he"),
    Setting("large-text", QSize(760, 1_400), text=2.0),
    Setting("200-percent", NARROW, pixels=2.0),
)
IN_ALL_SETTINGS = frozenset(
    {
        "customer-search",
        "find-results",
        "find-card",
        "settings-crm",
        "ready",
        "ringing",
        "talking",
        "recording-paused",
        "script",
        "after-call",
        "form",
        "outcome-tree",
        "change-refused",
        "changing",
        "refused-ask-a-lead",
        "closing-asked",
        "passed-on",
        "no-registration",
        "settings-sound",
        "team-help",
        "team-whisper",
        "supervised-whisper",
        "supervised-asks",
        "help-reasons",
    }
)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="softphone.ui.screenshots", description=__doc__)
    parser.add_argument("--output", type=Path, required=True, help="folder for the pictures")
    parser.add_argument("--only", default="", help="only pictures whose name contains this")
    options = parser.parse_args(arguments)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    options.output.mkdir(parents=True, exist_ok=True)
    application = make_application(["softphone"])
    count = 0
    for picture, setting in _wanted(str(options.only)):
        take(application, picture, setting, options.output)
        count += 1
    sys.stdout.write(f"{count} pictures in {options.output}\n")
    return 0 if count else 1


def take(application: QApplication, picture: Picture, setting: Setting, folder: Path) -> Path:
    """Play the scene in a window of its own and picture it."""
    window_settings = WindowSettings(setting.theme, setting.language)
    settings = replace(SETTINGS, window=window_settings, audio=AUDIO_CHOICE)
    world = ExampleDesk(settings if picture.signed_in else replace(settings, accounts=()))
    interface = Interface(application, world.desk, lambda action: action(), lambda: None, setting.text)
    window = interface.window
    window.resize(setting.size)
    window.show()
    shown = picture.play(world, interface) or window
    interface.rendering.tick()
    for _ in range(4):
        application.processEvents()
    path = folder / f"{picture.name}-{setting.name}.png"
    _photograph(shown, setting.pixels).save(str(path))
    interface.close()
    interface.deleteLater()
    application.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    return path


def _wanted(only: str) -> Iterator[tuple[Picture, Setting]]:
    for picture in PICTURES:
        settings = EVERYWHERE + (SOME if picture.name in IN_ALL_SETTINGS else ())
        for setting in settings:
            if only in f"{picture.name}-{setting.name}":
                yield picture, setting


def _photograph(widget: QWidget, pixels: float) -> QPixmap:
    pixmap = QPixmap(widget.size() * pixels)
    pixmap.setDevicePixelRatio(pixels)
    widget.render(pixmap, QPoint(0, 0))
    return pixmap


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
