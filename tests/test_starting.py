"""What both processes load on the way to registering and to the first window, and what they must not.

A start is slow because of what it loads; times say so only on a quiet machine, names and numbers on any.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass

BEFORE_THE_ENGINE = "import softphone.cli.entry, softphone.cli.start, softphone.launch"
"""`cli.entry` and `cli.start` import the rest where they stand."""

ENGINE_THAT_REGISTERS = "import softphone.engine.__main__, softphone.engine.composition"

DESK_WITH_A_WINDOW = """
from softphone.composition import load_qt
load_qt()
import softphone.application
from softphone.crm.http_crm import HttpCrm
from softphone.store.records import SqlRecords
from softphone.system.number_plan import LibPhoneNumbers
"""

REPORT = """
import builtins, json, linecache, sys
print(json.dumps({
    "loaded": sorted(sys.modules),
    "own_import": builtins.__import__.__name__ == "__import__",
    "sources_read": [name for name in linecache.cache if "softphone" in name],
}))
"""

FOREIGN_TO_ENGINES = ("PySide6", "httpx", "keyring", "phonenumbers", "sqlcipher3", "uvicorn")
LATER_IN_ENGINES = ("numpy", "pywebrtc_audio", "sounddevice", "softphone.engine.audio.session")
NEVER_IN_ENGINES = (
    "softphone.cli",
    "softphone.crm",
    "softphone.demo",
    "softphone.phone",
    "softphone.store",
    "softphone.system",
    "softphone.ui",
    "softphone.usecases",
    "softphone.domain.campaign",
    "softphone.domain.crm_work",
    "softphone.domain.delivery",
    "softphone.domain.settings",
    "softphone.domain.wrap_up",
    "urllib.request",
)


@dataclass(frozen=True)
class Start:
    """What an interpreter has loaded that did nothing else."""

    loaded: frozenset[str]
    own_import: bool
    sources_read: tuple[str, ...]

    def below(self, *names: str) -> list[str]:
        """Loaded modules that are one of these, or belong to one."""
        return sorted(m for m in self.loaded if any(m == n or m.startswith(f"{n}.") for n in names))


def start(doing: str) -> Start:
    done = subprocess.run(
        [sys.executable, "-c", doing + REPORT],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    found = json.loads(done.stdout)
    return Start(frozenset(found["loaded"]), found["own_import"], tuple(found["sources_read"]))


def test_the_engine_is_started_before_anything_heavy_is_loaded() -> None:
    begun = start(BEFORE_THE_ENGINE)
    assert begun.below("structlog", "msgspec", "asyncio", "ssl", "PySide6", "softphone.usecases") == []
    assert begun.below("softphone.domain.events", "softphone.domain.call") == []
    assert len(begun.below("softphone")) <= 30


def test_an_engine_registers_without_what_is_the_desk_s_and_before_it_loads_sound() -> None:
    begun = start(ENGINE_THAT_REGISTERS)
    assert begun.below(*FOREIGN_TO_ENGINES, *LATER_IN_ENGINES, *NEVER_IN_ENGINES) == []
    assert len(begun.below("softphone")) <= 150


def test_a_desk_shows_its_window_without_the_engine_s_parts_and_what_is_opened_later() -> None:
    begun = start(DESK_WITH_A_WINDOW)
    assert begun.below("pjsua2", "numpy", "sounddevice", "websockets", "uvicorn", "starlette") == []
    assert begun.below("softphone.engine.sip", "softphone.engine.edge", "softphone.engine.audio") == []
    assert begun.below("softphone.demo", "softphone.ui.settings.dialog", "softphone.ui.autoplay") == []
    assert begun.below("softphone.ui.team.window") == []
    assert len(begun.below("softphone")) <= 330


def test_qt_leaves_imports_alone_and_reads_no_sources() -> None:
    begun = start(DESK_WITH_A_WINDOW)
    assert begun.own_import
    assert begun.sources_read == ()
