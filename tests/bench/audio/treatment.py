"""What the processing of the voice takes away, what it leaves and what it costs. Prints JSON.

`python -m tests.bench.audio.treatment [--seeds 5]` after `python3 installer/bootstrap.py bench`; fetches
people reading aloud from Debian. Echo: how much softer the caller's becomes (ERLE) in the first two seconds
and settled, by the delay of the card, and how well the agent is understood (STOI) while both talk. Noise,
mixed in at 5 dB: how far it sinks in pauses; SI-SDR, STOI and DNSMOS P.835 of the words.
Cost: processor time per 10 ms of sound. Each figure over all seeds.
"""

from __future__ import annotations

import argparse
import json
import os
from typing import Any

from softphone.engine.audio.processing import Treatment
from tests.bench.audio import echoes, human_speech, noises
from tests.bench.audio.quiet_machine import keep_logs_out
from tests.bench.audio.treating import (
    ALL,
    ALL_STRONG,
    ECHO,
    ECHO_AND_NOISE,
    NOISE,
    OFF,
    STRONG,
    told,
    treated,
)

STATES: dict[str, Treatment] = {"untreated": OFF, "standard": NOISE, "strong": STRONG}
KINDS = {**noises.SYNTHESISED, "colleagues": human_speech.colleagues}


def costs(seeds: range) -> dict[str, object]:
    """Processor time in µs for each 10 ms while both talk."""
    states = {"noise": NOISE, "strong": STRONG, "echo": ECHO, "echo_and_noise": ECHO_AND_NOISE, "all": ALL}
    states["all_strong"] = ALL_STRONG
    found: dict[str, list[float]] = {name: [] for name in states}
    for seed in seeds:
        near, far = human_speech.agent(10, seed), human_speech.caller(10, seed)
        for name, treatment in states.items():
            found[name].append(treated(treatment, near, far)[1])
    return {name: told(values, 0) for name, values in found.items()}


def report(seeds: range) -> dict[str, Any]:
    agent, caller = human_speech.agent, human_speech.caller
    return {
        "load": [round(value, 1) for value in os.getloadavg()],
        "seeds": len(seeds),
        "echo_by_treatment_and_delay_ms": echoes.cancelled(caller, seeds),
        "double_talk_stoi": echoes.double_talk(agent, caller, seeds),
        "noise": noises.compared(agent, KINDS, STATES, seeds),
        "cpu_us_per_10_ms": costs(seeds),
    }


def main() -> int:
    keep_logs_out()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    seeds = range(1, parser.parse_args().seeds + 1)
    print(json.dumps(report(seeds), indent=2))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
