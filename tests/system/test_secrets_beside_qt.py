"""What the key store needs and Qt load at the same time, and both replace the interpreter's own import."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

AT_THE_WORST_MOMENT = """
import sys, threading

inside, loaded = threading.Event(), threading.Event()

def stops_in_the_middle(frame, event, _argument):
    name = frame.f_code.co_filename.replace("\\\\", "/")
    if not name.endswith("importlib_metadata/__init__.py") or frame.f_code.co_name != "<module>":
        return None
    def at_a_line(frame, event, _argument):
        import builtins
        if type(builtins.__import__).__name__ == "method" and not inside.is_set():
            inside.set()
            loaded.wait(20)
        return at_a_line
    return at_a_line

threading.settrace(stops_in_the_middle)
from softphone.domain.key_store import KeyStoreUnusable
from softphone.system.secrets import KeyringSecrets
from softphone.ui.qt_loading import load_qt

secrets = KeyringSecrets("test")
secrets.read_ahead(["account/work"])
inside.wait(1)
{load_qt}
loaded.set()
try:
    secrets.read("account/work")
except KeyStoreUnusable as exc:
    print(exc.trouble.value)
import xml.dom.minidom
print("imports work")
"""


@pytest.mark.parametrize("how", ["import PySide6.QtCore", "load_qt()"])
def test_the_key_store_is_asked_whatever_qt_does_to_imports_meanwhile(tmp_path: Path, how: str) -> None:
    nowhere = {"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent", "HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", AT_THE_WORST_MOMENT.replace("{load_qt}", how)],
        env={**os.environ, **nowhere},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout.splitlines() == ["missing", "imports work"], done.stderr[-3_000:]
