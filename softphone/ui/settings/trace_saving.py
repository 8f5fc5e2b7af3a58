"""Asking where the SIP trace shall go; the format follows from the file's name."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from softphone.domain.sip_trace import TraceFormat
from softphone.ui.parts.kit import Kit
from softphone.usecases.tracing import Tracing

_SUFFIXES = {".pcap": TraceFormat.PCAP, ".json": TraceFormat.LADDER}


def export_trace(parent: QWidget, kit: Kit, tracing: Tracing) -> None:
    """Ask, and write; nothing happens when nobody chooses a file. Raises what `Tracing.export` raises."""
    name = f"softphone-{datetime.now().astimezone():%Y%m%d-%H%M}.txt"
    kinds = {
        kit.t("Text"): "*.txt",
        kit.t("For Wireshark"): "*.pcap",
        kit.t("For drawing"): "*.json",
    }
    filters = ";;".join(f"{words} ({pattern})" for words, pattern in kinds.items())
    file, _ = QFileDialog.getSaveFileName(
        parent, kit.t("Save a trace for support"), str(Path.home() / name), filters
    )
    if file:
        tracing.export(str(Path(file).absolute()), format_of(file))


def format_of(file: str) -> TraceFormat:
    """What a file of that name holds."""
    return _SUFFIXES.get(Path(file).suffix.lower(), TraceFormat.TEXT)
