"""The engine process: pipe, user agent, sound card, in one loop on the main thread, the sip thread.

Without a desk calls go on, unless nothing comes from the other side any more for minutes; without desk and
calls the engine un-registers and ends after 10 s.
"""

from __future__ import annotations

import os
import signal
import time
from collections import deque
from collections.abc import Callable
from types import FrameType
from typing import Protocol

import structlog

from softphone.domain.audio import AudioState
from softphone.domain.call import CallView
from softphone.domain.events import AudioChanged, CallEnded, EngineAttached, EngineFaulted, Event
from softphone.engine import protocol
from softphone.engine.links import DeskLink, PipeServer
from softphone.engine.sip.route import Route
from softphone.engine.sip.user_agent import DeskSound, UserAgent

_log = structlog.get_logger(__name__)

ALONE_PATIENCE_S = 10.0
_KEPT_ENDED = 20
_IN_FLIGHT_S = 2.0


class ClosableSound(DeskSound, Protocol):
    """A sound card that can be let go for good."""

    def close(self) -> None: ...


class Engine:
    """One engine's life. `run` returns when it is to end."""

    def __init__(
        self,
        server: PipeServer,
        make_card: Callable[[Callable[[AudioState], None]], ClosableSound],
        route: Route,
        log_file: str = "",
    ) -> None:
        self._server = server
        card = self._card = make_card(self._audio_changed)
        self._agent = UserAgent(self.publish, card, route, log_file)
        self._desk: DeskLink | None = None
        self._alone_since = self._needed_at = time.monotonic()
        self._ended: deque[tuple[float, CallView]] = deque(maxlen=_KEPT_ENDED)
        self._stopping = False

    def run(self) -> bool:
        """Serve until the desk says `ShutDown`, a signal comes, or nobody needs us any more.

        False: it could not telephone. A process that only looks alive would never be replaced.
        """
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        self._server.start()
        while not self._stopping and self._agent.usable:
            self._agent.turn()
            self._read_commands()
            self._mind_solitude()
        _log.info("engine_stopping", usable=self._agent.usable)
        self._agent.close()
        self._card.close()
        self._server.close()
        return self._agent.usable

    def publish(self, event: Event) -> None:
        """Send to the desk, and remember ended calls for the next one: this one may be dying right now."""
        if self._desk is not None:
            self._desk.send(event)
        if isinstance(event, CallEnded):
            view = self._agent.view(event.call_id)
            if view is not None:
                self._ended.append((time.monotonic(), view))

    def _audio_changed(self, state: AudioState) -> None:
        self.publish(AudioChanged(state))

    def _read_commands(self) -> None:
        inbox = self._server.inbox
        while inbox and self._agent.usable:
            link, command = inbox.popleft()
            if command is None:
                self._left(link)
            elif isinstance(command, protocol.Attach):
                self._attach(link, command)
            elif link is self._desk:
                self._obey(command)

    def _obey(self, command: protocol.Command) -> None:
        if isinstance(command, protocol.Ping):
            self.publish(protocol.Pong(command.number))
        elif isinstance(command, protocol.ShutDown):
            self._stopping = True
        else:
            self._agent.execute(command)

    def _attach(self, link: DeskLink, command: protocol.Attach) -> None:
        if command.version != protocol.VERSION:
            link.send(EngineFaulted("pipe", f"protocol {protocol.VERSION}, not {command.version}"))
            link.close()
            return
        former, self._desk = self._desk, link
        self._agent.has_desk = True
        if former is not None and former is not link:
            _log.warning("desk_replaced")
            self._alone_since = time.monotonic()
            former.close()
        ended = self._unheard()
        link.send(
            EngineAttached(
                os.getpid(),
                calls=self._agent.calls + ended,
                registrations=self._agent.registrations,
                audio=self._card.state,
            )
        )
        _log.info("desk_attached", calls=len(self._agent.calls), ended=len(ended))

    def _left(self, link: DeskLink) -> None:
        if link is self._desk:
            self._desk = None
            self._agent.has_desk = False
            self._alone_since = time.monotonic()
            _log.info("alone", calls=len(self._agent.calls))

    def _mind_solitude(self) -> None:
        if self._desk is not None or self._agent.calls:
            self._needed_at = time.monotonic()
        elif time.monotonic() - self._needed_at > ALONE_PATIENCE_S:
            _log.info("nobody_needs_us")
            self._stopping = True

    def _unheard(self) -> tuple[CallView, ...]:
        """Calls that ended while no desk was there, or so shortly before that it may not have noticed."""
        since = self._alone_since - _IN_FLIGHT_S
        unheard = tuple(view for at, view in self._ended if at >= since)
        self._ended.clear()
        return unheard

    def _on_signal(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 - signal's signature
        self._stopping = True
