"""The lead's team view: one source per fact, brought together row by row.

For a view: `rows(view)` arranged and filtered, `queues`, `limits`; each change is a `TeamChanged` that names
the rows it touched, so that a table of 200 repaints one. Only a lead's desk watches anybody. Sources: the
telephone system's dialog events (`LineStateChanged`), what agents publish (`PresenceChanged`), requests for
help. What none of them tells stays "not known".
"""

from __future__ import annotations

from softphone.domain.call import Direction
from softphone.domain.events import LineStateChanged, RegistrationChanged
from softphone.domain.ids import AccountId
from softphone.domain.lines import LineState
from softphone.domain.settings import Settings
from softphone.domain.team import (
    Activity,
    AlarmLimits,
    LineFacts,
    QueueRow,
    Team,
    TeamRow,
    TeamView,
)
from softphone.domain.team_events import HelpChanged, PresenceChanged, TeamChanged
from softphone.usecases.bus import Bus
from softphone.usecases.configuring import Configuring
from softphone.usecases.ports import Clock, Telephone
from softphone.usecases.signing_in import SigningIn
from softphone.usecases.team.ports import TeamLine

_ACTIVITY = {
    LineState.IDLE: Activity.IDLE,
    LineState.CALLING: Activity.RINGING,
    LineState.RINGING: Activity.RINGING,
    LineState.TALKING: Activity.TALKING,
}


class WatchingTheTeam:
    """Watches the members named in the settings by the first registered account."""

    def __init__(
        self,
        team: TeamLine,
        telephone: Telephone,
        signing_in: SigningIn,
        configuring: Configuring,
        clock: Clock,
        bus: Bus,
    ) -> None:
        self._line = team
        self._telephone = telephone
        self._signing_in = signing_in
        self._configuring = configuring
        self._clock = clock
        self._bus = bus
        self._watched: tuple[AccountId, frozenset[str], frozenset[str]] | None = None
        self._helped: set[str] = set()
        self._begin(configuring.settings)
        configuring.on_change(self._on_settings)
        bus.subscribe(RegistrationChanged, lambda _e: self._watch())
        bus.subscribe(LineStateChanged, self._on_line)
        bus.subscribe(PresenceChanged, self._on_presence)
        bus.subscribe(HelpChanged, self._on_help)

    @property
    def limits(self) -> AlarmLimits:
        return self._configuring.settings.team.limits()

    @property
    def queues(self) -> tuple[QueueRow, ...]:
        return tuple(self._queues.values())

    def rows(self, view: TeamView | None = None) -> tuple[TeamRow, ...]:
        """All agents, or those that `view` wants, in its order."""
        if view is None:
            return self._team.rows
        return view.arrange(self._team.rows, self._clock.now(), self.limits)

    def row(self, extension: str) -> TeamRow | None:
        return self._team.row(extension)

    # --- watching ----------------------------------------------------------------------------------------

    def _begin(self, settings: Settings) -> None:
        self._settings = settings.team
        members = settings.team.members if settings.team.is_lead else ()
        queues = settings.team.queues if settings.team.is_lead else ()
        self._team = Team(members, settings.team.numbers)
        self._queues = {queue.target: QueueRow(queue) for queue in queues}

    def _on_settings(self, settings: Settings) -> None:
        if settings.team == self._settings:
            return
        self._unwatch()
        self._begin(settings)
        self._bus.publish(TeamChanged())
        self._watch()

    def _watch(self) -> None:
        """Watch once an account is registered; the engine keeps it up through lost connections."""
        account = self._signing_in.first_registered()
        if account is None or self._watched is not None or not (self._team.rows or self._queues):
            return
        members = frozenset(row.member.extension for row in self._team.rows)
        lines = members | frozenset(self._queues)
        self._watched = (account, lines, members)
        for target in sorted(lines):
            self._telephone.watch_line(account, target)
        for target in sorted(members):
            self._line.watch_presence(account, target)

    def _unwatch(self) -> None:
        if self._watched is None:
            return
        account, lines, members = self._watched
        for target in lines:
            self._telephone.unwatch_line(account, target)
        for target in members:
            self._line.unwatch_presence(account, target)
        self._watched = None

    # --- what the sources say ----------------------------------------------------------------------------

    def _on_line(self, event: LineStateChanged) -> None:
        if event.target in self._queues:
            self._on_queue(event)
            return
        activity = _ACTIVITY.get(event.state)
        facts = None
        if activity is not None:
            inbound = None if event.direction is None else event.direction is Direction.INBOUND
            facts = LineFacts(activity, event.since, event.remote_number, inbound)
        self._changed(event.target, self._team.note_line(event.target, facts))

    def _on_queue(self, event: LineStateChanged) -> None:
        before = self._queues[event.target]
        if event.state in (LineState.UNKNOWN, LineState.REFUSED):
            after = QueueRow(before.queue)
        elif event.state is LineState.IDLE:
            after = QueueRow(before.queue, 0)
        else:
            after = QueueRow(before.queue, max(event.calls, 1), at_least=event.calls <= 1)
        if after != before:
            self._queues[event.target] = after
            self._bus.publish(TeamChanged(queues=(after,)))

    def _on_presence(self, event: PresenceChanged) -> None:
        self._changed(event.target, self._team.note_presence(event.target, event.presence))

    def _on_help(self, event: HelpChanged) -> None:
        asking = {request.extension for request in event.requests}
        for extension in self._helped - asking:
            self._changed(extension, self._team.forget_help(extension))
        for request in event.requests:
            self._changed(request.extension, self._team.note_help(request))
        self._helped = asking

    def _changed(self, extension: str, changed: bool) -> None:
        row = self._team.row(extension) if changed else None
        if row is not None:
            self._bus.publish(TeamChanged((row,)))
