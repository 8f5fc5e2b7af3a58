"""Finding a sound device by the name under which it was chosen.

Systems number the places where devices are plugged in, and put the number into the name: ALSA's card
("Jabra: USB Audio (hw:1,0)"), Windows' second USB port ("Headset (2- Jabra)"). The same headset at another
port, or after a start in another order, has another number, and is still the one that was chosen.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from softphone.domain.audio import AudioDevice

_ALSA_CARD = re.compile(r" \(hw:\d+,(\d+)\)$")
_WINDOWS_PORT = re.compile(r"\(\d+- ")


def find_device(chosen: str, devices: Iterable[AudioDevice]) -> AudioDevice | None:
    """The device whose key or name is `chosen`, else the first that differs in its place alone."""
    known = tuple(devices)
    exactly = next((device for device in known if chosen in (device.key, device.name)), None)
    if exactly is not None:
        return exactly
    model = _without_place(chosen)
    return next((d for d in known if model in (_without_place(d.key), _without_place(d.name))), None)


def _without_place(name: str) -> str:
    return _WINDOWS_PORT.sub("(", _ALSA_CARD.sub(r" (\1)", name))
