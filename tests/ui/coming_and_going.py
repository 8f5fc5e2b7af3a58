"""Windows come and go while the collector strikes at odd moments: `python -m tests.ui.coming_and_going`.

A widget destroyed twice or touched afterwards ends the process with a segmentation fault, more surely with
`MALLOC_PERTURB_=170 PYTHONMALLOC=malloc` (glibc), which spoils what is freed.
"""

from __future__ import annotations

import argparse
import gc
import random
import sys
from dataclasses import replace

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

from softphone.domain.settings import Theme, WindowSettings
from softphone.ui.main import Interface, make_application
from softphone.ui.screenshots.example_desk import ExampleDesk
from softphone.ui.screenshots.examples import AUDIO_CHOICE, SETTINGS
from softphone.ui.screenshots.scenes import PICTURES, Picture

LANGUAGES = ("en", "de", "he")
THRESHOLDS = (700, 700, 50)
"""Python's own; in the middle of building each part of a window."""


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="tests.ui.coming_and_going", description=__doc__)
    parser.add_argument("--count", type=int, default=200, help="how many windows")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    application = make_application(["softphone"])
    chance = random.Random(options.seed)
    left: list[Interface] = []
    for number in range(options.count):
        gc.set_threshold(chance.choice(THRESHOLDS))
        picture = PICTURES[number % len(PICTURES)]
        left += one(application, picture, chance.choice(LANGUAGES), tidy=chance.random() < 0.8)
        if chance.random() < 0.8:
            gc.collect()
        if chance.random() < 0.3:
            left.clear()
    sys.stdout.write(f"{options.count} windows have come and gone\n")
    return 0


def one(application: QApplication, picture: Picture, language: str, *, tidy: bool) -> list[Interface]:
    """A whole interface shows the scene, and is destroyed as by Qt's loop. An untidy one stays, closed: the
    collector finds it, or it is there when the process ends."""
    settings = replace(SETTINGS, window=WindowSettings(Theme.LIGHT, language), audio=AUDIO_CHOICE)
    world = ExampleDesk(settings if picture.signed_in else replace(settings, accounts=()))
    interface = Interface(application, world.desk, lambda action: action(), lambda: None, 1.0)
    interface.window.show()
    picture.play(world, interface)
    interface.rendering.tick()
    application.processEvents()
    interface.close()
    if not tidy:
        return [interface]
    interface.deleteLater()
    application.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    return []


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
