"""`python -m tests.bench.subscriptions`: a lead's desk that watches 200 agents at a real Kamailio.

Two live subscriptions for each agent, the line (dialog events) and the state (presence), made by a real
engine. First every state is there before the lead signs in; then agents change one after the other, and each
change is followed from the PUBLISH to the desk's own event. Prints JSON: seconds until everything was known,
milliseconds from PUBLISH to desk (p50, p99), changes that never came, processor and memory of the engine.
"""

from __future__ import annotations

import argparse
import functools
import json
import os
import random
import re
import secrets
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from softphone.composition import Profile
from softphone.domain.account import Account
from softphone.domain.agent_state import AgentState
from softphone.domain.audio import AudioChoice
from softphone.domain.events import EngineAttached
from softphone.domain.ids import AccountId
from softphone.domain.settings import Settings
from softphone.domain.supervision import Role
from softphone.domain.team import Activity, AgentPresence, TeamMember, TeamRow
from softphone.domain.team_events import TeamChanged
from softphone.domain.team_settings import TeamSettings
from softphone.engine.edge.events.presence_body import write_presence
from tests.bench.processes import cpu_seconds, memory_mb
from tests.e2e.headless import HeadlessDesk
from tests.peers.kamailio import DOMAIN, USERS, Kamailio
from tests.peers.sip_wire import SipMessage, UdpWire, digest_answer

LEAD = USERS[0]
FIRST_AGENT = 2_000
SILENT = AudioChoice(microphone="null", speaker="null", ringer="null")
_ATTEMPT_S, _ATTEMPTS = 1.0, 8
_LASTS_S = 3_600
_PATIENCE_S = 60.0


class Crowd:
    """Agents' telephones and the telephone system's dialog events, by PUBLISH from one socket (RFC 3903)."""

    def __init__(self, server: Kamailio, agents: list[str]) -> None:
        self._server = server
        self._wire = UdpWire()
        self._sequence = 0
        self._dialogs: dict[str, str] = {}
        self._challenges: dict[str, str] = {}
        self._etags: dict[tuple[str, str], str] = {}
        self.agents = agents

    def close(self) -> None:
        self._wire.close()

    def tell_state(self, user: str, state: AgentState) -> None:
        """As the agent's softphone does."""
        body = write_presence(f"sip:{user}@{DOMAIN}", AgentPresence(state))
        self._publish(user, "presence", "application/pidf+xml", body)

    def tell_line(self, user: str, busy: bool) -> None:
        """As a telephone system that knows of calls does; each call is a publication of its own, for Kamailio
        lets none rise from the dead."""
        if busy:
            self._etags.pop((user, "dialog"), None)
        self._sequence += 1
        before = self._dialogs.get(user, "")
        name = self._dialogs[user] = f"call-{self._sequence}" if busy else before
        state = "confirmed" if busy else "terminated"
        dialog = f'<dialog id="{name}"><state>{state}</state></dialog>' if name else ""
        body = (
            '<?xml version="1.0"?><dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info" state="full" '
            f'version="{self._sequence}" entity="sip:{user}@{DOMAIN}">{dialog}</dialog-info>'
        )
        lasts_s = 5 if name and not busy else _LASTS_S
        self._publish(user, "dialog", "application/dialog-info+xml", body.encode(), lasts_s)

    def _publish(self, user: str, event: str, kind: str, body: bytes, lasts_s: int = _LASTS_S) -> None:
        for _ in range(_ATTEMPTS):
            answer = self._ask(user, event, kind, body, lasts_s)
            if answer.status == 200:
                self._etags[user, event] = answer["SIP-ETag"]
                return
            challenge = answer.get("Proxy-Authenticate")
            if challenge is not None:
                self._challenges[user] = challenge
            elif answer.status == 412:
                self._etags.pop((user, event), None)
        raise RuntimeError(f"{event} of {user} is not taken: {answer.start}")

    def _ask(self, user: str, event: str, kind: str, body: bytes, lasts_s: int) -> SipMessage:
        aor, branch = f"sip:{user}@{DOMAIN}", f"z9hG4bK{secrets.token_hex(8)}"
        host, port = self._wire.address
        headers = [
            ("Via", f"SIP/2.0/UDP {host}:{port};rport;branch={branch}"), ("Max-Forwards", "70"),
            ("From", f"<{aor}>;tag={secrets.token_hex(4)}"), ("To", f"<{aor}>"),
            ("Call-ID", secrets.token_hex(8)), ("CSeq", "1 PUBLISH"), ("Event", event),
            ("Expires", str(lasts_s)), ("Content-Type", kind),
        ]  # fmt: skip
        if (user, event) in self._etags:
            headers.append(("SIP-If-Match", self._etags[user, event]))
        if user in self._challenges:
            password = self._server.passwords[user]
            credentials = digest_answer(
                self._challenges[user], method="PUBLISH", uri=aor, user=user, password=password
            )
            headers.append(("Proxy-Authorization", credentials))
        self._wire.send(SipMessage(f"PUBLISH {aor} SIP/2.0", headers, body), self._address)
        return self._answer(branch)

    def _answer(self, branch: str) -> SipMessage:
        until = time.monotonic() + _ATTEMPT_S
        while time.monotonic() < until:
            try:
                message, _ = self._wire.receive(timeout_s=_ATTEMPT_S)
            except TimeoutError:
                break
            if re.search(rf"branch={branch}", message["Via"]) and message.status >= 200:
                return message
        return SipMessage("SIP/2.0 408 No Answer", [])

    @property
    def _address(self) -> tuple[str, int]:
        return self._server.host, self._server.sip_port


