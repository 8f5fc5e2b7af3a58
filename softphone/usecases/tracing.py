"""Writing the trace of SIP messages into a file, for support."""

from __future__ import annotations

from pathlib import Path

from softphone.domain.errors import BadInput
from softphone.domain.events import TraceExported
from softphone.domain.sip_trace import TraceFormat
from softphone.usecases.bus import Bus
from softphone.usecases.ports import Telephone

_LONGEST = 1_000


class Tracing:
    """The last messages to and from the telephone systems; passwords, keys and pressed digits are masked."""

    def __init__(self, telephone: Telephone, bus: Bus) -> None:
        self._telephone = telephone
        self.written: TraceExported | None = None
        """The last file, and how it went; None while one is being written."""
        bus.subscribe(TraceExported, self._on_exported)

    def export(self, file: str, form: TraceFormat) -> None:
        """`TraceExported` follows. Raises `BadInput` for a path that is not absolute."""
        if len(file) > _LONGEST or not Path(file).is_absolute():
            raise BadInput("file", "the whole path of a file is expected")
        self.written = None
        self._telephone.export_trace(file, form)

    def _on_exported(self, event: TraceExported) -> None:
        self.written = event
