"""Scenes about scripts, forms, records and callbacks."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from PySide6.QtWidgets import QWidget

from softphone.domain.call import Party
from softphone.domain.callback import Callback
from softphone.domain.crm_events import CrmDescribed
from softphone.domain.crm_work import CrmAbility, CrmDescription
from softphone.domain.customer import CrmTrouble, Lookup
from softphone.domain.ids import CallId, DeliveryId
from softphone.domain.keeping_events import CallbacksLoaded, HistoryLoaded
from softphone.domain.record_events import RecordMessageArrived
from softphone.domain.record_requests import RecordMessage, RecordWord
from softphone.domain.supervision import Role
from softphone.domain.team import TeamMember
from softphone.domain.text import NOTE_LIMIT
from softphone.domain.wrap_up import CallRecord, Draft, HistoryEntry, RecordStatus
from softphone.ui.main import Interface
from softphone.ui.presenters.history import CALLBACKS
from softphone.ui.screenshots.example_desk import ExampleDesk, past_call
from softphone.ui.screenshots.examples import CALLER, HARRIET, INSURER
from softphone.ui.wrap_up.closing_record import ClosingDialog


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


def refused_at_an_agents(world: ExampleDesk, interface: Interface) -> None:
    """An agent looks at what the CRM did not take; a lead has been asked about the second one."""
    desk = world.desk
    settings = desk.configuring.settings
    desk.configuring.change(replace(settings, team=replace(settings.team, leads=("7900",))))
    world.fix("team.leads")
    world.register()
    panel = interface.window.history
    panel.part.setCurrentIndex(panel.part.findData("refused"))
    interface.rendering.part = "refused"
    world.happen(HistoryLoaded(_entries(), waiting=0, refused=2))
    desk.asking_to_close.ask(_entries()[1])
    panel.choose(0)


def _lead_is_asked(world: ExampleDesk) -> None:
    desk = world.desk
    settings = desk.configuring.settings
    team = replace(settings.team, role=Role.LEAD, members=(TeamMember("7003", "Sophie Laurent"),))
    desk.configuring.change(replace(settings, team=team))
    world.register()
    now = world.clock.now()
    asked = RecordMessage(
        RecordWord.ASK,
        DeliveryId("d-9"),
        company=INSURER.name,
        outcome="Complaint",
        trouble=CrmTrouble.REFUSED,
        attempts=3,
        called_at=now - timedelta(minutes=95),
    )
    sender = Party("7003", "pbx.test", "Sophie Laurent", asserted=True)
    account = settings.accounts[0].id
    world.happen(RecordMessageArrived(account, sender, asked.text(), False, now))


def closing_asked(world: ExampleDesk, _interface: Interface) -> None:
    """A lead is asked to close a record that lies at an agent's desk."""
    _lead_is_asked(world)


def closing_from_afar(world: ExampleDesk, interface: Interface) -> QWidget:
    """The lead decides."""
    _lead_is_asked(world)
    dialog = ClosingDialog(interface.kit, interface.window, "Sophie Laurent", afar=True)
    dialog.show()
    return dialog


def _after_call(world: ExampleDesk) -> CallId:
    call = _talk(world, "storm-claims")
    world.end(call)
    return call


def outcome_tree(world: ExampleDesk, interface: Interface) -> None:
    """The list of outcomes, with folders and favourites, opened by the keyboard."""
    _after_call(world)
    interface.window.sheet.wrap_up.outcome.open_list()


def outcome_search(world: ExampleDesk, interface: Interface) -> None:
    """A few letters find an outcome."""
    _after_call(world)
    field = interface.window.sheet.wrap_up.outcome.field
    field.setText("ca")
    field.textEdited.emit("ca")


def passed_on(world: ExampleDesk, _interface: Interface) -> None:
    """A queue's call came while an outcome was missing, and went to a colleague."""
    settings = world.desk.configuring.settings
    first = tuple(replace(campaign, code_before_next_call=True) for campaign in settings.campaigns)
    world.desk.configuring.change(replace(settings, campaigns=first))
    _after_call(world)
    world.ring("storm-claims", Party("+442079460077", "pbx.test"), name="two")


def correcting(world: ExampleDesk, _interface: Interface) -> None:
    """A refused record is open again."""
    world.register()
    world.happen(HistoryLoaded(_entries(), waiting=0, refused=2))
    world.desk.wrapping_up.correct(_entries()[0])


def _with_the_crm(world: ExampleDesk) -> None:
    abilities = frozenset({CrmAbility.LOG_UPDATE})
    world.happen(CrmDescribed(CrmDescription("crm", "Nordwind CRM", abilities)))


def _changed() -> tuple[HistoryEntry, ...]:
    """What the CRM has, what is being changed there, and a change that it refuses."""
    first, second = _entries()
    there = replace(
        first, last_error="", last_trouble=CrmTrouble.NONE, crm="crm", remote_id="4711", draft=first.draft
    )
    refused_change = replace(second, crm="crm", remote_id="4712", correction=True, last_error="locked")
    third = replace(
        second.record, call=past_call("h3", 95, "+441632960112", campaign_id=INSURER.id, queue="storm-claims")
    )
    waits = replace(
        refused_change,
        record=third,
        status=RecordStatus.SAVED,
        draft=replace(second.draft, customer_name="Jonas Field"),
        last_error="",
        last_trouble=CrmTrouble.NONE,
        attempts=0,
    )
    return replace(there, status=RecordStatus.DELIVERED), refused_change, waits


def changes(world: ExampleDesk, interface: Interface) -> None:
    """Records that the CRM has, and how changes of them stand."""
    world.register()
    _with_the_crm(world)
    world.happen(HistoryLoaded(_changed(), waiting=1, refused=1))
    interface.window.history.choose(0)


def change_refused(world: ExampleDesk, interface: Interface) -> None:
    """The CRM refuses a change; the agent may close it."""
    changes(world, interface)
    interface.window.history.choose(1)


def changing(world: ExampleDesk, interface: Interface) -> None:
    """A record that the CRM has is open again."""
    changes(world, interface)
    world.desk.wrapping_up.correct(_changed()[0])


def closing_a_change(_world: ExampleDesk, interface: Interface) -> QWidget:
    """The reason is asked; the CRM keeps what it has."""
    dialog = ClosingDialog(interface.kit, interface.window, "Mario Rossi", change=True)
    dialog.show()
    return dialog


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
