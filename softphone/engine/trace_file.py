"""The SIP trace as a file, written on a thread of its own: masking thousands of messages takes time."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

from softphone.domain.events import TraceExported
from softphone.domain.sip_trace import TraceFormat
from softphone.engine.edge.trace import Trace, TraceEntry
from softphone.engine.edge.trace_export import as_pcap, as_text, steps


def write_later(trace: Trace, path: str, form: TraceFormat, tell: Callable[[TraceExported], None]) -> None:
    """Write what `trace` holds now into `path`; `tell` is called on the writing thread."""

    def write() -> None:
        entries = trace.entries()
        try:
            _write(Path(path), content(entries, form))
        except OSError as exc:
            tell(TraceExported(path, 0, exc.strerror or type(exc).__name__))
        else:
            tell(TraceExported(path, len(entries)))

    threading.Thread(target=write, name="trace", daemon=True).start()


def content(entries: Sequence[TraceEntry], form: TraceFormat) -> bytes:
    """The file's bytes."""
    if form is TraceFormat.PCAP:
        return as_pcap(entries)
    if form is TraceFormat.LADDER:
        ladder = {"version": 1, "steps": [asdict(step) for step in steps(entries)]}
        return json.dumps(ladder, indent=1, ensure_ascii=False).encode()
    return as_text(entries).encode()


def _write(path: Path, data: bytes) -> None:
    """Readable for this user only: numbers of customers are in it."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
