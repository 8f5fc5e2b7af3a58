"""What the demo's softphone hears and speaks with: the sound card, silence, or files that can be judged."""

from __future__ import annotations

from pathlib import Path

from softphone.domain.audio import AudioChoice

MICROPHONE = "microphone.wav"


def audio_choice(folder: Path | None) -> AudioChoice:
    """Files in `folder` if one is given, else the sound card, or the null device where there is none."""
    if folder is not None:
        return _files(folder)
    return AudioChoice() if _has_sound_card() else AudioChoice("null", "null", "null")


def _files(folder: Path) -> AudioChoice:
    from softphone.demo.pbx.sound import Clip, speech, write_wav
    from softphone.demo.verdict import AGENT_CLIP, SPEAKER

    said = Clip(speech(AGENT_CLIP), pause_s=0.5)
    write_wav(folder / MICROPHONE, said.samples)
    (folder / SPEAKER).unlink(missing_ok=True)
    device = f"file:{folder / MICROPHONE},{folder / SPEAKER}"
    # Between files there is no air, so no echo; looking for one would cost what both say at the same time.
    return AudioChoice(device, device, "null", echo_cancelling=False)


def _has_sound_card() -> bool:
    try:
        import sounddevice  # lazily: it loads PortAudio, which may be missing

        return any(device["max_output_channels"] for device in sounddevice.query_devices())
    except (ImportError, OSError, RuntimeError):  # no PortAudio, or it fails
        return False
