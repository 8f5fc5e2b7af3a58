"""Writes of several requests, changed fields, and what happens when answers get lost between them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from softphone.domain.crm_events import CustomerCreated
from softphone.domain.crm_work import CustomerChange, FollowUp, FollowUpKind, ReportedState
from softphone.domain.customer import CrmTrouble
from softphone.domain.delivery import Delivery, DeliveryKind, DeliveryResult
from softphone.domain.keeping_events import DeliveryAttempted
from tests.contracts.crm_world import STARTED, delivery, new_customer, other_delivery
from tests.crm.connected import PACK, Connected, connected
from tests.crm.scripted_server import Asked, Reply, ScriptedServer, scripted_server
from tests.peers.waiting import wait_for

STEPS = """
[agent]
path = "/me"
id = "id"

[log]
path = "/notes"
remote_id = "id"
save = { body_id = "body.id" }
json = { external_id = "{external_id}", owner = "{agent_id}", text = "{summary}" }
[log.existing]
path = "/notes"
query = { external_id = "{external_id}" }
remote_id = "[0].id"
save = { body_id = "[0].body.id" }
[[log.then]]
path = "/targets"
json = { note = "{remote_id}", body = "{body_id}", person = "{customer_id}" }
when = "customer_id"
[log.then.existing]
path = "/targets"
query = { note = "{remote_id}" }
remote_id = "[0].id"
"""


class Notes:
    """A CRM whose call log is a note and a link; each is kept once per request that arrives."""

    def __init__(self, server: ScriptedServer) -> None:
        self.notes: list[Any] = []
        self.targets: list[Any] = []
        self.break_after = ""
        server.on("GET /me", Reply(body={"id": 77}))
        server.on("POST /notes", lambda asked: self._post(asked, self.notes, "note"))
        server.on("POST /targets", lambda asked: self._post(asked, self.targets, "target"))
        server.on("GET /notes", lambda asked: self._get(asked, self.notes, "external_id"))
        server.on("GET /targets", lambda asked: self._get(asked, self.targets, "note"))

    def _post(self, asked: Asked, kept: list[Any], name: str) -> Reply:
        kept.append({"id": f"{name}-{len(kept) + 1}", "body": {"id": f"b{len(kept) + 1}"}, **asked.json})
        if self.break_after == name:
            self.break_after = ""
            return Reply(500)  # written, but told otherwise
        return Reply(201, kept[-1] | {"body": {"id": f"b{len(kept)}"}})

    def _get(self, asked: Asked, kept: list[Any], key: str) -> Reply:
        found = [each for each in kept if each[key] == asked.query[key]]
        return Reply(body=[each | {"body": {"id": "b1"}} for each in found])


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with scripted_server() as made:
        yield made


def delivered(desk: Connected, sent: Delivery) -> DeliveryResult:
    desk.crm.deliver(sent)
    return desk.inbox.next(DeliveryAttempted).result


def stepped() -> str:
    return PACK[: PACK.index("[log]")] + STEPS


def test_a_log_of_several_requests_passes_on_what_it_learned(tmp_path: Path, server: ScriptedServer) -> None:
    notes = Notes(server)
    with connected(tmp_path, server, pack=stepped()) as desk:
        assert delivered(desk, delivery("d1", notes="wet")).remote_id == "note-1"
    assert notes.notes[0]["owner"] == "77"
    assert notes.notes[0]["text"] == "Claim opened\nwet\ndamage: water"
    assert notes.targets == [{"id": "target-1", "body": "b1", "note": "note-1", "person": "C001"}]


@pytest.mark.parametrize("lost", ["note", "target"])
def test_an_answer_lost_anywhere_leaves_everything_once(
    tmp_path: Path, server: ScriptedServer, lost: str
) -> None:
    notes = Notes(server)
    notes.break_after = lost
    with connected(tmp_path, server, pack=stepped()) as desk:
        assert delivered(desk, delivery("d1")).trouble is CrmTrouble.SERVER_ERROR
        assert delivered(desk, delivery("d1", attempts=1)).remote_id == "note-1"
        assert delivered(desk, delivery("d1", attempts=2)).remote_id == "note-1"
    assert (len(notes.notes), len(notes.targets)) == (1, 1)


@pytest.mark.parametrize("update", ["", '[log.update]\npath = "/notes/{remote_id}"\njson = "{summary}"\n'])
def test_what_may_be_there_as_it_was_is_never_called_delivered_as_it_is(
    tmp_path: Path, server: ScriptedServer, update: str
) -> None:
    notes = Notes(server)
    notes.break_after = "note"
    server.on("POST /notes/note-1", Reply(body={}))
    with connected(tmp_path, server, pack=stepped() + update) as desk:
        assert delivered(desk, delivery("d1", notes="as it was")).trouble is CrmTrouble.SERVER_ERROR
        result = delivered(desk, replace(delivery("d1", attempts=1, notes="corrected"), revision=1))
    assert len(notes.notes) == 1
    if update:
        assert result.remote_id == "note-1"
        (asked,) = server.requests("POST /notes/note-1")
        assert "corrected" in asked.json
        assert len(notes.targets) == 1, "the record is completed, too"
    else:
        assert (result.trouble, result.final) == (CrmTrouble.REFUSED, True)
        assert "perhaps as it was before the correction; the pack own has no [log.update]" in result.detail


def test_what_is_there_and_was_not_corrected_is_left_as_it_is(tmp_path: Path, server: ScriptedServer) -> None:
    notes = Notes(server)
    notes.break_after = "note"
    update = '[log.update]\npath = "/notes/{remote_id}"\n'
    with connected(tmp_path, server, pack=stepped() + update) as desk:
        assert delivered(desk, delivery("d1")).trouble is CrmTrouble.SERVER_ERROR
        assert delivered(desk, delivery("d1", attempts=1)).remote_id == "note-1"
    assert server.requests("POST /notes/note-1") == []


def test_a_step_without_its_value_is_left_out(tmp_path: Path, server: ScriptedServer) -> None:
    notes = Notes(server)
    with connected(tmp_path, server, pack=stepped()) as desk:
        assert delivered(desk, delivery("d1", customer_id="")).delivered
    assert notes.targets == []


UPDATE = """
[update]
path = "/contacts/{id}"
json = { fields = "{changes}" }

