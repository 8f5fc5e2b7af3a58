"""The telephone line and the sound devices, tried by an engine of our own, or told by a running desk.

A desk that is running keeps the line: a second registration could push it out of the telephone system.
"""

from __future__ import annotations

import math
import struct
import tempfile
import time
import uuid
import wave
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from softphone.cli.doctor.findings import Finding, Result, failed, good, not_tried, remark
from softphone.domain.account import Account, Registration, RegistrationState
from softphone.domain.audio import AudioChoice, AudioState, AudioTroubleKind, MediaQuality, SoundTest
from softphone.domain.errors import SoftphoneError
from softphone.domain.events import (
    AudioChanged,
    AudioLevelsMeasured,
    CallEnded,
    CallEstablished,
    EngineAttached,
    Event,
    MediaQualityMeasured,
    RegistrationChanged,
)
from softphone.domain.ids import CallId
from softphone.domain.settings import Settings
from softphone.engine.audio.wish import virtual_card
from softphone.phone.telephone import EngineTelephone
from softphone.usecases.ports import Secrets
from softphone.usecases.signing_in import secret_name

ENGINE_WITHIN_S, REGISTERED_WITHIN_S, ANSWERED_WITHIN_S = 15.0, 20.0, 15.0
TALK_S, LISTEN_S = 2.5, 2.0
BACK_WITHIN_S = 12.0
"""Many echo numbers speak before they listen."""
DEVICES_WITHIN_S, SETTLED_S = 6.0, 0.5
TONE_HZ, RATE = 1_000.0, 16_000
HEARD_DBFS, SILENT_DBFS = -45.0, -80.0
LOSS_PERCENT = 3.0

E = TypeVar("E", bound=Event)


