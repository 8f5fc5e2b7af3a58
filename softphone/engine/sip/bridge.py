"""The links of `mixer.py` laid into PJSIP's conference bridge. Thread: the sip thread."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pjsua2 as pj
import structlog

from softphone.domain.ids import CallId
from softphone.engine.sip.guard import Faults
from softphone.engine.sip.leg import Leg
from softphone.engine.sip.mixer import DESK, Link, no_longer
from softphone.engine.sip.sound_port import FrameSource, SoundPort

_log = structlog.get_logger(__name__)


class Bridge:
    """Knows the sound card's port and what is connected."""

    def __init__(self, card: FrameSource, faults: Faults) -> None:
        self._port: SoundPort | None = SoundPort(card, faults)
        self._links: frozenset[Link] = frozenset()

    @property
    def fast(self) -> bool:
        """Whether audio frames cross by the fast path of `frames.py`."""
        return self._port is not None and self._port.fast

    def lay(self, wanted: frozenset[Link], streams: Mapping[CallId, tuple[Leg, int]]) -> None:
        """Connect `wanted` and cut the rest; `streams` are the calls that have a stream now."""
        ends: dict[str, Any] = {DESK: self._port}
        ends |= {call_id: leg.audio(index) for call_id, (leg, index) in streams.items()}
        for source, sink in no_longer(self._links, wanted, frozenset(ends)):
            _connect(ends[source], ends[sink], on=False)
        for source, sink in wanted:
            _connect(ends[source], ends[sink], on=True)
        self._links = wanted

    def close(self) -> None:
        """Give up the port; before the library stops."""
        self._port = None


def _connect(source: Any, sink: Any, *, on: bool) -> None:
    try:
        source.startTransmit(sink) if on else source.stopTransmit(sink)
    except pj.Error as exc:
        # a stream may have gone since its call last spoke of it; the next media change puts things right
        _log.info("bridge_link_failed", on=on, detail=exc.reason)