[[update.fields]]
name = "email"
label = "E-mail"
value = "emails.primary"
key = "emails.primary"

[[update.fields]]
name = "phone"
label = "Phone"
value = "phone[0].VALUE"
key = "PHONE"
json = [{ VALUE = "{value}", VALUE_TYPE = "WORK" }]
"""


def change(*fields: tuple[str, str]) -> Delivery:
    sent = other_delivery("d1", DeliveryKind.UPDATE_CUSTOMER)
    return Delivery(
        sent.id, sent.kind, sent.crm, sent.log, sent.created_at, change=CustomerChange("7", fields)
    )


def test_changed_fields_go_where_the_pack_puts_them(tmp_path: Path, server: ScriptedServer) -> None:
    server.on("PATCH /contacts/7", Reply(body={}))
    with connected(tmp_path, server, more=UPDATE) as desk:
        assert delivered(desk, change(("email", "a@b.example"), ("phone", '+1 "2"'))).delivered
    assert server.requests("PATCH /contacts/7")[0].json == {
        "fields": {
            "emails": {"primary": "a@b.example"},
            "PHONE": [{"VALUE": '+1 "2"', "VALUE_TYPE": "WORK"}],
        }
    }


def test_the_card_shows_what_may_be_changed(tmp_path: Path, server: ScriptedServer) -> None:
    record = {"id": "7", "name": "Ann", "emails": {"primary": "a@x.example"}, "phone": []}
    server.on("GET /contacts", Reply(body=[record]))
    with connected(tmp_path, server, more=UPDATE) as desk:
        customer = desk.look_up().chosen
        assert customer is not None
        assert [(f.name, f.label, f.value) for f in customer.editable] == [
            ("email", "E-mail", "a@x.example"),
            ("phone", "Phone", ""),
        ]


def test_a_field_that_the_pack_does_not_permit_is_never_sent(tmp_path: Path, server: ScriptedServer) -> None:
    with connected(tmp_path, server, more=UPDATE) as desk:
        result = delivered(desk, change(("owner", "me")))
        assert result.trouble is CrmTrouble.REFUSED
        assert "owner" in result.detail
    assert [asked for asked in server.asked if asked.method == "PATCH"] == []


@pytest.mark.parametrize(
    "kind", [DeliveryKind.UPDATE_CUSTOMER, DeliveryKind.SCHEDULE, DeliveryKind.UPDATE_CALL]
)
def test_what_a_pack_cannot_do_is_refused_for_good(
    tmp_path: Path, server: ScriptedServer, kind: DeliveryKind
) -> None:
    with connected(tmp_path, server) as desk:
        result = delivered(desk, other_delivery("d1", kind))
        assert result.final
        assert "own has no" in result.detail


TASK = """
[task]
path = "/tasks"

