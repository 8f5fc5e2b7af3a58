"""Scenes about scripts, forms, records and callbacks."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from PySide6.QtWidgets import QWidget

from softphone.domain.callback import Callback
from softphone.domain.customer import CrmTrouble, Lookup
from softphone.domain.events import CallbacksLoaded, HistoryLoaded
from softphone.domain.ids import CallId, DeliveryId
from softphone.domain.supervision import Role
from softphone.domain.text import NOTE_LIMIT
from softphone.domain.wrap_up import CallRecord, Draft, HistoryEntry, RecordStatus
from softphone.ui.closing_record import ClosingDialog
from softphone.ui.main import Interface
from softphone.ui.presenters.history import CALLBACKS
from softphone.ui.screenshots.example_desk import ExampleDesk, past_call
from softphone.ui.screenshots.examples import CALLER, HARRIET, INSURER


def _talk(world: ExampleDesk, queue: str = "roadside") -> CallId:
    world.register()
    call = world.ring(queue, CALLER)
    world.know(call, Lookup.found((HARRIET,), 48))
    world.establish(call, 48)
    return call


def script(world: ExampleDesk, _interface: Interface) -> None:
    """The first step of the script, while they talk."""
    _talk(world)


def script_question(world: ExampleDesk, _interface: Interface) -> None:
    """A question of the script with a field."""
    call = _talk(world)
    world.desk.following_script.choose(call, 0)


def form(world: ExampleDesk, _interface: Interface) -> None:
    """After a call: two outcomes, their questions, what they set off."""
    call = _talk(world)
    world.end(call)
    work = world.desk.wrapping_up
    work.choose_code(call, "towed")
    work.choose_code(call, "stop")
    work.answer_field(call, "mood", "4")
    work.answer_field(call, "cost", "1,200")


def note_full(world: ExampleDesk, interface: Interface) -> None:
    """More was pasted than a note takes."""
    call = _talk(world, "storm-claims")
    world.end(call)
    notes = interface.window.sheet.wrap_up.notes
    notes.setPlainText("Water under the sink. " * (NOTE_LIMIT // 22 + 20))


def _entries() -> tuple[HistoryEntry, ...]:
    def entry(call_id: str, minutes: int, label: str, name: str, why: str) -> HistoryEntry:
        call = past_call(call_id, minutes, "+442079460018", campaign_id=INSURER.id, queue="storm-claims")
        record = CallRecord(call, "+44 20 7946 0018", "Nordwind Insurance")
        draft = Draft(call.id, code="complaint", notes="Wants to speak to a manager.", customer_name=name)
        delivery = DeliveryId(f"d-{call_id}")
        return HistoryEntry(
            record, RecordStatus.REFUSED, draft, label, why, CrmTrouble.REFUSED, delivery, attempts=1
        )

    return (
        entry("h1", 12, "Complaint", "Harriet Whitcombe", "case 88-2041 is closed"),
        entry("h2", 66, "Call back", "Mario Rossi", "field owner is required"),
    )


def refused(world: ExampleDesk, interface: Interface) -> None:
    """A lead looks at what the CRM did not take."""
    desk = world.desk
    settings = desk.configuring.settings
    desk.configuring.change(replace(settings, team=replace(settings.team, role=Role.LEAD)))
    world.fix("team.role")
    world.register()
    panel = interface.window.history
    panel.part.setCurrentIndex(panel.part.findData("refused"))
    interface.rendering.part = "refused"
    world.happen(HistoryLoaded(_entries(), waiting=0, refused=2))
    panel.choose(0)


def correcting(world: ExampleDesk, _interface: Interface) -> None:
    """A refused record is open again."""
    world.register()
    world.happen(HistoryLoaded(_entries(), waiting=0, refused=2))
    world.desk.wrapping_up.correct(_entries()[0])


def closing(_world: ExampleDesk, interface: Interface) -> QWidget:
    """The reason is asked."""
    dialog = ClosingDialog(interface.kit, interface.window, "Harriet Whitcombe")
    dialog.show()
    return dialog


def callback_due(world: ExampleDesk, interface: Interface) -> None:
    """One callback is due, another is promised for later."""
    world.register()
    now = world.clock.now()
    world.happen(
        CallbacksLoaded(
            (
                Callback(
                    CallId("c1"),
                    now - timedelta(minutes=1),
                    "+442079460018",
                    HARRIET.name,
                    None,
                    "Nordwind Insurance",
                    "Plumber has been there, ask for the photos.",
                ),
                Callback(
                    CallId("c2"),
                    now + timedelta(hours=5),
                    "+441632960112",
                    "Jonas Field",
                    None,
                    "Bella Casa Orders",
                    "",
                ),
            )
        )
    )
    panel = interface.window.history
    panel.part.setCurrentIndex(panel.part.findData(CALLBACKS))
    panel.part_chosen.emit(CALLBACKS)
    panel.choose(0)
