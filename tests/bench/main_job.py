"""How fast the main job is: `python -m tests.bench.main_job [--starts N] [--calls N]` prints JSON.

Start: exec → window painted, exec → registered, several cold processes. Ring: the INVITE leaves the telephone
system → the desk hears of it → ringing card painted → customer's card painted, with a CRM that takes 50 ms.
Load: processor time and memory of both processes, idle and in a call. The bare pjsua2 script of
`tests/bench/bare_phone.py` registers and rings in the same run, as the ratio's denominator. Medians, on a
shared machine. Our modules are compiled first, as they are in every installation and from a checkout's second
start on: where PYTHONDONTWRITEBYTECODE is set each start would otherwise compile them anew, for 0.3 s.
"""

from __future__ import annotations

import argparse
import compileall
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import softphone
from softphone.composition import Profile
from softphone.demo.crm_faults import Asked, Fault
from softphone.demo.pbx.news import CallState
from softphone.demo.world import DemoWorld, RemoteCall
from softphone.engine.edge.types import EdgeConfig
from tests.bench.processes import usage
from tests.e2e.headless import SILENT, profile_in
from tests.e2e.lives import Lives
from tests.peers.waiting import wait_for

MERIDIAN = (("X-Queue", "meridian-claims"),)
HARRIET = "+442079460018"
CRM_TAKES_S = 0.05
CALLS_APART_S = 1.2 / EdgeConfig().invites_per_s
"""At least so long from call to call: the border answers more of them in a second with 486 (busy)."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--starts", type=int, default=7)
    parser.add_argument("--calls", type=int, default=30)
    parser.add_argument("--seconds", type=float, default=10.0, help="length of each load measurement")
    given = parser.parse_args()
    compileall.compile_dir(Path(softphone.__file__).parent, quiet=1)
    with tempfile.TemporaryDirectory() as folder:
        found = {
            "start_ms": start_times(Path(folder), given.starts),
            **ring_and_load(Path(folder), given.calls, given.seconds),
        }
    print(json.dumps(found, indent=2))
    return 0


def start_times(folder: Path, count: int) -> dict[str, Any]:
    painted, registered, bare = [], [], []
    for number in range(count):
        with DemoWorld() as world, Lives(folder / f"start-{number}", profile_in(world)) as lives:
            began_ns = time.monotonic_ns()
            lives.spawn()
            world.journal.wait_for("registered", timeout_s=30)
            registered.append((time.monotonic_ns() - began_ns) / 1e6)
            lives.connect()
            painted.append((mark(lives, "window") - began_ns) / 1e6)
            lives.quit()
        with DemoWorld() as world:
            bare.append(bare_start(world))
    return {
        "window_painted": spread(painted),
        "registered": spread(registered),
        "bare_pjsua2_registered": spread(bare),
        "registered_ratio": round(statistics.median(registered) / statistics.median(bare), 2),
    }


def bare_start(world: DemoWorld) -> float:
    """exec → registered of a script that does nothing but register."""
    at = world.addresses
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.bare_phone", at.sip_host, str(at.sip_port)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdin is not None
    process.stdin.write(world.passwords["7001"].encode() + b"\n")
    process.stdin.flush()
    world.journal.wait_for("registered", timeout_s=30)
    took = (time.monotonic() - began) * 1000
    process.stdin.close()
    process.wait(10)
    return took


def ring_and_load(folder: Path, calls: int, seconds: float) -> dict[str, Any]:
    with DemoWorld() as world, Lives(folder / "rings", forgetful(profile_in(world, SILENT))) as lives:
        lives.start()
        lives.until(lambda s: s["agent"]["registered"], "registered")
        time.sleep(1.0)  # let the start settle: the load of a running desk is measured, not of a starting one
        idle = usage(lives.pids(), seconds)
        rings = [one_ring(world, lives) for _ in range(calls)]
        talking = world.ring(HARRIET, headers=MERIDIAN)
        lives.until(lambda s: s["calls"], "a call rings")
        lives.ask("answer")
        in_call = usage(lives.pids(), seconds)
        talking.hang_up()
        lives.until(lambda s: s["wrap_ups"], "after-call work")
        lives.ask("wrap-up", code="claim_status")
        lives.quit()
    return {
        "ring_ms": {name: spread([ring[name] for ring in rings]) for name in rings[0]},
        "crm_takes_ms": CRM_TAKES_S * 1000,
        "idle": idle.as_json(),
        "in_call": in_call.as_json(),
    }


def forgetful(profile: Profile) -> Profile:
    """The profile with no customer kept, so that each card waits for the CRM."""
    customers = replace(profile.settings.customers, keep_days=0)
    return replace(profile, settings=replace(profile.settings, customers=customers))


def one_ring(world: DemoWorld, lives: Lives) -> dict[str, float]:
    """Times from just before the INVITE is sent, for one call that is then given up."""
    world.crm.faults.add(Fault(Asked.FIND, delay_s=CRM_TAKES_S))
    began_ns = time.monotonic_ns()
    caller: RemoteCall = world.ring(HARRIET, headers=MERIDIAN)
    call = ringing_call(lives, caller)
    times = {name: (mark(lives, name, call) - began_ns) / 1e6 for name in ("ringing", "customer")}
    caller.hang_up()
    lives.until(lambda s: not s["calls"], "the call is over")
    wait_for(lambda: caller.state is CallState.ENDED, "the caller knows it")
    time.sleep(max(0.0, CALLS_APART_S - (time.monotonic_ns() - began_ns) / 1e9))
    return {"ringing_card_painted": times["ringing"], "customer_card_painted": times["customer"]}


def ringing_call(lives: Lives, caller: RemoteCall) -> str:
    """The desk's name for the call that has just been made; a caller who is refused fails at once."""

    def rings(status: dict[str, Any]) -> object:
        assert caller.state is not CallState.ENDED, "the phone has refused the call"
        return status["calls"]

    return str(lives.until(rings, "a call rings")["calls"][0]["id"])


def mark(lives: Lives, what: str, call: str = "") -> int:
    """When this was painted, `time.monotonic_ns` of this computer."""

    def found() -> int | None:
        for line in lives.desk_log().splitlines():
            entry = json.loads(line)
            if entry.get("event") == "painted" and (entry["what"], entry["call"]) == (what, call):
                return int(entry["monotonic_ns"])
        return None

    return wait_for(found, f"{what} painted", timeout_s=20)


def spread(values: Sequence[float]) -> dict[str, float]:
    ordered = sorted(values)
    return {
        "median": round(statistics.median(ordered), 1),
        "p95": round(ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))], 1),
        "best": round(ordered[0], 1),
        "count": len(ordered),
    }


if __name__ == "__main__":
    sys.exit(main())