class Watch:
    """The lead's desk, and when it learnt what."""

    def __init__(self, server: Kamailio, agents: list[str], folder: Path) -> None:
        members = tuple(TeamMember(agent, f"Agent {agent}") for agent in agents)
        account = Account(AccountId("work"), server.host, LEAD, port=server.sip_port, domain=DOMAIN)
        team = TeamSettings(Role.LEAD, members=members)
        settings = Settings(accounts=(account,), audio=SILENT, team=team)
        self.desk = HeadlessDesk(Profile(settings, {"account/work": server.passwords[LEAD]}), folder)
        self._waiting: dict[str, tuple[float, Callable[[TeamRow], bool]]] = {}
        self.delays_s: list[float] = []
        self.desk.assembly.bus.subscribe(TeamChanged, self._learn)

    def expect(self, agent: str, began_s: float, condition: Callable[[TeamRow], bool]) -> None:
        """From now on: when is the agent's row so?"""
        self._waiting[agent] = (began_s, condition)

    def has_news_of(self, agent: str) -> bool:
        """Whether the agent's last change has come."""
        return agent not in self._waiting

    def rows(self) -> tuple[TeamRow, ...]:
        return self.desk.desk.team.watching.rows()

    def open(self) -> int:
        """How many changes have not come yet."""
        return len(self._waiting)

    @property
    def engine_pid(self) -> int:
        return [e.pid for e in self.desk.seen if isinstance(e, EngineAttached)][-1]

    def _learn(self, event: TeamChanged) -> None:
        for row in event.rows:
            began_s, condition = self._waiting.get(row.member.extension, (0.0, _never))
            if condition(row):
                self.delays_s.append(time.monotonic() - began_s)
                del self._waiting[row.member.extension]


def _never(_row: TeamRow) -> bool:
    return False


def main(agents: int = 200, changes: int = 400, per_second: float = 10.0) -> dict[str, float]:
    """Measure and return the figures."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    names = [str(FIRST_AGENT + number) for number in range(agents)]
    with tempfile.TemporaryDirectory(prefix="subscriptions-") as folder:
        server = Kamailio(Path(folder) / "kamailio", users=(LEAD, *names), workers=1)
        server.start()
        crowd = Crowd(server, names)
        try:
            for name in names:
                crowd.tell_state(name, AgentState.READY)
                crowd.tell_line(name, busy=False)
            return _watch(Watch(server, names, Path(folder) / "desk"), crowd, changes, per_second)
        finally:
            crowd.close()
            server.stop()


def _watch(watch: Watch, crowd: Crowd, changes: int, per_second: float) -> dict[str, float]:
    with watch.desk as desk:
        desk.registered()
        began = time.monotonic()
        desk.until(lambda: all(_known(row) for row in watch.rows()), "every agent known", timeout_s=120)
        known_s = time.monotonic() - began
        pid, cpu_before, began = watch.engine_pid, cpu_seconds(watch.engine_pid), time.monotonic()
        _change(watch, crowd, changes, per_second)
        lasted_s = time.monotonic() - began
        spent_s = cpu_seconds(pid) - cpu_before
        figures = {
            "agents": float(len(crowd.agents)),
            "subscriptions": 2.0 * len(crowd.agents),
            "all_known_s": round(known_s, 2),
            "changes": float(changes),
            "changes_per_s": round(changes / lasted_s, 1),
            "never_came": float(watch.open()),
            "engine_percent_of_a_core": round(100 * spent_s / lasted_s, 1),
            "engine_memory_mb": round(memory_mb(pid), 1),
        }
        delays_ms = sorted(delay * 1_000 for delay in watch.delays_s)
        figures["publish_to_desk_p50_ms"] = round(delays_ms[len(delays_ms) // 2], 1)
        figures["publish_to_desk_p99_ms"] = round(delays_ms[len(delays_ms) * 99 // 100], 1)
        return figures


def _known(row: TeamRow) -> bool:
    return row.state is AgentState.READY and row.line_known


def _change(watch: Watch, crowd: Crowd, changes: int, per_second: float) -> None:
    """Lines and states by turns, each agent another time; what has not come 10 s after the last is lost."""
    dice, due = random.Random(7), time.monotonic()
    busy: dict[str, bool] = {}
    away: dict[str, bool] = {}
    for number in range(changes):
        agent = dice.choice(crowd.agents)
        arrived = functools.partial(watch.has_news_of, agent)
        watch.desk.until(arrived, "the agent's last change", timeout_s=_PATIENCE_S)
        if number % 2:
            busy[agent] = on = not busy.get(agent, False)
            watch.expect(agent, time.monotonic(), functools.partial(_talks, on))
            crowd.tell_line(agent, on)
        else:
            away[agent] = on = not away.get(agent, False)
            state = AgentState.NOT_READY if on else AgentState.READY
            watch.expect(agent, time.monotonic(), functools.partial(_is_in, state))
            crowd.tell_state(agent, state)
        due += 1 / per_second
        watch.desk.until(functools.partial(_is_past, due), "the next change")
    end = time.monotonic() + 10.0
    watch.desk.until(lambda: not watch.open() or time.monotonic() > end, "the last changes", timeout_s=15)


def _talks(on: bool, row: TeamRow) -> bool:
    return (row.call is not None and row.call.activity is Activity.TALKING) is on


def _is_in(state: AgentState, row: TeamRow) -> bool:
    return row.state is state


def _is_past(moment: float) -> bool:
    return time.monotonic() >= moment


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--agents", type=int, default=200)
    parser.add_argument("--changes", type=int, default=400)
    parser.add_argument("--per-second", type=float, default=10.0)
    options = parser.parse_args()
    found = main(options.agents, options.changes, options.per_second)
    sys.stdout.write(json.dumps(found, indent=1) + "\n")
