"""The SIP user agent: PJSIP's life, the accounts, and the way to the calls. Thread: the sip thread.

The newcomer's way in: `Line.onIncomingCall` → `Switchboard.invited` → `SipCall` → events; and back:
`execute` → `Orders` → `SipCall` → `Leg`.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Protocol

import structlog

from softphone.domain.account import Account, Registration
from softphone.domain.audio import AudioChoice, AudioRole, AudioState, SoundTest, SoundTrial
from softphone.domain.call import CallView
from softphone.domain.errors import BadInput, Refused
from softphone.domain.events import (
    AudioLevelsMeasured,
    CommandRefused,
    EngineFaulted,
    Event,
    RefusalReason,
    TraceExported,
)
from softphone.domain.ids import AccountId, CallId
from softphone.engine import protocol
from softphone.engine.schedule import Schedule
from softphone.engine.sip import flooding
from softphone.engine.sip.caller import read_request
from softphone.engine.sip.endpoint import Endpoint
from softphone.engine.sip.guard import Faults, OneThread
from softphone.engine.sip.left_alone import LOOK_EVERY_S, LeftAlone
from softphone.engine.sip.line import Line
from softphone.engine.sip.orders import NotNow, Orders
from softphone.engine.sip.presences import Presences
from softphone.engine.sip.route import (
    HelpNews,
    LineNews,
    MailboxNews,
    MessageNews,
    PresenceNews,
    RecordNews,
    Route,
)
from softphone.engine.sip.sampling import INTERVAL_S, QualitySampler, packets_received
from softphone.engine.sip.sound_trials import SoundTrials
from softphone.engine.sip.supervisor_leg import SupervisorLeg
from softphone.engine.sip.supervisors import WATCH_INTERVAL_S
from softphone.engine.sip.surroundings import Surroundings
from softphone.engine.sip.switchboard import SoundCard, Switchboard
from softphone.engine.sip.team_talk import TeamTalk
from softphone.engine.sip.watching import WatchedLines

_log = structlog.get_logger(__name__)

LEVELS_INTERVAL_S = 0.1
SOUND_INTERVAL_S = 0.05
HANG_UP_PATIENCE_S = 1.5
UNREGISTER_PATIENCE_S = 1.0
_TURN_MS = 5


class DeskSound(SoundCard, Protocol):
    """What the user agent needs of `AudioSession`, beyond what calls need."""

    def apply(self, choice: AudioChoice) -> None: ...
    def set_volume(self, role: AudioRole, gain_db: float) -> None: ...
    def levels(self) -> tuple[float, float]: ...
    def refresh(self) -> None: ...
    def poll(self) -> None: ...
    @property
    def state(self) -> AudioState: ...
    @property
    def sound_gaps(self) -> int: ...
    @property
    def trial(self) -> SoundTrial: ...
    def start_trial(self, test: SoundTest, ringtone: str = "") -> bool: ...
    def stop_trial(self) -> None: ...


class UserAgent:
    """Owns PJSIP. `publish` gets each event, on this thread, in order, and must not block."""

    def __init__(
        self,
        publish: Callable[[Event], None],
        card: DeskSound,
        route: Route,
        log_file: str = "",
    ) -> None:
        self._thread = OneThread("sip")
        self._publish = publish
        self._card = card
        self._route = route
        self._log_file = log_file
        self._faults = Faults(lambda where, detail: publish(EngineFaulted(where, detail)))
        self._schedule = Schedule(run=lambda action: self._faults.survive("schedule", action))
        self._around = Surroundings(publish, self._schedule, _utc_now, random.random)
        self._quality = QualitySampler(publish, lambda: card.sound_gaps)
        self._lines: dict[AccountId, Line] = {}
        self._endpoint: Endpoint | None = None
        self._board = Switchboard(self._around, card, self._faults, route.arrival, route.lead_tag)
        self._orders = Orders(self._board, self._lines)
        self._watched = WatchedLines(route, publish, _utc_now)
        self._trials = SoundTrials(card, publish, lambda: self._board.alerts.ringtone)
        self._presences = Presences(route, publish, self._account)
        self._talk = TeamTalk(route, publish, self._account, lambda: self._board.supervisors.policy, _utc_now)
        self._watching_levels = False
        self._left_alone = LeftAlone(packets_received)
        self._flooded_calls = flooding.Flooding(packets_received)
        self._flooded_leads = flooding.Flooding(SupervisorLeg.packets_received)
        self.usable = True
        """Whether it can still be started, or runs; without that only another process helps."""
        self.has_desk = True
        """Whether anybody sits in front of it; without a desk silent calls are given up in the end."""
        self._own_handlers: dict[type[protocol.Command], Callable[[Any], None]] = {
            protocol.Configure: self._configure,
            protocol.OpenAccount: self._open_account,
            protocol.CloseAccount: self._close_account,
            protocol.RegisterNow: self._register_now,
            protocol.ChooseAudio: lambda c: card.apply(c.choice),
            protocol.RefreshDevices: lambda _: card.refresh(),
            protocol.SetVolume: lambda c: card.set_volume(c.role, c.gain_db),
            protocol.WatchLevels: self._watch_levels,
            protocol.StartSoundTest: lambda c: self._trials.start(c.test),
            protocol.StopSoundTest: lambda _: self._trials.stop(),
            protocol.ExportTrace: lambda c: route.export_trace(c.path, c.form),
            protocol.WatchLine: self._watch_line,
            protocol.AllowSupervision: lambda c: self._board.supervisors.allow(c.policy),
            protocol.AskForHelp: self._talk.ask_for_help,
            protocol.TellOfRecord: self._talk.tell_of_record,
            protocol.PublishPresence: lambda c: self._presences.tell(c.account_id, c.presence),
            protocol.WatchPresence: lambda c: self._presences.watch(c.account_id, c.target),
            protocol.StopWatchingPresence: lambda c: self._presences.unwatch(c.account_id, c.target),
            protocol.LetSupervisorIn: lambda c: self._board.supervisors.let_in(c.call_id, c.allowed),
            protocol.StopWatchingLine: lambda c: self._watched.unwatch(c.account_id, c.target),
        }

    # --- life ------------------------------------------------------------------------------------------

    def start(self, settings: protocol.Configure) -> None:
        """Start PJSIP and the route; raises `Broken`, and neither can be started a second time."""
        self.usable = False
        endpoint = Endpoint(self._faults, self._pjsip_account_for)
        endpoint.start(settings.user_agent, self._card.bridge_hz, self._log_file)
        self._endpoint = endpoint
        self._board.open_bridge()
        self._route.start()
        self._route.pjsip_listens_on(endpoint.local_port)
        self._schedule.every(SOUND_INTERVAL_S, self._card.poll)
        self._schedule.every(SOUND_INTERVAL_S, self._trials.poll)
        self._schedule.every(WATCH_INTERVAL_S, lambda: self._board.watch_leads(time.monotonic()))
        self._schedule.every(
            LOOK_EVERY_S, lambda: self._left_alone.look(self._board.calls.values(), not self.has_desk)
        )
        self._schedule.every(
            flooding.LOOK_EVERY_S, lambda: self._flooded_calls.look(self._board.calls.values())
        )
        self._schedule.every(
            flooding.LOOK_EVERY_S, lambda: self._flooded_leads.look(self._board.supervisors.legs.values())
        )
        self._schedule.every(INTERVAL_S, lambda: self._quality.sample(self._board.calls.values()))
        self.usable = True
        _log.info("pjsip_started", port=endpoint.local_port, fast_frames=self._board.fast_frames)

    def turn(self) -> None:
        """Turn the loop once: PJSIP's events, what is due, then let go of what is over. About 5 ms."""
        if self._endpoint is None:
            time.sleep(_TURN_MS / 1000)
        else:
            self._endpoint.poll(_TURN_MS)
        self._faults.survive("route", self._follow_route)
        self._schedule.run_due()
        self._faults.survive("sweep", self._board.sweep)

    def execute(self, command: protocol.Command) -> None:
        """Carry out a command of the desk; what cannot be done becomes `CommandRefused`."""
        self._thread.check()
        self._faults.survive(type(command).__name__, lambda: self._execute(command))

    @property
    def calls(self) -> tuple[CallView, ...]:
        """Calls that are not over."""
        return self._board.live_views()

    def view(self, call_id: CallId) -> CallView | None:
        """A call that lives or has just ended."""
        call = self._board.find(call_id)
        return call.view if call is not None else None

    @property
    def registrations(self) -> tuple[Registration, ...]:
        return tuple(line.registration for line in self._lines.values())

    def line(self, account_id: AccountId) -> Line | None:
        return self._lines.get(account_id)

    def close(self) -> None:
        """Hang up, un-register, stop PJSIP; takes at most 3 s."""
        if self._endpoint is None:
            return
        self._board.hang_up_all()
        for account_id in self._lines:
            self._route.withdraw(account_id)
        self._turn_until(lambda: self._board.idle, HANG_UP_PATIENCE_S)
        for account_id in self._lines:
            self._lines[account_id].close()
        self._turn_until(
            lambda: not any(li.unregistering for li in self._lines.values()), UNREGISTER_PATIENCE_S
        )
        self._route.stop()
        self._schedule.clear()
        self._endpoint.stop_clock()
        self._board.close()
        while self._lines:
            self._lines.popitem()[1].shutdown()
        endpoint, self._endpoint = self._endpoint, None
        endpoint.stop()

    def _execute(self, command: protocol.Command) -> None:
        handler = self._own_handlers.get(type(command), self._orders.execute)
        try:
            handler(command)
        except NotNow as exc:
            self._refuse(command, exc.reason, exc.detail)
        except Refused as exc:
            self._refuse(command, RefusalReason.FAILED, exc.detail)

    # --- commands that are not about calls --------------------------------------------------------------

    def _configure(self, command: protocol.Configure) -> None:
        self._card.apply(command.audio)
        if self._endpoint is None:
            self.start(command)
        if self._endpoint is not None:
            self._endpoint.prefer(command.codecs)
        self._board.alerts.ringtone = command.ringtone
        self._orders.dtmf = command.dtmf

    def _open_account(self, command: protocol.OpenAccount) -> None:
        if self._endpoint is None:
            self._configure(protocol.Configure())
        account = command.account
        line = self._lines.get(account.id)
        if line is None:
            line = Line(self._around, self._faults, self._board.invited, self._route.close)
            self._lines[account.id] = line
        if line.is_open_with(account, command.password):
            line.tell()
            line.try_refused_again()
        else:
            line.open(account, command.password, self._route.open(account, command.password))
            self._watched.account_opened(account)
            self._presences.account_opened(account.id)

    def _close_account(self, command: protocol.CloseAccount) -> None:
        line = self._lines.get(command.account_id)
        if line is not None:
            self._board.hang_up_all(command.account_id)
            self._watched.account_closed(command.account_id)
            self._presences.account_closed(command.account_id)
            line.close()

    def _register_now(self, command: protocol.RegisterNow) -> None:
        line = self._lines.get(command.account_id)
        if line is not None:
            self._route.reconnect(command.account_id)
            line.register()

    def _watch_levels(self, command: protocol.WatchLevels) -> None:
        begin = command.on and not self._watching_levels
        self._watching_levels = command.on
        if begin:
            self._schedule.after(LEVELS_INTERVAL_S, self._measure_levels)

    def _watch_line(self, command: protocol.WatchLine) -> None:
        try:
            self._watched.watch(command.account_id, command.target, self._account(command.account_id))
        except BadInput as exc:
            raise NotNow(RefusalReason.BAD_ADDRESS, exc.detail) from exc

    def _account(self, account_id: AccountId) -> Account | None:
        """The account, if it is open."""
        line = self._lines.get(account_id)
        return line.account if line is not None and line.wanted else None

    def _measure_levels(self) -> None:
        if self._watching_levels:
            self._publish(AudioLevelsMeasured(*self._card.levels()))
            self._schedule.after(LEVELS_INTERVAL_S, self._measure_levels)

    # --- inside ----------------------------------------------------------------------------------------

    def _pjsip_account_for(self, request: str) -> int | None:
        parsed = read_request(request)
        arrival = self._route.arrival(parsed) if parsed is not None else None
        line = self._lines.get(AccountId(arrival.account_id)) if arrival is not None else None
        return int(line.getId()) if line is not None else None

    def _follow_route(self) -> None:
        for news in self._route.news():
            if isinstance(news, TraceExported):
                self._publish(news)
                continue
            if isinstance(news, LineNews):
                self._watched.follow(news)
                continue
            if isinstance(news, PresenceNews):
                self._presences.follow(news)
                continue
            if isinstance(news, (HelpNews, MessageNews, RecordNews)):
                self._talk.follow(news)
                continue
            line = self._lines.get(news.account_id)
            if line is None:
                continue
            if isinstance(news, MailboxNews):
                line.mailbox_changed(news.summary)
                continue
            moved = line.flow_changed(news)
            if news.up and news.again:
                self._board.refresh(news.account_id, moved)

    def _refuse(self, command: protocol.Command, reason: RefusalReason, detail: str) -> None:
        name, call_id = type(command).__name__, getattr(command, "call_id", None)
        _log.info("command_refused", command=name, call=call_id, reason=reason, detail=detail)
        self._publish(CommandRefused(name, reason, call_id, detail))

    def _turn_until(self, done: Callable[[], bool], patience_s: float) -> None:
        until = time.monotonic() + patience_s
        while not done() and time.monotonic() < until:
            self.turn()


def _utc_now() -> datetime:
    return datetime.now(UTC)
