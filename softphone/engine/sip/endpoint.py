"""PJSIP itself: how it is started, set up and stopped without an abort.

It listens on loopback only; no TLS, ICE, STUN, DNS resolver, presence or worker threads. Thread: the sip
thread, which is the one that calls `start`.
"""

from __future__ import annotations

import ctypes
import gc
import sys
from collections.abc import Callable, Sequence
from typing import Any

import pjsua2 as pj
import structlog

from softphone.domain.errors import Broken
from softphone.engine.sip.guard import Faults, OneThread, guarded

_log = structlog.get_logger(__name__)

CALL_LIMIT = 4
"""What this build of PJSIP can hold; it refuses a fifth call with 486 by itself."""
SAFE_CODECS = ("G722", "PCMA", "PCMU")
"""The rest of this build has known holes (Speex: CVE-2026-29068) or is of no use here."""
_HIGHEST_PRIORITY = 255
_PJ_LOG_DETAIL = 5
_SMALL_FILTERS = 4
"""PJSIP's resampling between 8 and 16 kHz by short filters: 3 ms less each way, and no difference in PESQ."""
_NEVER = -1
"""PJSIP's clock stops by itself a second after a call, also when the next one is there but not yet connected
to anything, and a leg without a clock sends nothing: a lead's that waits for its confirmation pressed no
digit."""
JITTER_BUFFER_MS = (40, 100, 120, 160)
"""jbInit, jbMinPre, jbMaxPre, jbMax: see `_size_jitter_buffer`."""
_DISCARD_NOTHING = 0
_DISCARD_ALGORITHMS = (0, 1, 2)
"""`pjmedia_jb_discard_algo`: none, static, progressive (PJSIP's default)."""


class Endpoint(pj.Endpoint):  # type: ignore[misc]  # pjsua2 has no types
    """The library with our settings. `choose_account` maps a request's text to a PJSIP account id or None."""

    def __init__(self, faults: Faults, choose_account: Callable[[str], int | None]) -> None:
        super().__init__()
        self.faults = faults
        self._choose_account = choose_account
        self._thread = OneThread("sip")
        self.local_port = 0

    def start(self, user_agent: str, bridge_hz: int, log_file: str = "") -> None:
        """Start the library and open its UDP port on loopback; raise `Broken` if that fails."""
        try:
            self.libCreate()
            self.libInit(_settings(user_agent, bridge_hz, log_file))
            self.local_port = self._open_transport()
            self.libStart()
            self.audDevManager().setNullDev()
        except pj.Error as exc:
            raise Broken("pjsip", exc.info()) from exc

    def prefer(self, codecs: Sequence[str]) -> None:
        """Offer `codecs` in this order and no others; only safe ones count."""
        self._thread.check()
        ours = [name for c in codecs if (name := c.upper()) in SAFE_CODECS] or list(SAFE_CODECS)
        for codec in self.codecEnum2():
            name = codec.codecId.split("/", 1)[0].upper()
            self.codecSetPriority(codec.codecId, _HIGHEST_PRIORITY - ours.index(name) if name in ours else 0)

    def poll(self, timeout_ms: int) -> None:
        """Let PJSIP work for at most `timeout_ms`; callbacks happen here."""
        self.libHandleEvents(timeout_ms)

    def stop_clock(self) -> None:
        """No more frames: afterwards the sound card's port may go.

        PJSIP's audio thread must not be inside a port that is being deleted (measured: a segmentation fault,
        or an engine that never ends, one time in some hundred).
        """
        self._thread.check()
        self.audDevManager().setNoDev()

    def stop(self) -> None:
        """Stop the library. Every pj object of ours must have been dropped before."""
        self._thread.check()
        gc.collect()
        self.faults.survivors.disown()
        for name in ("last_exc", "last_type", "last_value", "last_traceback"):
            if hasattr(sys, name):  # would keep frames, and with them pj objects, alive until exit
                delattr(sys, name)
        try:
            self.libDestroy(pj.PJSUA_DESTROY_NO_RX_MSG)
        except pj.Error as exc:
            _log.warning("pjsip_stop_failed", detail=exc.info())

    @guarded
    def onSelectAccount(self, prm: Any) -> None:  # noqa: N802 - PJSIP's name
        chosen = self._choose_account(prm.rdata.wholeMsg)
        if chosen is not None:
            prm.accountIndex = chosen

    def _open_transport(self) -> int:
        config = pj.TransportConfig()
        config.boundAddress = "127.0.0.1"
        transport = self.transportCreate(pj.PJSIP_TRANSPORT_UDP, config)
        name: str = self.transportGetInfo(transport).localName
        return int(name.rpartition(":")[2])


def _settings(user_agent: str, bridge_hz: int, log_file: str) -> Any:
    config = pj.EpConfig()
    ua = config.uaConfig
    ua.threadCnt = 0
    ua.mainThreadOnly = True
    ua.maxCalls = CALL_LIMIT
    ua.natTypeInSdp = 0
    ua.mwiUnsolicitedEnabled = True  # Asterisk tells of voice mail unasked, and again and again if unanswered
    ua.userAgent = user_agent
    media = config.medConfig
    media.clockRate = bridge_hz
    media.sndClockRate = bridge_hz
    media.channelCount = 1
    media.audioFramePtime = 20
    media.ptime = 20
    media.noVad = True
    media.ecTailLen = 0
    media.quality = _SMALL_FILTERS
    media.sndAutoCloseTime = _NEVER
    _size_jitter_buffer(media)
    log = config.logConfig
    log.level = _PJ_LOG_DETAIL if log_file else 0
    log.consoleLevel = 0
    log.msgLogging = 1 if log_file else 0
    log.filename = log_file
    return config


def _size_jitter_buffer(media: Any) -> None:
    """40 ms to begin with, at least 100 ms after it ran empty, never more than 160 ms.

    Measured by `tests.bench.audio.quality`, and in simulated time by `tests.bench.audio.jitter_buffer`. A
    line in order keeps its short delay. One that ran empty is known to be bad, and only a deep buffer lets
    lost packets be concealed: a buffer that a loss empties forgets that anything was lost, and pauses at the
    next (3 % loss with 30 ms of jitter: PESQ 2.8 with 20 ms after running empty, 3.5 with 80 ms). At 20 %
    loss three or four in a row are common: with 80 ms it runs empty again and again and each time moves what
    follows (STOI 0.81, one seed of five 0.60), with 100 ms hardly ever (0.90, 0.87). Discarding, which PJSIP
    does by itself, shortens the delay to the last burst, with the same effect (1.9 at 5 % loss instead of
    3.2); without it what a stall of the network has added stays for the rest of the call, so the most is
    what 100 ms of jitter need. The binding offers no value for the enumeration: the copy that it hands out is
    changed and handed back.
    """
    media.jbInit, media.jbMinPre, media.jbMaxPre, media.jbMax = JITTER_BUFFER_MS
    algorithm = media.jbDiscardAlgo
    algorithm.disown()  # the binding cannot free it and would say so on standard output
    value = ctypes.c_int.from_address(int(algorithm))
    if value.value in _DISCARD_ALGORITHMS:
        value.value = _DISCARD_NOTHING
        media.jbDiscardAlgo = algorithm
    else:
        _log.warning("jitter_buffer_unknown", value=value.value)
