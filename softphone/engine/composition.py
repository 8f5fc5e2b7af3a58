"""The engine's wiring: every part of this process is made and connected here. Thread: the sip thread."""

from __future__ import annotations

import faulthandler
import os
import sys
from pathlib import Path

import structlog

from softphone.domain.errors import Broken
from softphone.engine.audio import device_thread
from softphone.engine.audio.late import LateSound
from softphone.engine.audio.priority import raise_priority
from softphone.engine.edge_route import EdgeRoute
from softphone.engine.former_contacts import FormerContacts
from softphone.engine.instance import Instance
from softphone.engine.journal import open_journal
from softphone.engine.links import PipeServer
from softphone.engine.process import Engine

_log = structlog.get_logger(__name__)

SWITCH_INTERVAL_S = 0.001
"""How long a thread may keep the interpreter: 20 ms frames must not wait for the edge's parsing."""
CANNOT_START = 3


def run_engine(address: str, state_dir: Path, pjsip_log: str = "") -> int:
    """Serve at `address` until nobody needs us; return the exit code."""
    faulthandler.enable()  # a native crash leaves its stack in engine-output.log
    journal = open_journal(state_dir / "logs")
    try:
        code = _serve(address, state_dir, pjsip_log)
    finally:
        journal.close()
    if device_thread.hangs():
        os._exit(code)
    return code


def _serve(address: str, state_dir: Path, pjsip_log: str) -> int:
    raise_priority()
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    try:
        server = PipeServer(address)
    except Broken as exc:
        _log.error("engine_cannot_start", detail=exc.detail)
        return CANNOT_START
    ours = state_dir / "engine"
    route = EdgeRoute(FormerContacts(ours / "contacts.json"), Instance(ours / "instance"))
    return 0 if Engine(server, LateSound, route, pjsip_log).run() else CANNOT_START
