"""How good treated speech is: SI-SDR, STOI and DNSMOS; the last two need `installer/bootstrap.py bench`.

DNSMOS P.835 is read from the wheel of `speechmos` (Microsoft, MIT), which ships the models; its own code is
passed by, because it needs librosa for a measure that is not used here.
"""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from tests.engine.audio.voices import RATE, Sound

_MOS_WINDOW_S = 9.01
_SIGNAL = (-0.08397278, 1.22083953, 0.0052439)
_BACKGROUND = (-0.13166888, 1.60915514, -0.39604546)
_OVERALL = (-0.06766283, 1.11546468, 0.04602535)
"""From the model's output to the scale of listeners; published with it."""


@dataclass(frozen=True, slots=True)
class Dnsmos:
    """What listeners would say of the voice, of the noise, and of both, 1 to 5 (ITU-T P.835)."""

    signal: float
    background: float
    overall: float


def aligned(clean: Sound, treated: Sound, longest_ms: float = 120.0) -> tuple[Sound, Sound]:
    """Both without the delay of the treatment, which is found by cross-correlation, at equal length."""
    size = 1 << (len(clean) + len(treated)).bit_length()
    cross = np.fft.irfft(np.fft.rfft(treated, size) * np.conj(np.fft.rfft(clean, size)))
    delay = int(np.argmax(cross[: round(longest_ms * RATE / 1000)]))
    count = min(len(clean), len(treated) - delay)
    return clean[:count], treated[delay : delay + count]


def si_sdr_db(clean: Sound, treated: Sound) -> float:
    """Speech over everything that is not this speech, whatever the level (Le Roux et al., 2019)."""
    part = clean * (np.dot(treated, clean) / np.dot(clean, clean))
    rest = treated - part
    return float(10 * np.log10(np.dot(part, part) / (np.dot(rest, rest) + 1e-6)))


def stoi(clean: Sound, treated: Sound) -> float:
    """Intelligibility, 0 to 1 (Taal et al., 2011)."""
    import pystoi  # a dependency of the benchmarks only

    return float(pystoi.stoi(clean, treated, RATE))


def dnsmos(sound: Sound) -> Dnsmos:
    """The mean over windows of nine seconds, one second apart."""
    window = int(_MOS_WINDOW_S * RATE)
    audio = np.resize(sound, max(window, len(sound))) / 32768
    rows = [audio[at : at + window] for at in range(0, len(audio) - window + 1, RATE)]
    raw = np.mean(
        [_model().run(None, {"input_1": row[None].astype(np.float32)})[0][0] for row in rows], axis=0
    )
    signal, background, overall = (float(value) for value in raw)
    return Dnsmos(
        float(np.polyval(_SIGNAL, signal)),
        float(np.polyval(_BACKGROUND, background)),
        float(np.polyval(_OVERALL, overall)),
    )


@cache
def _model() -> Any:
    import onnxruntime  # a dependency of the benchmarks only

    found = importlib.util.find_spec("speechmos")
    if found is None or not found.submodule_search_locations:
        raise ModuleNotFoundError("speechmos: python3 installer/bootstrap.py bench")
    path = Path(found.submodule_search_locations[0]) / "dnsmos_models" / "sig_bak_ovr.onnx"
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
