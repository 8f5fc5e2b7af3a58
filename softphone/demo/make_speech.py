"""Makes the demo's speech clips with espeak-ng: `python -m softphone.demo.make_speech FOLDER`.

The clips in resources/speech were made once by this; espeak-ng is not needed to run the demo.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
import wave
from pathlib import Path

import numpy as np
import soxr

from softphone.demo.pbx.g711 import Samples
from softphone.demo.pbx.sound import RATE_HZ, write_wav

CLIPS = {
    "en-claim": ("en-gb", "Hello, there is water in my kitchen. Can you help me?"),
    "en-policy": ("en-gb", "Good morning. I would like to ask about my policy."),
    "en-welcome": ("en-gb", "This is the demo telephone system. Your line works well."),
    "de-order": ("de", "Guten Tag, ich möchte bitte zwei Garnituren Bettwäsche bestellen."),
    "de-complaint": ("de", "Guten Tag, in meinem Paket fehlt leider ein Artikel."),
    "it-roadside": ("it", "Buongiorno, sono fermo in autostrada e la macchina non parte."),
    "it-status": ("it", "Buongiorno, quando arriva il carro attrezzi?"),
    "el-claim": ("el", "Καλημέρα σας, τηλεφωνώ για τη ζημιά από την πλημμύρα."),
}
_LEVEL_DBFS = -20.0
_LONGEST_S = 3.7
_QUIET = 200


def main(arguments: list[str]) -> int:
    """Write every clip into the folder. Returns the exit code."""
    program = shutil.which("espeak-ng")
    if program is None or len(arguments) != 1:
        sys.stderr.write("needs espeak-ng and one folder\n")
        return 2
    for name, (voice, text) in CLIPS.items():
        write_wav(Path(arguments[0]) / f"{name}.wav", _spoken(program, voice, text))
    return 0


def _spoken(program: str, voice: str, text: str) -> Samples:
    command = [program, "-v", voice, "-s", "165", "--stdout", text]
    made = subprocess.run(command, check=True, capture_output=True).stdout  # noqa: S603 - fixed arguments
    with wave.open(io.BytesIO(made), "rb") as file:
        rate = file.getframerate()
        raw = np.frombuffer(file.readframes(file.getnframes()), np.int16)
    samples = soxr.resample(raw.astype(np.float64), rate, RATE_HZ)
    loud = np.flatnonzero(np.abs(samples) > _QUIET)
    samples = samples[loud[0] : loud[-1] + 1][: int(_LONGEST_S * RATE_HZ)]
    gain = 32_768 * 10 ** (_LEVEL_DBFS / 20) / np.sqrt(np.mean(samples**2))
    levelled: Samples = np.clip(samples * gain, -32_000, 32_000).astype(np.int16)
    return levelled


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
