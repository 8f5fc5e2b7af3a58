"""How commands and events cross the pipe between desk and engine.

Framing and authentication are `multiprocessing.connection`'s (a local socket or named pipe that only this
user can open); each message is one MessagePack map `{"type": name, "body": {...}}`, never a pickle. Commands
are frozen dataclasses of `protocol`, events those of `domain` that are listed here.
"""

from __future__ import annotations

from typing import Any

import msgspec

from softphone.domain import events, record_events, team_events
from softphone.domain.errors import Broken
from softphone.domain.events import Event
from softphone.engine import protocol
from softphone.engine.protocol import Command

MESSAGE_LIMIT = 1 << 20
"""Bytes. A longer message is refused: nothing that we send comes near it."""

_COMMANDS: tuple[type[Command], ...] = (
    protocol.Attach, protocol.Configure, protocol.OpenAccount, protocol.CloseAccount, protocol.RegisterNow,
    protocol.PlaceCall, protocol.AnswerCall, protocol.RejectCall, protocol.SilenceRinger, protocol.HangUp,
    protocol.HoldCall, protocol.ResumeCall, protocol.MuteCall, protocol.SendDtmf, protocol.TransferCall,
    protocol.TransferToCall, protocol.JoinCalls, protocol.AllowSupervision, protocol.Supervise,
    protocol.ChangeSupervision, protocol.OpenMicrophone, protocol.LetSupervisorIn, protocol.AskForHelp,
    protocol.TellOfRecord, protocol.PublishPresence, protocol.WatchPresence, protocol.StopWatchingPresence,
    protocol.ChooseAudio, protocol.RefreshDevices, protocol.SetVolume, protocol.WatchLevels,
    protocol.WatchLine, protocol.StopWatchingLine, protocol.ExportTrace, protocol.StartSoundTest,
    protocol.StopSoundTest, protocol.ShutDown, protocol.Ping,
)  # fmt: skip
_EVENTS: tuple[type[Event], ...] = (
    events.EngineAttached, events.RegistrationChanged, events.CallArrived, events.CallProgressed,
    events.CallEstablished, events.CallHoldChanged, events.CallMuteChanged, events.CallMediaChanged,
    events.CallPartyChanged, events.CallEnded, events.CallTransferProgressed, events.DtmfReceived,
    events.MessageWaitingChanged, events.CommandRefused, events.AudioChanged, events.AudioLevelsMeasured,
    team_events.SupervisorArrived, team_events.SupervisorChangedMode, team_events.SupervisorLeft,
    team_events.SupervisionTurnedAway, team_events.SupervisionModeConfirmed,
    team_events.SupervisionModeDenied, team_events.HelpSignalled, team_events.MessageAnswered,
    team_events.PresenceChanged, record_events.RecordMessageArrived,
    events.MediaQualityMeasured, events.EngineFaulted, events.LineStateChanged, events.TraceExported,
    events.SoundTestChanged, protocol.Pong,
)  # fmt: skip
COMMANDS: dict[str, type[Command]] = {kind.__name__: kind for kind in _COMMANDS}
EVENTS: dict[str, type[Event]] = {kind.__name__: kind for kind in _EVENTS}

_encoder = msgspec.msgpack.Encoder()


class _Envelope(msgspec.Struct):
    type: str
    body: msgspec.Raw


def encode(message: Command | Event) -> bytes:
    """Return the bytes of one message."""
    body = msgspec.Raw(_encoder.encode(message))
    return _encoder.encode(_Envelope(type(message).__name__, body))


def decode_command(raw: bytes) -> Command:
    """Return the command in `raw`; raise `Broken` if it is none of ours."""
    command: Command = _decode(raw, COMMANDS)
    return command


def decode_event(raw: bytes) -> Event:
    """Return the event in `raw`; raise `Broken` if it is none of ours."""
    event: Event = _decode(raw, EVENTS)
    return event


def _decode(raw: bytes, known: dict[str, type[Any]]) -> Any:
    if len(raw) > MESSAGE_LIMIT:
        raise Broken("pipe", "message too long")
    try:
        envelope = msgspec.msgpack.decode(raw, type=_Envelope)
        kind = known[envelope.type]
        return msgspec.msgpack.decode(envelope.body, type=kind)
    except (msgspec.MsgspecError, KeyError) as exc:
        raise Broken("pipe", f"unknown message: {exc}") from exc
