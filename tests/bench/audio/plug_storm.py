"""Headsets, calls, ringing, tones and choices change at random: `python -m tests.bench.audio.plug_storm`.

After each 20 changes at a JACK server, some without a pause (`--seed`, `--seconds`), everything is plugged in
and a call begins: both directions must be on the preferred headset alone, and the session must hold no thread
and no file more than after the first round. Prints JSON; ends with 1 at the first failure.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import msgspec

from softphone.domain.audio import AudioChoice
from tests import tones
from tests.engine.audio.session_phone import Phone
from tests.engine.audio.session_program import MICROPHONE_HZ, SPEAKER_HZ
from tests.peers.jack_card import JackCard
from tests.peers.waiting import wait_for

_JACK = "JACK Audio Connection Kit: "
_SYSTEM, _ONE, _TWO = _JACK + "system", _JACK + "Headset One", _JACK + "Headset Two"
_RAW = AudioChoice(
    microphone=_ONE, speaker=_ONE, ringer=_SYSTEM, echo_cancelling=False, noise_suppression=False,
    automatic_gain=False,
)  # fmt: skip
_CHOICES = (
    _RAW,
    replace(_RAW, ringer=_ONE, also_ring_on=(_SYSTEM, _TWO)),
    replace(_RAW, speaker=_TWO),
    replace(_RAW, microphone_fallback=_TWO, speaker_fallback=_TWO),
    replace(_RAW, ringer=""),
)
_PLUGS = ("out", "in", "again")
_ORDERS = ("voice", "voice", "end-voice", "ring", "end-ring", "tone busy", "end-tone", "choose")
_PAUSES_S = (0.0, 0.0, 0.02, 0.1, 0.3)
_CHANGES = 20
_RECORDED_S = 0.7
"""After this the ear's last half second is from after the change."""
_LATEST_S = 8.0


class Storm:
    """Telephone, card, two headsets and somebody at the card."""

    def __init__(self, stack: ExitStack, seed: int) -> None:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="storm-")))
        card = JackCard(folder / "jack", realtime=True)
        stack.callback(card.stop)
        self._random = random.Random(seed)
        self._headsets = [card.plug_in("Headset One"), card.plug_in("Headset Two")]
        self._plugged = [True, True]
        self._desk = card.tap("desk")
        for person in (*self._headsets, self._desk):
            person.say(MICROPHONE_HZ)
        self.phone = Phone(folder, card.environment, _RAW)
        stack.callback(self.phone.process.stop)
        self.phone.wait("the headset is known", lambda report: report.state.speaker == _ONE)

    def round(self) -> tuple[int, int]:
        """Change this and that; return what the session holds after a call that came right."""
        for _ in range(_CHANGES):
            if self._random.random() < len(_PLUGS) / (len(_PLUGS) + len(_ORDERS)):
                self._plug(self._random.randrange(2), self._random.choice(_PLUGS))
            else:
                self._order(self._random.choice(_ORDERS))
            time.sleep(self._random.choice(_PAUSES_S))
        for place in range(2):
            self._plug(place, "in")
        for order in ("end-ring", "end-tone", "choose " + _json(_RAW), "voice"):
            self.phone.order(order)
        began = time.monotonic()
        wait_for(lambda: self._is_right(began), "both directions on the right device", timeout_s=_LATEST_S)
        self.phone.order("end-voice")
        time.sleep(_RECORDED_S)
        return self.phone.held()

    def _plug(self, place: int, change: str) -> None:
        headset = self._headsets[place]
        if change == "in" and not self._plugged[place]:
            headset.put_in()
        elif change == "out" and self._plugged[place]:
            headset.pull_out()
        elif change == "again" and self._plugged[place]:
            headset.put_in_again()
        if change != "again":
            self._plugged[place] = change == "in"

    def _order(self, order: str) -> None:
        choice = self._random.choice(_CHOICES)
        self.phone.order(f"{order} {_json(choice)}" if order == "choose" else order)

    def _is_right(self, since: float) -> bool:
        report = self.phone.last()
        return (
            time.monotonic() - since > _RECORDED_S
            and report is not None
            and report.state.microphone == report.state.speaker == _ONE
            and report.microphone_dbfs > tones.HEARD_DBFS
            and self._headsets[0].heard_dbfs(SPEAKER_HZ) > tones.HEARD_DBFS
            and self._desk.heard_dbfs(SPEAKER_HZ) < tones.UNHEARD_DBFS
        )


def _json(choice: AudioChoice) -> str:
    return msgspec.json.encode(choice).decode()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=60)
    options = parser.parse_args()
    held = list[tuple[int, int]]()
    with ExitStack() as stack:
        storm = Storm(stack, options.seed)
        end = time.monotonic() + options.seconds
        while time.monotonic() < end:
            held.append(storm.round())
        code = storm.phone.end()
    grown = max(after > before for after, before in zip(held[-1], held[0], strict=True))
    report = {"rounds": len(held), "threads_and_files": [held[0], held[-1]], "ended_with": code}
    print(json.dumps(report, indent=2))
    return int(grown or code != 0)


if __name__ == "__main__":
    raise SystemExit(main())
