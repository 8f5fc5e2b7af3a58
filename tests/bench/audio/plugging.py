"""How soon devices that come and go are noticed: `python -m tests.bench.audio.plugging`.

A headset's ports at a JACK server come and go, first while nothing is played (`--idle 30` times), then during
a call with it (`--calls 30` times), then an unrelated device's during the call (`--others 10`), then those of
headsets that were never there before (`--firsts 10`); at last the plug wobbles (`--wobbles 25` times, 0.4 s
each). In a call it counts what is heard: from the unplugging to the caller's tone from the other card, from
the plugging to the tone in the headset, and the silence between. Prints JSON in seconds; times are the
system's, taken where it happens. As root it keeps the neighbours out, as the other benchmarks do; with
`--ordinary` only the card keeps time, and the telephone competes with whatever else runs.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from softphone.domain.audio import AudioChoice
from tests.bench.audio.quiet_machine import keep_logs_out, keep_neighbours_out
from tests.engine.audio.session_phone import Phone
from tests.engine.audio.session_program import MICROPHONE_HZ, Report
from tests.peers.jack_card import RATE_HZ, JackCard, PluggedHeadset
from tests.peers.waiting import wait_for

_JACK = "JACK Audio Connection Kit: "
_SYSTEM, _HEADSET = _JACK + "system", _JACK + "Headset One"
_LOUD = 0.02
_WINDOW_S = 0.005
_WINDOW = round(RATE_HZ * _WINDOW_S)
_SPOKEN_S = 0.5
_JOINING_S = 0.2
"""Until then the end of a headset's recording may still be what it heard before it was pulled out."""
_LATEST_S = 10.0


_RAW = AudioChoice(
    microphone=_HEADSET, speaker=_HEADSET, ringer=_SYSTEM, echo_cancelling=False, noise_suppression=False,
    automatic_gain=False,
)  # fmt: skip
_WOBBLE_S = 0.2


class Scene:
    """Telephone, card and headset."""

    def __init__(self, stack: ExitStack, realtime: bool) -> None:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        self.card = card = JackCard(folder / "jack", realtime=realtime)
        stack.callback(card.stop)
        self.headset, self.other = card.plug_in("Headset One"), card.plug_in("Headset Two")
        self.other.pull_out()
        self.desk = card.tap("desk")
        for person in (self.headset, self.desk):
            person.say(MICROPHONE_HZ)
        self.phone = Phone(folder, card.environment, _RAW)
        stack.callback(self.phone.process.stop)
        self.serves(_HEADSET)

    def serves(self, device: str) -> float:
        """Wait until the telephone says so; return when it did."""
        return self.phone.wait(f"{device} serves", lambda r: r.state.speaker == device, _LATEST_S).at

    def idle(self, times: int) -> dict[str, Any]:
        gone, back = [], []
        for _ in range(times):
            unplugged = self.headset.pull_out()
            gone.append(self.serves(_SYSTEM) - unplugged)
            plugged = self.headset.put_in()
            back.append(self.serves(_HEADSET) - plugged)
        return {"unplugged_noticed_s": told(gone), "plugged_noticed_s": told(back)}

    def in_call(self, times: int) -> dict[str, Any]:
        fallback, back, silence, holes = [], [], [], []
        plugged = time.monotonic()
        for _ in range(times):
            self._heard_at(self.headset, plugged)
            unplugged = self.headset.pull_out()
            self._heard_at(self.desk, unplugged)
            fallback.append(began(self.desk, unplugged) - unplugged)
            holes.append(longest_silence(self.desk, began(self.desk, unplugged), _SPOKEN_S))
            plugged = self.headset.put_in()
            self._heard_at(self.headset, plugged)
            again = began(self.headset, plugged)
            back.append(again - plugged)
            silence.append(again - ended(self.desk, unplugged))
            holes.append(longest_silence(self.headset, again, _SPOKEN_S))
        return {
            "cycles_lived": len(fallback),
            "audio_on_the_fallback_s": told(fallback),
            "audio_back_in_the_headset_s": told(back),
            "silence_at_the_return_s": told(silence),
            "longest_hole_in_the_half_second_after_each_s": told(holes),
        }

    def others(self, times: int) -> dict[str, Any]:
        """Something that serves no role is plugged in and out: nobody should hear of it."""
        longest = []
        for _ in range(times):
            since = time.monotonic()
            self.other.put_in()
            self._lists("Headset Two", True)
            self.other.pull_out()
            self._lists("Headset Two", False)
            longest.append(longest_silence(self.headset, since))
        return {"longest_silence_s": told(longest)}

    def firsts(self, times: int) -> dict[str, Any]:
        """PortAudio has never listed the headset that is plugged in: it must stop everything and look."""
        first, silence = [], []
        for number in range(times):
            headset = self.card.plug_in(f"Novelty {number}")
            self._lists(headset.name, True)
            headset.pull_out()
            self._lists(headset.name, False)
            wanted = replace(
                _RAW, microphone=headset.name, speaker=headset.name, microphone_fallback=_HEADSET,
                speaker_fallback=_HEADSET,
            )  # fmt: skip
            self.phone.order("choose " + msgspec.json.encode(wanted).decode())
            self._heard_at(self.headset, time.monotonic())
            plugged = headset.put_in()
            self._heard_at(headset, plugged)
            first.append(began(headset, plugged) - plugged)
            silence.append(began(headset, plugged) - ended(self.headset, plugged))
            gone = headset.pull_out()
            self._heard_at(self.headset, gone)
        self.phone.order("choose " + msgspec.json.encode(_RAW).decode())
        return {"audio_in_it_s": told(first), "silence_s": told(silence)}

    def wobbles(self, times: int) -> dict[str, Any]:
        """Out and in again and again: afterwards it is the right device, and nothing is left behind."""
        before = self.phone.held()
        for _ in range(times):
            self.headset.pull_out()
            time.sleep(_WOBBLE_S)
            plugged = self.headset.put_in()
            time.sleep(_WOBBLE_S)
        self._heard_at(self.headset, plugged)
        after = self.phone.held()
        return {
            "times": times,
            "audio_in_the_headset_s": round(began(self.headset, plugged) - plugged, 3),
            "threads_more": after[0] - before[0],
            "files_more": after[1] - before[1],
        }

    def _lists(self, name: str, there: bool) -> None:
        def known(report: Report) -> bool:
            return any(device.name == name for device in report.state.devices) == there

        self.phone.wait(f"{name} there: {there}", known, _LATEST_S)

    def _heard_at(self, ear: PluggedHeadset, since: float) -> None:
        try:
            wait_for(lambda: sounds(ear, since), f"the caller at {ear.name}", timeout_s=_LATEST_S)
        except AssertionError as exc:
            loud = float((Heard.of(ear, time.monotonic() - _SPOKEN_S).peaks > _LOUD).mean())
            report = self.phone.last()
            state = report.state if report is not None else None
            raise AssertionError(f"{exc}; {loud:.0%} of the time loud; {state}") from exc