class Line:
    """An engine without a desk, in a folder of its own. `hear` waits for one event after the other."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self._events: SimpleQueue[Event] = SimpleQueue()
        self.heard = folder / "heard.wav"
        spoken = folder / "spoken.wav"
        _write_tone(spoken)
        self.telephone = EngineTelephone(self._events.put, folder / "engine")
        files = AudioChoice(
            f"file:{spoken},{self.heard}",
            echo_cancelling=False,
            noise_suppression=False,
            automatic_gain=False,
        )
        (folder / "engine").mkdir(mode=0o700)
        self.telephone.start(settings.calls, files)

    def hear(self, kind: type[E], fits: Callable[[E], bool], within_s: float) -> E | None:
        """The next such event; everything before it is gone. None when it does not come in time."""
        ends_at = time.monotonic() + within_s
        while (left := ends_at - time.monotonic()) > 0:
            try:
                event = self._events.get(timeout=left)
            except Empty:
                return None
            if isinstance(event, kind) and fits(event):
                return event
        return None

    def hear_either(
        self, kinds: tuple[type[CallEstablished | CallEnded], ...], call_id: CallId, within_s: float
    ) -> Event | None:
        """The next event of one of `kinds` about this call."""
        return self.hear(Event, lambda e: isinstance(e, kinds) and e.call_id == call_id, within_s)

    def all_of(self, kind: type[E], for_s: float) -> list[E]:
        """Every such event of the next seconds."""
        ends_at = time.monotonic() + for_s
        found: list[E] = []
        while (event := self.hear(kind, lambda _: True, ends_at - time.monotonic())) is not None:
            found.append(event)
        return found


def about_telephone(settings: Settings, secrets: Secrets) -> Iterator[Finding]:
    """Registration, sound both ways through a call to the echo number, microphone and speaker."""
    with tempfile.TemporaryDirectory(prefix="softphone-doctor-") as folder:
        line = Line(settings, Path(folder))
        try:
            if line.hear(EngineAttached, lambda _: True, ENGINE_WITHIN_S) is None:
                advice = "Run softphone --self-test."
                yield failed("registration", "the telephone engine does not start", advice)
                return
            registered = []
            for account in settings.accounts:
                finding = _registration(line, account, secrets)
                if finding.result is Result.GOOD:
                    registered.append(account)
                yield finding
            if not settings.accounts:
                yield failed("registration", "no account is set", "Sign in, or run softphone provision.")
            media = _media(line, settings, registered)
            yield media if media.result is not Result.FAILED else _media(line, settings, registered)
            yield from _sound(line, settings.audio)
        finally:
            line.telephone.shut_down()


def about_running(status: Mapping[str, Any]) -> Iterator[Finding]:
    """What a running desk says of itself."""
    for registration in status["registrations"]:
        check, trouble = f"registration {registration['account']}", registration.get("trouble")
        if registration["state"] == RegistrationState.REGISTERED:
            yield good(check, "registered, by the softphone that is running")
        else:
            yield failed(check, f"{registration['state']}: {trouble}", _ADVICE.get(str(trouble), _LOOK))
    if not status["registrations"]:
        yield failed("registration", "no account is set", "Sign in, or run softphone provision.")
    trouble = status["audio"]["trouble"]
    if trouble in (None, "", AudioTroubleKind.NONE.value):
        yield good("sound devices", "no trouble, says the softphone that is running")
    else:
        yield failed("sound devices", str(trouble).replace("_", " "), "Open Settings, Sound.")
    yield not_tried("sound both ways", "a running softphone keeps the line; quit it and ask again")


def _registration(line: Line, account: Account, secrets: Secrets) -> Finding:
    check = f"registration {account.id}"
    try:
        password = secrets.read(secret_name(account.id))
    except SoftphoneError as exc:
        return failed(check, f"the key store: {exc.detail}", "Unlock the key store.")
    if password is None:
        return failed(check, "no password in the key store", "Sign in once, or run softphone provision.")
    began = time.monotonic()
    line.telephone.open_account(account, password)
    event = line.hear(RegistrationChanged, lambda e: _is_answer(e.registration, account), REGISTERED_WITHIN_S)
    took_ms = round((time.monotonic() - began) * 1_000)
    if event is None:
        return failed(check, f"{account.server} does not answer", _ADVICE["no_answer"])
    found = event.registration
    if found.state is not RegistrationState.REGISTERED:
        words = f"{found.trouble.value.replace('_', ' ')} {found.sip_code or ''} {found.detail}".strip()
        advice = _ADVICE.get(found.trouble.value, _LOOK)
        return failed(check, words, advice, trouble=found.trouble.value, sip_code=found.sip_code)
    protocol = found.signalling.protocol if found.signalling else ""
    words = f"registered at {account.server} in {took_ms} ms, {protocol or 'signalling is not encrypted'}"
    return good(check, words, took_ms=took_ms, protocol=protocol)


def _is_answer(registration: Registration, account: Account) -> bool:
    return registration.account_id == account.id and registration.state in (
        RegistrationState.REGISTERED,
        RegistrationState.REFUSED,
        RegistrationState.WAITING,
    )


def _media(line: Line, settings: Settings, registered: Sequence[Account]) -> Finding:
    """A tone goes out and must come back: proof for both ways, with no sound card in between."""
    check, number = "sound both ways", settings.diagnostics.echo_extension
    if not number:
        return not_tried(check, "no echo number is set (diagnostics.echo_extension)")
    if not registered:
        return not_tried(check, "no account is registered")
    call_id = CallId(str(uuid.uuid4()))
    line.telephone.place_call(call_id, registered[0].id, number)
    begun = line.hear_either((CallEstablished, CallEnded), call_id, ANSWERED_WITHIN_S)
    if not isinstance(begun, CallEstablished):
        line.telephone.hang_up(call_id)
        code = begun.sip_code if isinstance(begun, CallEnded) else 0
        words = f"the echo number {number} does not answer {code or ''}".strip()
        return failed(check, words, "IT: check diagnostics.echo_extension.", sip_code=code)
    measured, level_dbfs = _listen(line, call_id)
    line.telephone.hang_up(call_id)
    line.hear_either((CallEnded,), call_id, 5.0)
    return _judged(check, level_dbfs, measured)


def _listen(line: Line, call_id: CallId) -> tuple[MediaQuality | None, float]:
    """Quality and level of our tone, once it has come back or enough patience was shown (a busy computer
    takes seconds to load its sound)."""
    measured: MediaQuality | None = None
    ends_at = time.monotonic() + BACK_WITHIN_S
    while True:
        for event in line.all_of(MediaQualityMeasured, TALK_S):
            measured = event.quality if event.quality.call_id == call_id else measured
        level_dbfs = _tone_dbfs(line.heard)
        if level_dbfs >= HEARD_DBFS or time.monotonic() > ends_at:
            return measured, level_dbfs


def _judged(check: str, level_dbfs: float, quality: MediaQuality | None) -> Finding:
    facts: dict[str, object] = {"tone_back_dbfs": round(level_dbfs, 1)}
    words = f"the tone came back at {level_dbfs:.0f} dBFS"
    if quality is not None:
        facts |= {"mos": round(quality.mos, 2), "loss_percent": round(quality.rx_loss_percent, 1)}
        facts |= {"jitter_ms": round(quality.rx_jitter_ms, 1), "codec": quality.codec}
        words += f", {quality.rx_loss_percent:.1f} % lost, {quality.rx_jitter_ms:.0f} ms jitter"
    if level_dbfs < HEARD_DBFS:
        advice = "IT: a firewall or router stops RTP (UDP) in one direction."
        return failed(check, "what was said did not come back", advice, **facts)
    if quality is not None and quality.rx_loss_percent > LOSS_PERCENT:
        return remark(check, words, "Use a cable instead of Wi-Fi, or pause other traffic.", **facts)
    return good(check, words, **facts)


def _sound(line: Line, choice: AudioChoice) -> Iterator[Finding]:
    if virtual_card(choice):
        yield not_tried("microphone", f"the settings choose {choice.microphone.split(':')[0]}, no device")
        yield not_tried("speaker", f"the settings choose {choice.microphone.split(':')[0]}, no device")
        return
    line.telephone.choose_audio(choice)
    first = line.hear(AudioChanged, lambda _: True, DEVICES_WITHIN_S)
    changed = [first, *line.all_of(AudioChanged, SETTLED_S)] if first else []
    state = changed[-1].state if changed else AudioState(trouble=AudioTroubleKind.NO_DEVICE)
    yield _microphone(line, state)
    yield _speaker(line, state)


def _microphone(line: Line, state: AudioState) -> Finding:
    check = "microphone"
    if not state.microphone:
        return failed(check, "none is there", "Plug the headset in, or choose one in Settings, Sound.")
    line.telephone.watch_levels(True)
    line.telephone.start_sound_test(SoundTest.LISTEN)
    levels = [event.microphone_dbfs for event in line.all_of(AudioLevelsMeasured, LISTEN_S)]
    line.telephone.stop_sound_test()
    facts: dict[str, object] = {"device": state.microphone, "peak_dbfs": round(max(levels, default=-96.0), 1)}
    if not levels:
        advice = "Close other programs that use it, allow the microphone in the system's settings."
        return failed(check, f"{state.microphone} delivers nothing", advice, **facts)
    if max(levels) <= SILENT_DBFS:
        advice = "Un-mute it at the headset, allow the microphone in the system's settings."
        return failed(check, f"{state.microphone} delivers zeros only", advice, **facts)
    return good(check, f"{state.microphone}: up to {max(levels):.0f} dBFS", **facts)


def _speaker(line: Line, state: AudioState) -> Finding:
    """It is opened and played to; nobody but a person can say that it was heard."""
    check = "speaker"
    if not state.speaker:
        return failed(check, "none is there", "Plug the headset in, or choose one in Settings, Sound.")
    line.telephone.start_sound_test(SoundTest.RING)
    troubles = [e.state for e in line.all_of(AudioChanged, LISTEN_S) if e.state.trouble not in _HARMLESS]
    line.telephone.stop_sound_test()
    if troubles:
        words = f"{state.speaker}: {troubles[-1].trouble.value.replace('_', ' ')}"
        return failed(check, words, "Close other programs that use it.", device=state.speaker)
    return good(
        check, f"{state.speaker} takes sound; whether it is heard only you can tell", device=state.speaker
    )


def _write_tone(file: Path) -> None:
    period = [round(8_000 * math.sin(2 * math.pi * TONE_HZ * n / RATE)) for n in range(RATE)]
    with wave.open(str(file), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(struct.pack(f"<{RATE}h", *period))


def _tone_dbfs(file: Path) -> float:
    """The level of our tone in the last second of `file`, in dBFS."""
    try:
        with wave.open(str(file), "rb") as heard:
            rate, channels = heard.getframerate(), heard.getnchannels()
            wanted = min(heard.getnframes(), rate)
            heard.setpos(heard.getnframes() - wanted)
            raw = heard.readframes(wanted)
    except (OSError, EOFError, wave.Error):
        return -96.0
    samples = struct.unpack(f"<{len(raw) // 2}h", raw)[::channels]
    size = rate // 10  # short windows: a gap of the line breaks the phase
    windows = [samples[at : at + size] for at in range(0, len(samples) - size + 1, size)]
    if not windows:
        return -96.0
    powers = sorted((_tone_power(window, rate) for window in windows), reverse=True)
    louder = powers[: (len(powers) + 1) // 2]
    power = sum(louder) / len(louder)
    return max(-96.0, 10 * math.log10(power)) if power > 0 else -96.0


def _tone_power(samples: Sequence[int], rate: int) -> float:
    """Power of our tone, 1.0 for full scale (Goertzel's algorithm)."""
    factor, before, last = 2 * math.cos(2 * math.pi * TONE_HZ / rate), 0.0, 0.0
    for sample in samples:
        before, last = last, sample + factor * last - before
    power = max(last * last + before * before - factor * last * before, 0.0)
    return 4 * power / (len(samples) * 32_768) ** 2


_HARMLESS = (AudioTroubleKind.NONE, AudioTroubleKind.PREFERRED_MISSING, AudioTroubleKind.MICROPHONE_SILENT)
_LOOK = "IT: look into the telephone system's log."
_ADVICE = {
    "wrong_credentials": "Sign in again with the right password, or run softphone provision with a new code.",
    "unknown_user": "IT: the telephone system does not know this user.",
    "forbidden": "IT: the telephone system forbids this user to register.",
    "unknown_host": "Check the server's name and the network's DNS.",
    "no_answer": "Check the network; IT: check server, port and firewall.",
    "connection_refused": "IT: nothing listens at the server's port.",
    "certificate": "IT: see the TLS check; the certificate must fit this server's name.",
    "no_password": "Sign in once, or run softphone provision.",
    "network_down": "Connect this computer to the network.",
}
