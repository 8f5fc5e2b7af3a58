"""What is pictured: each scene plays on an example desk and leaves the window in one state."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from softphone.domain.account import Registration, RegistrationState, RegistrationTrouble
from softphone.domain.audio import (
    AudioState,
    AudioTroubleKind,
    MediaQuality,
    SoundTest,
    SoundTestPhase,
    SoundTrial,
)
from softphone.domain.call import EndCause, Party
from softphone.domain.customer import CrmTrouble, Lookup
from softphone.domain.events import (
    AudioChanged,
    AudioLevelsMeasured,
    CallHoldChanged,
    EngineLost,
    MediaQualityMeasured,
    RegistrationChanged,
    SoundTestChanged,
)
from softphone.domain.facts import dataclass
from softphone.domain.ids import CallId, DeliveryId
from softphone.domain.keeping_events import HistoryLoaded, StoreOpened, WrapUpSaved
from softphone.domain.store_trouble import StoreTrouble
from softphone.domain.wrap_up import CallRecord, Draft, HistoryEntry, RecordStatus
from softphone.ui.main import Interface
from softphone.ui.screenshots import wrapping_up
from softphone.ui.screenshots.customers import CUSTOMERS
from softphone.ui.screenshots.example_desk import ExampleDesk, past_call
from softphone.ui.screenshots.examples import AUDIO, CALLER, GEORGE, HARRIET, OTHER_CALLER
from softphone.ui.screenshots.protected import account_security, bad_certificate, voice_mail
from softphone.ui.screenshots.recorded import paused
from softphone.ui.screenshots.set_up import address, fixed_account, fixed_sound, further_ringers
from softphone.ui.screenshots.teams import TEAMS
from softphone.ui.settings.dialog import SettingsDialog
from softphone.usecases.customers.recognising import LATE_AFTER_S

Play = Callable[[ExampleDesk, Interface], QWidget | None]


@dataclass(frozen=True, slots=True)
class Picture:
    """`play` may return another widget than the main window to be pictured."""

    name: str
    play: Play
    signed_in: bool = True


def history(world: ExampleDesk) -> None:
    def entry(call_id: str, minutes: int, status: RecordStatus, label: str, **facts: object) -> HistoryEntry:
        name = str(facts.pop("name", ""))
        trouble = facts.pop("trouble", CrmTrouble.NONE)
        call = past_call(call_id, minutes, "+442079460018", **facts)
        record = CallRecord(call, "+44 20 7946 0018", "Nordwind Insurance")
        draft = Draft(call.id, customer_name=name)
        assert isinstance(trouble, CrmTrouble)  # noqa: S101 - narrows for the type checker
        return HistoryEntry(record, status, draft, label, last_trouble=trouble, delivery_id=DeliveryId("d"))

    missed = {"established_at": None, "name": "Ada Marsh"}
    entries = (
        entry("h1", 12, RecordStatus.SAVED, "Claim opened", name="Harriet Whitcombe"),
        entry("h2", 31, RecordStatus.DELIVERED, "Status given", name="Mario Rossi"),
        entry("h3", 47, RecordStatus.CLOSED, "", **missed),
        entry("h4", 66, RecordStatus.REFUSED, "Complaint", name="Ελένη Παπαδάκη", trouble=CrmTrouble.REFUSED),
        entry("h5", 95, RecordStatus.DELIVERED, "Question answered", name="דוד לוי"),
    )
    world.happen(HistoryLoaded(entries, waiting=1, refused=1))


def ready(world: ExampleDesk, _interface: Interface) -> None:
    world.register()
    history(world)


def on_a_break(world: ExampleDesk, _interface: Interface) -> None:
    world.register()
    history(world)
    world.desk.being_available.choose_not_ready("break")
    world.pass_time(302)


def ringing(world: ExampleDesk, _interface: Interface) -> None:
    world.register()
    call = world.ring("storm-claims", CALLER)
    world.know(call, Lookup.found((HARRIET,), 48))


def ringing_looking_up(world: ExampleDesk, _interface: Interface) -> None:
    world.register()
    world.ring("orders", OTHER_CALLER)
    world.clock.let_pass(LATE_AFTER_S)


def anonymous(world: ExampleDesk, _interface: Interface) -> None:
    world.register()
    world.ring("orders", Party(anonymous=True))


def talk(world: ExampleDesk) -> CallId:
    world.register()
    call = world.ring("storm-claims", CALLER)
    world.know(call, Lookup.found((HARRIET,), 48))
    world.establish(call, 137)
    world.desk.wrapping_up.type_notes(call, "Water stopped, plumber comes at 14:00.")
    return call


def talking(world: ExampleDesk, _interface: Interface) -> None:
    talk(world)


def recording_paused(world: ExampleDesk, _interface: Interface) -> None:
    paused(world, talk(world))


def second_ring(world: ExampleDesk, _interface: Interface) -> None:
    talk(world)
    world.ring("orders", OTHER_CALLER, "two")


def two_calls(world: ExampleDesk, _interface: Interface) -> None:
    first = talk(world)
    second = world.ring("orders", OTHER_CALLER, "two")
    world.happen(CallHoldChanged(first, True, False))
    world.establish(second, 21, mos=2.6, encrypted=False)
    world.know(second, Lookup.failed(CrmTrouble.UNREACHABLE))


def several_customers(world: ExampleDesk, _interface: Interface) -> None:
    world.register()
    call = world.ring("storm-claims", CALLER)
    world.know(call, Lookup.found((HARRIET, GEORGE), 60))
    world.establish(call, 9)


def keypad(world: ExampleDesk, interface: Interface) -> None:
    interface.window.keypad.open_for(talk(world))


def transfer(world: ExampleDesk, interface: Interface) -> None:
    interface.window.transfer.open_for(talk(world))
    interface.window.transfer.target.setText("1002")


def after_call(world: ExampleDesk, interface: Interface) -> None:
    world.end(talk(world))
    world.pass_time(11)
    interface.window.sheet.wrap_up.outcome.open_list()


def complete(world: ExampleDesk, interface: Interface) -> None:
    call = talk(world)
    world.end(call)
    world.pass_time(19)
    world.desk.wrapping_up.choose_code(call, "opened")
    interface.window.setFocus()


def saved(world: ExampleDesk, interface: Interface) -> None:
    complete(world, interface)
    call = world.desk.wrapping_up.open_calls[0]
    world.desk.wrapping_up.save(call)
    world.happen(WrapUpSaved(call, None))
    history(world)


def line_busy(world: ExampleDesk, _interface: Interface) -> None:
    world.register()
    history(world)
    account = world.desk.signing_in.first_registered()
    call = world.desk.calling.place_call("+441632960112", account)
    world.end(call, EndCause.BUSY, 486)


def no_registration(world: ExampleDesk, _interface: Interface) -> None:
    account = world.desk.configuring.settings.accounts[0]
    waiting = Registration(
        account.id, RegistrationState.WAITING, RegistrationTrouble.NO_ANSWER, 408, retry_in_s=12
    )
    world.happen(RegistrationChanged(waiting))
    history(world)


def much_trouble(world: ExampleDesk, _interface: Interface) -> None:
    ready(world, _interface)
    world.happen(EngineLost("killed"), StoreOpened(StoreTrouble.DISK_FULL, in_memory=True))
    state = AudioState(trouble=AudioTroubleKind.NO_DEVICE)
    world.happen(AudioChanged(state))


def _settings(page: str) -> Play:
    def play(world: ExampleDesk, interface: Interface) -> QWidget | None:
        world.register()
        world.happen(AudioChanged(AUDIO))
        interface.open_settings(page)
        world.happen(AudioLevelsMeasured(-22.0, -31.0))
        return interface.settings_window

    return play


def sound_trial(world: ExampleDesk, interface: Interface) -> QWidget | None:
    """The settings scrolled down to a test of the sound that has just heard the agent."""
    window = _settings("audio")(world, interface)
    recorded = SoundTrial(SoundTest.RECORD, SoundTestPhase.PLAYING, -14.0)
    world.happen(SoundTestChanged(recorded), SoundTestChanged(SoundTrial()))
    if isinstance(window, SettingsDialog):
        window.scroll_to(window.sound.trial)
    return window


def bad_line(world: ExampleDesk, interface: Interface) -> None:
    """A call whose network loses sound, and says so."""
    talking(world, interface)
    lossy = MediaQuality(
        world.desk.calling.calls[0].id, rx_loss_percent=8.0, rx_jitter_ms=31.0, round_trip_ms=48.0, mos=2.9
    )
    world.happen(MediaQualityMeasured(lossy), MediaQualityMeasured(lossy))


def sign_in(_world: ExampleDesk, _interface: Interface) -> None:
    """The first start."""


PICTURES = (
    Picture("ready", ready),
    Picture("on-a-break", on_a_break),
    Picture("ringing", ringing),
    Picture("ringing-crm-slow", ringing_looking_up),
    Picture("ringing-anonymous", anonymous),
    Picture("talking", talking),
    Picture("recording-paused", recording_paused),
    Picture("second-ring", second_ring),
    Picture("two-calls", two_calls),
    Picture("several-customers", several_customers),
    *(Picture(name, play) for name, play in CUSTOMERS),
    *(Picture(name, play) for name, play in TEAMS),
    Picture("keypad", keypad),
    Picture("transfer", transfer),
    Picture("after-call", after_call),
    Picture("complete", complete),
    Picture("saved", saved),
    Picture("line-busy", line_busy),
    Picture("no-registration", no_registration),
    Picture("much-trouble", much_trouble),
    Picture("settings-account", _settings("account")),
    Picture("settings-account-security", account_security),
    Picture("bad-certificate", bad_certificate),
    Picture("voice-mail", voice_mail),
    Picture("settings-sound", _settings("audio")),
    Picture("settings-sound-trial", sound_trial),
    Picture("settings-sound-ringers", further_ringers),
    Picture("bad-line", bad_line),
    Picture("script", wrapping_up.script),
    Picture("script-question", wrapping_up.script_question),
    Picture("form", wrapping_up.form),
    Picture("note-full", wrapping_up.note_full),
    Picture("refused-records", wrapping_up.refused),
    Picture("correcting", wrapping_up.correcting),
    Picture("changes", wrapping_up.changes),
    Picture("change-refused", wrapping_up.change_refused),
    Picture("changing", wrapping_up.changing),
    Picture("closing-a-change", wrapping_up.closing_a_change),
    Picture("closing-record", wrapping_up.closing),
    Picture("refused-ask-a-lead", wrapping_up.refused_at_an_agents),
    Picture("closing-asked", wrapping_up.closing_asked),
    Picture("closing-from-afar", wrapping_up.closing_from_afar),
    Picture("outcome-tree", wrapping_up.outcome_tree),
    Picture("outcome-search", wrapping_up.outcome_search),
    Picture("passed-on", wrapping_up.passed_on),
    Picture("callback-due", wrapping_up.callback_due),
    Picture("settings-window", _settings("window")),
    Picture("sign-in", sign_in, signed_in=False),
    Picture("set-up-address", address, signed_in=False),
    Picture("settings-fixed-account", fixed_account),
    Picture("settings-fixed-sound", fixed_sound),
)
