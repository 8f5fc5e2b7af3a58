"""The sound card before it is loaded. Threads: as `AudioSession`; loading has one of its own.

numpy and what stands on it take 150 ms of processor time, which registering shall not wait for: they are
loaded half a second after the user agent began, or when somebody needs sound, whichever comes first.
"""

from __future__ import annotations

import ctypes
import importlib
import math
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from softphone.domain.audio import AudioChoice, AudioRole, AudioState, SoundTest, SoundTrial
from softphone.engine.audio.terms import BRIDGE_HZ, FRAME_SAMPLES, Tone

if TYPE_CHECKING:
    from softphone.engine.audio.session import AudioSession

LOAD_AFTER_S = 0.5
_MODULE = "softphone.engine.audio.session"
_PROCESSING = "softphone.engine.audio.processing"


class LateSound:
    """Has the controls of `AudioSession`; makes one when it is first needed or loaded, on the sip thread."""

    bridge_hz: int = BRIDGE_HZ
    frame_samples: int = FRAME_SAMPLES

    def __init__(
        self, on_state: Callable[[AudioState], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._on_state = on_state
        self._clock = clock
        self._load_at = math.inf
        self._choice: AudioChoice | None = None
        self._session: AudioSession | None = None
        self._loading: threading.Thread | None = None

    def poll(self) -> None:
        """Load in the background when it is time, then make the session."""
        if self._session is not None:
            self._session.poll()
        elif self._loading is None:
            if self._clock() >= self._load_at:
                self._load()
        elif not self._loading.is_alive():
            self._ready()

    @property
    def state(self) -> AudioState:
        return self._session.state if self._session is not None else AudioState()

    @property
    def sound_gaps(self) -> int:
        return self._session.sound_gaps if self._session is not None else 0

    def levels(self) -> tuple[float, float]:
        return self._ready().levels()

    def apply(self, choice: AudioChoice) -> None:
        """Remembered until there is a session: this alone is no reason to make one."""
        self._choice = choice
        self._load_at = min(self._load_at, self._clock() + LOAD_AFTER_S)
        if self._session is not None:
            self._session.apply(choice)

    def start_trial(self, test: SoundTest, ringtone: str = "") -> bool:
        return self._ready().start_trial(test, ringtone)

    def stop_trial(self) -> None:
        if self._session is not None:
            self._session.stop_trial()

    @property
    def trial(self) -> SoundTrial:
        return self._session.trial if self._session is not None else SoundTrial()

    def start_voice(self) -> None:
        self._ready().start_voice()

    def stop_voice(self) -> None:
        if self._session is not None:
            self._session.stop_voice()

    def start_ringing(self, wav_path: str = "") -> None:
        self._ready().start_ringing(wav_path)

    def stop_ringing(self) -> None:
        if self._session is not None:
            self._session.stop_ringing()

    def start_tone(self, kind: Tone) -> None:
        self._ready().start_tone(kind)

    def stop_tone(self) -> None:
        if self._session is not None:
            self._session.stop_tone()

    def set_volume(self, role: AudioRole, gain_db: float) -> None:
        self._ready().set_volume(role, gain_db)

    def refresh(self) -> None:
        self._ready().refresh()

    def close(self) -> None:
        """Let the sound go. What still loads is waited for: an interpreter that ends stops its threads in the
        midst of C++, which aborts the process (one end in 60 half a second after the start)."""
        if self._loading is not None:
            self._loading.join()
        if self._session is not None:
            self._session.close()

    def capture_into(self, address: int, nbytes: int) -> None:
        if self._session is not None:
            self._session.capture_into(address, nbytes)
        else:
            ctypes.memset(address, 0, nbytes)

    def playback_from(self, address: int, nbytes: int) -> None:
        if self._session is not None:
            self._session.playback_from(address, nbytes)

    def _load(self) -> None:
        self._loading = threading.Thread(target=_load, name="audio-load", daemon=True)
        self._loading.start()

    def _ready(self) -> AudioSession:
        """The session, waiting for what is not loaded yet."""
        if self._session is None:
            if self._loading is not None:
                self._loading.join()
            from softphone.engine.audio.session import AudioSession  # see above: late on purpose

            self._session = AudioSession(self._on_state)
            if self._choice is not None:
                self._session.apply(self._choice)
        return self._session


def _load() -> None:
    importlib.import_module(_MODULE)
    importlib.import_module(_PROCESSING).practise()
