"""Killing the desk again and again: `python -m tests.store.kills --count 10000 --seed 1`.

Each life runs in its own process and ends by SIGKILL: at a random instant, or before a certain operation on
the disk, counted up so that every commit's boundaries come by. The parent keeps book of what the store said
was safe, and is the CRM. In the end every outcome must have arrived exactly once, and the CRM must have the
last version of it: agents correct what waits, what is on its way and what is there.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import random
import select
import signal
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from softphone.domain.delivery import DeliveryState
from softphone.domain.ids import CallId, DeliveryId
from softphone.store import outbox
from softphone.store.database import Database, DatabaseFile
from softphone.store.key import MemoryKey
from softphone.store.troubles import StoreUnusable
from tests.store.day import Acknowledged
from tests.store.doomed_desk import KEY, DoomedDesk, Life, Line

LIVES_PER_DATABASE = 100
OPERATIONS_OF_A_LIFE = 260
LONGEST_LIFE_S = 0.06
DRAINED_WITHIN_S = 240.0


@dataclass
class Book:
    """What one database has said, what the CRM was sent, and what went wrong."""

    said: Acknowledged = field(default_factory=Acknowledged)
    sent: Counter[CallId] = field(default_factory=Counter)
    known: dict[DeliveryId, int] = field(default_factory=dict)
    """The records that the CRM has, and which version of each."""
    changed: int = 0
    """So often a record that was there was changed."""
    problems: list[str] = field(default_factory=list)
    killed: int = 0
    ended: int = 0

    def hear(self, words: list[object]) -> str | None:
        """Write down one line of a desk; return the answer if it wants one."""
        match words:
            case ["draft", str(call)]:
                self.said.drafts[CallId(call)] += 1
            case ["saved", str(call), str(delivery), int(version)]:
                self._saved(CallId(call), DeliveryId(delivery))
                self.said.outcomes[CallId(call)] = version
            case ["handed out", dict(revisions)]:
                self.said.handed_out.update((DeliveryId(str(i)), int(r)) for i, r in revisions.items())
            case ["recorded", str(delivery), str(state), int(revision)]:
                if state != DeliveryState.WAITING:
                    self.said.settled[DeliveryId(delivery)] = DeliveryState(state), revision
            case ["unfinished", list(ids), str(trouble)]:
                self._restarted({CallId(str(i)) for i in ids}, trouble)
            case _:
                return self._asked(words)
        return None

    def _asked(self, words: list[object]) -> str | None:
        """What the desk puts to the CRM."""
        match words:
            case ["is it there", str(delivery)]:
                return "yes" if delivery in self.known else "no"
            case ["take this", str(delivery), str(call), int(version)]:
                self.sent[CallId(call)] += 1
                self.known[DeliveryId(delivery)] = version
                return "taken"
            case ["change this", str(delivery), int(version)]:
                if DeliveryId(delivery) not in self.known:
                    self.problems.append(f"{delivery} was changed before it was there")
                self.known[DeliveryId(delivery)] = version
                self.changed += 1
                return "taken"
            case _:
                self.problems.append(f"unexpected: {words}")
        return None

    def _saved(self, call: CallId, delivery: DeliveryId) -> None:
        before = self.said.saved.setdefault(call, delivery)
        if before != delivery:
            self.problems.append(f"{call} was saved as {before} and as {delivery}")

    def _restarted(self, unfinished: set[CallId], trouble: str) -> None:
        if trouble != "none":
            self.problems.append(f"the database was opened with {trouble}")
        # A draft that is not offered again belongs to a call that was saved, with the kill between commit and
        # word. `settle` asks for its arrival, so nothing slips through here.
        reopened = self.said.saved.keys() & unfinished
        self.problems.extend(f"{call} is saved but open again" for call in reopened)

    def settle(self) -> None:
        """After everything was delivered: each outcome must have arrived, and only once."""
        due = self.said.saved.keys() | self.said.drafts.keys()
        self.problems.extend(f"{call} never arrived" for call in due - self.sent.keys())
        self.problems.extend(f"{call} arrived {n} times" for call, n in self.sent.items() if n > 1)
        for call, version in self.said.outcomes.items():
            there = self.known.get(self.said.saved[call] or DeliveryId(""), -1)
            if there < version:
                self.problems.append(f"the CRM has version {there} of {call}, {version} was saved")


def run_life(path: Path, life: Life, kill_after_s: float | None, book: Book) -> None:
    """Fork one life, answer it, kill it in time, and write down all it managed to say."""
    words_out, words_in = os.pipe()
    answers_out, answers_in = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(words_out)
        os.close(answers_in)
        _live(path, life, words_in, answers_out)
    os.close(words_in)
    os.close(answers_out)
    try:
        _attend(pid, words_out, answers_in, kill_after_s, book)
    finally:
        os.close(words_out)
        os.close(answers_in)
    status = os.waitpid(pid, 0)[1]
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        book.killed += 1
    elif status == 0:
        book.ended += 1
    else:
        book.problems.append(f"life {life} ended with status {status}")


def _live(path: Path, life: Life, words_in: int, answers_out: int) -> None:
    code = 1
    try:
        with open(words_in, "wb") as to_parent, open(answers_out, "rb") as from_parent:
            DoomedDesk(path, life, Line(to_parent, from_parent)).live()
        code = 0
    finally:
        os._exit(code)


def _attend(pid: int, words_out: int, answers_in: int, kill_after_s: float | None, book: Book) -> None:
    """Listen until the desk is gone; what is in the pipe when it dies was said."""
    deadline = None if kill_after_s is None else time.monotonic() + kill_after_s
    pending = b""
    while True:
        patience = DRAINED_WITHIN_S if deadline is None else max(0.0, deadline - time.monotonic())
        if not select.select([words_out], [], [], patience)[0]:
            os.kill(pid, signal.SIGKILL)
            deadline = None
            continue
        chunk = os.read(words_out, 65_536)
        if not chunk:
            return
        *lines, pending = (pending + chunk).split(b"\n")
        for line in lines:
            _reply(answers_in, book.hear(json.loads(line)))


def _reply(answers_in: int, answer: str | None) -> None:
    if answer is not None:
        try:
            os.write(answers_in, answer.encode() + b"\n")
        except BrokenPipeError:
            return  # killed while it waited for the answer: the very thing that is tried out here


def kill_often(count: int, seed: int) -> tuple[Book, float]:
    """Kill `count` lives on one database after another, then drain each; return the book, and seconds."""
    started = time.monotonic()
    whole = Book()
    while whole.killed < count and not whole.problems:
        book = Book()
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "records.db"
            _one_database(path, min(LIVES_PER_DATABASE, count - whole.killed), seed + whole.killed, book)
        whole.killed += book.killed
        whole.ended += book.ended
        whole.changed += book.changed
        whole.sent.update({CallId(f"{seed + whole.killed}/{c}"): n for c, n in book.sent.items()})
        whole.problems += book.problems
    return whole, time.monotonic() - started


def _one_database(path: Path, kills: int, seed: int, book: Book) -> None:
    chance = random.Random(seed)
    life_number = 0
    while book.killed < kills and not book.problems:
        at_boundary = life_number % 2 == 0
        life = Life(
            life_number,
            seed=chance.randrange(1 << 30),
            dies_at=(seed + life_number // 2) % OPERATIONS_OF_A_LIFE if at_boundary else None,
        )
        run_life(path, life, None if at_boundary else chance.random() * LONGEST_LIFE_S, book)
        if life_number % 10 == 9:
            book.problems += _broken_promises(path, book)
        life_number += 1
    run_life(path, Life(life_number, seed, drain=True), None, book)
    book.problems += _broken_promises(path, book)
    book.settle()


def _broken_promises(path: Path, book: Book) -> list[str]:
    try:
        database = DatabaseFile(path, MemoryKey(KEY)).open()
    except StoreUnusable as unusable:
        return [f"unreadable: {unusable}"]
    try:
        return book.said.broken_promises(database)
    finally:
        database.close()


def _begin_nothing(database: Database, delivery_id: DeliveryId) -> None:
    """Takes the place of `outbox.begin` under --sabotage."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sabotage", action="store_true", help="do not mark what is handed out: must fail")
    options = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    if options.sabotage:
        outbox.begin = _begin_nothing
    book, seconds = kill_often(options.count, options.seed)
    print(*book.problems, sep="\n")
    print(f"{book.killed} kills, {book.ended} lives ended by themselves, {len(book.sent)} outcomes delivered")
    print(f"{book.changed} changes of what the CRM had")
    print(f"{len(book.problems)} problems, {seconds:.0f} s")
    return 1 if book.problems else 0


if __name__ == "__main__":
    sys.exit(main())