def told(values: Iterable[float]) -> dict[str, Any]:
    seen = sorted(values)
    if not seen:
        return {"count": 0}
    median, worst = statistics.median(seen), seen[-1]
    return {"count": len(seen), "median": round(median, 3), "worst": round(worst, 3)}


@dataclass(frozen=True, slots=True)
class Heard:
    """The loudest sample of each 5 ms, and when that passed the card."""

    times: npt.NDArray[np.float64]
    peaks: npt.NDArray[np.float64]

    @classmethod
    def of(cls, ear: PluggedHeadset, since: float, until: float = math.inf) -> Heard:
        starts, blocks = ear.heard_blocks(since)
        parts = blocks.reshape(len(blocks), -1, _WINDOW)
        times = (starts[:, None] + np.arange(parts.shape[1]) * _WINDOW_S).ravel()
        peaks = np.abs(parts).max(axis=2, initial=0.0).ravel()
        return cls(times[times < until], peaks[times < until])

    def first(self, wanted: npt.NDArray[np.bool_]) -> float:
        """When the first of the `wanted` windows began."""
        if not wanted.any():
            raise AssertionError("nothing of the kind was heard")
        return float(self.times[int(np.argmax(wanted))])


def sounds(ear: PluggedHeadset, since: float) -> bool:
    """Whether something has been heard without a pause for half a second, all of it well after `since`."""
    now = time.monotonic()
    if now - since <= _SPOKEN_S + _JOINING_S:
        return False
    heard = Heard.of(ear, now - _SPOKEN_S)
    return len(heard.times) * _WINDOW_S > _SPOKEN_S / 2 and bool((heard.peaks > _LOUD).all())


def began(ear: PluggedHeadset, since: float) -> float:
    """When the first sound after `since` was heard."""
    heard = Heard.of(ear, since)
    return heard.first(heard.peaks > _LOUD)


def ended(ear: PluggedHeadset, since: float) -> float:
    """When the sound that was heard after `since` ended."""
    heard = Heard.of(ear, since)
    loud = np.flatnonzero(heard.peaks > _LOUD)
    if not len(loud):
        raise AssertionError("nothing was heard")
    return float(heard.times[int(loud[-1])]) + _WINDOW_S


def longest_silence(ear: PluggedHeadset, since: float, for_s: float = math.inf) -> float:
    """The longest time without a sound from `since` on; what the card itself has lost counts."""
    heard = Heard.of(ear, since, since + for_s)
    loud = heard.times[heard.peaks > _LOUD]
    return float(np.diff(loud).max(initial=_WINDOW_S)) - _WINDOW_S


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--idle", type=int, default=30)
    parser.add_argument("--calls", type=int, default=30)
    parser.add_argument("--others", type=int, default=10)
    parser.add_argument("--firsts", type=int, default=10)
    parser.add_argument("--wobbles", type=int, default=25)
    parser.add_argument("--ordinary", action="store_true")
    options = parser.parse_args()
    keep_logs_out()
    if not options.ordinary:
        keep_neighbours_out()
    with ExitStack() as stack:
        scene = Scene(stack, realtime=os.geteuid() == 0)
        report: dict[str, Any] = {"load": [round(value, 1) for value in os.getloadavg()]}
        report["idle"] = scene.idle(options.idle)
        print(json.dumps(report), file=sys.stderr, flush=True)
        scene.phone.order("voice")
        report["in_a_call"] = scene.in_call(options.calls)
        report["another_device_in_a_call"] = scene.others(options.others)
        report["a_headset_never_seen_before"] = scene.firsts(options.firsts)
        report["a_plug_that_wobbles"] = scene.wobbles(options.wobbles) if options.wobbles else {}
        report["load_at_the_end"] = [round(value, 1) for value in os.getloadavg()]
    print(json.dumps(report, indent=2))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