[task.json]
what = "{subject}"
kind = "{task_kind}"
due = "{due_at|unix}"
for = "{customer_id}"
note = "{notes}"
"""


def test_a_callback_becomes_a_task(tmp_path: Path, server: ScriptedServer) -> None:
    server.on("POST /tasks", Reply(201, {}))
    sent = other_delivery("d1", DeliveryKind.SCHEDULE)
    task = FollowUp(FollowUpKind.TASK, "Send the form", STARTED, "by post")
    with connected(tmp_path, server, more=TASK) as desk:
        asked = Delivery(sent.id, sent.kind, sent.crm, sent.log, sent.created_at, follow_up=task)
        assert delivered(desk, asked).delivered
    assert server.requests("POST /tasks")[0].json == {
        "what": "Send the form",
        "kind": "task",
        "due": int(STARTED.timestamp()),
        "for": "C001",
        "note": "by post",
    }


CREATE = """
[record]
path = "/contacts/{id}"

[create]
path = "/contacts"
remote_id = "id"
json = { first = "{first_name}", last = "{last_name}", phone = "{e164}", country = "{region}" }
"""


def test_a_new_customers_record_is_read_where_the_answer_has_only_an_id(
    tmp_path: Path, server: ScriptedServer
) -> None:
    server.on("POST /contacts", Reply(201, {"id": 12}))
    server.on("GET /contacts/12", Reply(body={"id": "12", "name": "Nora New"}))
    with connected(tmp_path, server, more=CREATE) as desk:
        desk.crm.create_customer(new_customer("n1"))
        customer = desk.inbox.next(CustomerCreated).customer
        assert customer is not None
        assert (customer.id, customer.name) == ("12", "Nora New")
    (asked,) = server.requests("POST /contacts")
    assert asked.json == {"first": "Nora", "last": "New", "phone": "+442079460333", "country": "GB"}


DUPLICATE = """
[error]
duplicate = "[0].errorCode == 'DUPLICATE_VALUE'"
"""


def test_what_the_pack_calls_a_duplicate_is_looked_up(tmp_path: Path, server: ScriptedServer) -> None:
    pack = PACK + '[log.existing]\npath = "/calls"\nremote_id = "[0].id"\n'
    server.on("POST /calls", Reply(400, [{"errorCode": "DUPLICATE_VALUE"}]))
    server.on("GET /calls", Reply(body=[{"id": "there"}]))
    with connected(tmp_path, server, pack=pack, more=DUPLICATE) as desk:
        assert delivered(desk, delivery("d1")).remote_id == "there"


TEAM = """
[team_state]
method = "PUT"
path = "/presence/{user}"
json = { state = "{state|map:states}", note = "{reason}", paid = "{paid}", since = "{since|unix}" }

[maps.states]
on_call = "busy"
"*" = "away"
ready = "free"
"""


def test_the_agents_state_is_told_in_the_crms_words(tmp_path: Path, server: ScriptedServer) -> None:
    server.on("PUT /presence/agent", Reply(204))
    with connected(tmp_path, server, more=TEAM) as desk:
        desk.crm.report_state("demo", ReportedState("ready", "", paid=True, since=STARTED))
        wait_for(lambda: bool(server.requests("PUT /presence/agent")), "the first state")
        desk.crm.report_state("demo", ReportedState("not_ready", "lunch", paid=False, since=STARTED))
        wait_for(lambda: len(server.requests("PUT /presence/agent")) == 2, "the second state")
    first, second = (asked.json for asked in server.requests("PUT /presence/agent"))
    assert first == {"state": "free", "note": "", "paid": True, "since": int(STARTED.timestamp())}
    assert (second["state"], second["note"], second["paid"]) == ("away", "lunch", False)
