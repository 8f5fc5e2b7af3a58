"""How soon the customer's card is there: `python -m tests.bench.pop [--calls N]` prints JSON.

A CRM with 100,000 customers that takes 0, 50 or 500 ms more per question, and callers whose card is kept from
the call before: INVITE leaves the telephone system → ringing card painted → customer's card painted. The same
question through a bare pooled `httpx.Client` in the same run is the denominator. Medians.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import httpx

from softphone.demo.crm_faults import Asked, Fault
from softphone.demo.crm_records import CrmRecords
from softphone.demo.customers import CUSTOMERS, DemoCustomer
from softphone.demo.pbx.news import CallState
from softphone.demo.world import DemoWorld
from tests.bench.main_job import CALLS_APART_S, MERIDIAN, mark, ringing_call, spread
from tests.e2e.headless import SILENT, profile_in
from tests.e2e.lives import Lives
from tests.peers.waiting import wait_for

CUSTOMERS_HELD = 100_000
DELAYS_S = (0.0, 0.05, 0.5)
SPACING = 37
"""Callers are spread over the customers, so that none of them calls twice unless the measurement wants it."""


class ManyCustomers(CrmRecords):
    """So many customers, found by an index as a database does it."""

    __slots__ = ("_by_number",)

    def __init__(self, held: int) -> None:
        super().__init__(tuple(_customers(held)))
        self._by_number = {customer.phones[0]: customer for customer in self.customers}

    def by_number(self, asked: str, limit: int) -> list[DemoCustomer]:
        found = self._by_number.get(asked)
        return [found][:limit] if found else []


def number_of(place: int) -> str:
    return f"+44207{place:07d}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=20)
    parser.add_argument("--customers", type=int, default=CUSTOMERS_HELD)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(pops(Path(folder), given.calls, given.customers), indent=2))
    return 0


def pops(folder: Path, calls: int, held: int) -> dict[str, Any]:
    """The figures of every delay, and of kept cards beside the slowest CRM."""
    world = DemoWorld()
    world.crm.records = ManyCustomers(held)
    callers = (number_of(place * SPACING % held) for place in count())
    with world, Lives(folder / "pops", profile_in(world, SILENT)) as lives:
        lives.start()
        lives.until(lambda s: s["agent"]["registered"], "registered")
        pop(world, lives, next(callers), 0.0)  # the first one opens the connection and builds the card
        found = {
            f"crm_takes_{delay_s * 1000:g}_ms": measured(world, lives, callers, delay_s, calls)
            for delay_s in DELAYS_S
        }
        again = next(callers)
        pop(world, lives, again, 0.0)
        kept = [pop(world, lives, again, DELAYS_S[-1]) for _ in range(calls)]
        lives.quit()
    slowest = found[f"crm_takes_{DELAYS_S[-1] * 1000:g}_ms"]
    return {
        "customers": held,
        "calls": calls,
        **found,
        "kept_card_beside_a_crm_of_500_ms": _figures(kept, slowest["bare_request"]),
    }


def measured(
    world: DemoWorld, lives: Lives, callers: Iterator[str], delay_s: float, calls: int
) -> dict[str, Any]:
    """New callers each time; the bare request asks for the same customers, in turns with the calls."""
    rings, bare = [], []
    headers = {"Authorization": f"Bearer {world.crm.token}", "Accept": "application/json"}
    with httpx.Client(base_url=world.crm.base_url, headers=headers, trust_env=False) as client:
        client.get("/api/customers", params={"phone": number_of(1), "limit": "20"})
        for _ in range(calls):
            caller = next(callers)
            bare.append(bare_request(world, client, caller, delay_s))
            rings.append(pop(world, lives, caller, delay_s))
    return _figures(rings, spread(bare))


def bare_request(world: DemoWorld, client: httpx.Client, caller: str, delay_s: float) -> float:
    """Milliseconds of the one request that a pop needs."""
    world.crm.faults.add(Fault(Asked.FIND, delay_s=delay_s))
    began = time.perf_counter()
    answer = client.get("/api/customers", params={"phone": caller, "limit": "20"})
    took = (time.perf_counter() - began) * 1000
    assert len(answer.json()["customers"]) == 1
    return took


def pop(world: DemoWorld, lives: Lives, caller: str, delay_s: float) -> dict[str, float]:
    """Milliseconds from just before the INVITE is sent to each paint, for one call that is given up."""
    world.crm.faults.clear()
    world.crm.faults.add(Fault(Asked.FIND, delay_s=delay_s))
    began_ns = time.monotonic_ns()
    ringing = world.ring(caller, headers=MERIDIAN)
    call = ringing_call(lives, ringing)
    times = {name: (mark(lives, name, call) - began_ns) / 1e6 for name in ("ringing", "customer")}
    lives.until(
        lambda s: s["calls"][0]["customer"]["name"] and not s["calls"][0]["customer"]["refreshing"], "known"
    )
    ringing.hang_up()
    lives.until(lambda s: not s["calls"], "the call is over")
    wait_for(lambda: ringing.state is CallState.ENDED, "the caller knows it")
    time.sleep(max(0.0, CALLS_APART_S - (time.monotonic_ns() - began_ns) / 1e9))
    return times


def _figures(rings: Sequence[dict[str, float]], bare: dict[str, float]) -> dict[str, Any]:
    card = spread([ring["customer"] for ring in rings])
    return {
        "ringing_card": spread([ring["ringing"] for ring in rings]),
        "customer_card": card,
        "bare_request": bare,
        "card_ratio": round(card["median"] / bare["median"], 2),
        "card_above_bare_ms": round(card["median"] - bare["median"], 1),
        "spread_of_card": round(statistics.pstdev([ring["customer"] for ring in rings]), 1),
    }


def _customers(held: int) -> Iterator[DemoCustomer]:
    for place in range(held):
        like = CUSTOMERS[place % len(CUSTOMERS)]
        yield replace(like, id=f"B{place:06d}", name=f"{like.name} {place}", phones=(number_of(place),))


if __name__ == "__main__":
    sys.exit(main())
