"""Processor time and memory of processes, from /proc (Linux)."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Usage:
    """`cpu_percent` of one core over the interval, `memory_mb` resident at its end, per process in order."""

    cpu_percent: tuple[float, ...]
    memory_mb: tuple[float, ...]

    def as_json(self) -> dict[str, object]:
        return {
            "cpu_percent_desk_engine": [round(v, 2) for v in self.cpu_percent],
            "cpu_percent": round(sum(self.cpu_percent), 2),
            "memory_mb_desk_engine": [round(v, 1) for v in self.memory_mb],
            "memory_mb": round(sum(self.memory_mb), 1),
        }


def usage(pids: Iterable[int], seconds: float) -> Usage:
    """Watch these processes for `seconds`."""
    watched = tuple(pids)
    before = [cpu_seconds(pid) for pid in watched]
    began = time.monotonic()
    time.sleep(seconds)
    took = time.monotonic() - began
    after = [cpu_seconds(pid) for pid in watched]
    cpu = tuple((b - a) / took * 100 for a, b in zip(before, after, strict=True))
    return Usage(cpu, tuple(memory_mb(pid) for pid in watched))


def cpu_seconds(pid: int) -> float:
    """User and system time so far (proc(5): fields 14 and 15 of stat)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_mb(pid: int) -> float:
    """Proportional set size: resident memory with shared pages divided among those who share them."""
    return _kilobytes(pid)["Pss"] / 1024


def own_memory_mb(pid: int) -> float:
    """Memory that nobody else shares: unlike the proportional size it does not grow when a neighbour ends."""
    sizes = _kilobytes(pid)
    return (sizes["Private_Clean"] + sizes["Private_Dirty"]) / 1024


def _kilobytes(pid: int) -> dict[str, int]:
    """The sums over all mappings of a process (proc(5): smaps_rollup)."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    fields = (line.split() for line in lines)
    return {name.rstrip(":"): int(size) for name, size, *_ in fields}
