"""`softphone ctl` from the inside: what is answered, when, and what is told to those who listen."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from softphone.domain.call import CallState, EndCause
from softphone.domain.customer import CrmTrouble
from softphone.domain.events import CommandRefused, RefusalReason
from softphone.domain.ids import CallId
from softphone.domain.keeping_events import WrapUpSaved
from softphone.domain.recording import RecordingOrder, RecordingPolicy, RecordingRules
from softphone.domain.settings import Settings
from softphone.domain.store_trouble import StoreTrouble
from softphone.usecases.remote import requests as ask
from softphone.usecases.remote.commands import Message
from softphone.usecases.remote.control import RemoteControl
from softphone.usecases.remote.request import Request
from tests.fakes.world import INSURER, MARIA, SETTINGS, World

CLAIMS = (("X-Queue", "claims"),)


class Remote:
    """A desk with a remote control; answers and news as they come."""

    def __init__(self, settings: Settings = SETTINGS) -> None:
        self.world = World(settings)
        self.quits: list[str] = []
        self.shown: list[str] = []
        self.control = RemoteControl(self.world.desk, lambda: self.quits.append("quit"), self.shown.append)
        self.news: list[Message] = []
        self.control.tell_to(self.news.append)
        self.world.start()
        self.world.crm.know(MARIA)

    def begin(self, request: Request) -> list[Message]:
        """Send a request; the answer appears in the list."""
        answers: list[Message] = []
        self.control.handle(request, answers.append)
        return answers

    def ask(self, request: Request) -> Message:
        """Send a request whose confirmation needs nothing but what is already on its way."""
        answers = self.begin(request)
        self.world.run()
        assert len(answers) == 1, answers
        return answers[0]

    def ring(self, name: str = "in-1") -> CallId:
        call_id = self.world.phone.ring(name, headers=CLAIMS)
        self.world.run()
        self.world.crm.answer_all()
        self.world.run()
        return call_id

    def heard(self, event: str) -> list[Message]:
        return [news for news in self.news if news["event"] == event]


@pytest.fixture
def remote() -> Remote:
    return Remote()


def reason(answer: Message) -> tuple[object, object]:
    error = answer["error"]
    assert answer["ok"] is False
    assert isinstance(error, dict)
    return error["kind"], error["detail"]


def part(answer: Message, name: str) -> dict[str, object]:
    value = answer[name]
    assert isinstance(value, dict)
    return value


def test_status_tells_how_everything_stands(remote: Remote) -> None:
    remote.ring()
    status = part(remote.ask(ask.Status()), "status")
    agent, calls = part(status, "agent"), status["calls"]
    assert (agent["state"], agent["registered"]) == ("not_ready", True)
    assert isinstance(calls, list)
    (call,) = calls
    assert (call["id"], call["state"], call["queue"], call["campaign"]) == (
        "in-1",
        "incoming",
        "claims",
        "insurer",
    )
    assert part(call, "customer")["name"] == "María Schäfer"
    assert part(status, "engine") == {"running": True, "pid": 4711, "detail": ""}
    assert part(status, "store")["opened"] is True


def test_answering_is_confirmed_when_the_call_is_established(remote: Remote) -> None:
    remote.ring()
    answers = remote.begin(ask.AnswerCall())
    assert answers == []
    remote.world.run()
    assert [part(answer, "call")["state"] for answer in answers] == ["established"]


def test_answering_a_call_that_the_caller_gives_up_tells_its_end(remote: Remote) -> None:
    ringing = remote.ring()
    remote.world.phone.calls.pop(ringing)
    answers = remote.begin(ask.AnswerCall())
    remote.world.phone.calls[ringing] = remote.world.desk.calling.calls[0]
    remote.world.phone.end(ringing, EndCause.ABANDONED)
    remote.world.run()
    assert part(answers[0], "call")["end_cause"] == "abandoned"


def test_what_is_not_confirmed_in_time_is_answered_as_timeout_once(remote: Remote) -> None:
    ringing = remote.ring()
    held_back = remote.world.phone.calls.pop(ringing)
    answers = remote.begin(ask.AnswerCall(timeout_s=3))
    remote.world.clock.advance(2.9)
    assert answers == []
    remote.world.clock.advance(0.2)
    assert [reason(answer)[0] for answer in answers] == ["timeout"]
    remote.world.phone.calls[ringing] = held_back
    remote.world.phone.establish(ringing)
    remote.world.run()
    assert len(answers) == 1


@pytest.mark.parametrize(
    "request_",
    [
        ask.AnswerCall(),
        ask.RejectCall(),
        ask.HangUp(),
        ask.Hold(),
        ask.Resume(),
        ask.Mute(),
        ask.SendDigits(digits="1"),
        ask.Transfer(target="7002"),
        ask.Transfer(to_call="x"),
        ask.Join(),
        ask.WrapUp(code="solved"),
        ask.AnswerCall(call="nosuch"),
        ask.RemoveAccount(account="nosuch"),
    ],
    ids=lambda request: type(request).__name__,
)
def test_without_a_call_every_command_is_refused_with_a_reason(remote: Remote, request_: Request) -> None:
    kind, detail = reason(remote.ask(request_))
    assert kind == "refused"
    assert detail


def test_bad_input_is_told_apart_from_refusal(remote: Remote) -> None:
    assert reason(remote.ask(ask.PlaceCall(number="no number at all")))[0] == "bad_input"
    assert reason(remote.ask(ask.BeNotReady(reason="unheard of")))[0] == "bad_input"
    assert reason(remote.ask(ask.Transfer()))[0] == "bad_input"


def test_a_whole_call_is_handled_by_requests_alone(remote: Remote) -> None:
    remote.ring()
    remote.ask(ask.AnswerCall())
    assert part(remote.ask(ask.Hold()), "call")["local_hold"] is True
    assert part(remote.ask(ask.Resume()), "call")["local_hold"] is False
    assert part(remote.ask(ask.Mute()), "call")["muted"] is True
    assert part(remote.ask(ask.Mute()), "call")["muted"] is False
    assert part(remote.ask(ask.Mute(muted=False)), "call")["muted"] is False
    remote.ask(ask.SendDigits(digits="12#"))
    assert remote.world.phone.sent("send_dtmf") == [("in-1", "12#", None)]
    ended = part(remote.ask(ask.HangUp()), "call")
    assert (ended["state"], ended["ended_by_us"]) == ("terminated", True)
    saved = part(remote.ask(ask.WrapUp(code="solved", note="All well\nagain")), "wrap_up")
    assert (saved["saved"], saved["code"], saved["notes"]) == (True, "solved", "All well\nagain")
    assert remote.world.store.rows[CallId("in-1")].wrap_up is not None


def test_the_recording_is_paused_from_outside_and_what_is_not_possible_is_refused() -> None:
    rules = RecordingRules(RecordingPolicy.RECORDED, pause_code="*61", resume_code="*62")
    remote = Remote(replace(SETTINGS, campaigns=(replace(INSURER, recording=rules),)))
    remote.ring()
    remote.ask(ask.AnswerCall())
    paused = part(remote.ask(ask.AskForRecording(order=RecordingOrder.PAUSE)), "recording")
    assert (paused["policy"], paused["state"], paused["possible"]) == ("recorded", "paused", "resume")
    assert remote.world.phone.sent("send_dtmf") == [("in-1", "*61", None)]
    refused = part(remote.ask(ask.AskForRecording(order=RecordingOrder.PAUSE)), "error")
    assert refused["kind"] == "refused"


def test_the_outcome_is_confirmed_only_when_it_is_committed(remote: Remote) -> None:
    remote.ring()
    remote.ask(ask.AnswerCall())
    remote.ask(ask.HangUp())
    answers = remote.begin(ask.WrapUp(code="solved"))
    assert answers == []
    remote.world.run()
    assert part(answers[0], "wrap_up")["saved"] is True


def test_an_outcome_that_cannot_be_written_is_told_with_the_trouble(remote: Remote) -> None:
    remote.ring()
    remote.ask(ask.AnswerCall())
    remote.ask(ask.HangUp())
    remote.world.store.fail_next(StoreTrouble.DISK_FULL)
    assert reason(remote.ask(ask.WrapUp(code="solved"))) == ("try_later", "disk_full")
    assert part(remote.ask(ask.WrapUp()), "wrap_up")["saved"] is True


def test_an_outcome_that_is_in_memory_only_is_not_called_saved(remote: Remote) -> None:
    remote.ring()
    remote.ask(ask.AnswerCall())
    remote.ask(ask.HangUp())
    answers = remote.begin(ask.WrapUp(code="solved"))
    remote.world.bus.publish(WrapUpSaved(CallId("in-1"), None, in_memory=True))
    assert reason(answers[0])[0] == "try_later"


def test_an_incomplete_outcome_names_what_is_missing_and_what_there_is_to_choose(remote: Remote) -> None:
    remote.ring()
    remote.ask(ask.AnswerCall())
    remote.ask(ask.HangUp())
    kind, detail = reason(remote.ask(ask.WrapUp()))
    assert (kind, detail) == ("refused", "code_missing; codes: solved, callback, complaint")
    assert "note_missing" in str(reason(remote.ask(ask.WrapUp(code="complaint")))[1])
    assert "callback_missing" in str(reason(remote.ask(ask.WrapUp(code="callback")))[1])
    naive = datetime(2026, 3, 3, 10, 0)  # noqa: DTZ001 - the mistake that is tested
    assert reason(remote.ask(ask.WrapUp(callback=naive)))[0] == "bad_input"
    later = datetime(2026, 3, 3, 10, 0, tzinfo=UTC)
    saved = part(remote.ask(ask.WrapUp(callback=later)), "wrap_up")
    assert saved["callback_at"] == "2026-03-03T10:00:00.000Z"


def test_notes_can_be_written_during_the_call_but_the_outcome_waits_for_its_end(remote: Remote) -> None:
    remote.ring()
    remote.ask(ask.AnswerCall())
    draft = part(remote.ask(ask.WrapUp(note="roof", save=False)), "wrap_up")
    assert draft["notes"] == "roof"
    assert reason(remote.ask(ask.WrapUp(code="solved")))[0] == "refused"
    assert remote.world.desk.calling.calls[0].state is CallState.ESTABLISHED


def test_a_call_is_placed_and_its_progress_is_told(remote: Remote) -> None:
    placed = part(remote.ask(ask.PlaceCall(number="030 123456")), "call")
    assert (placed["state"], placed["direction"], placed["number"]) == ("outgoing", "outbound", "030123456")
    remote.world.phone.progress(CallId(str(placed["id"])))
    remote.world.run()
    states = [part(news, "call")["state"] for news in remote.heard("call_changed")]
    assert states == ["outgoing", "ringing"]


def test_a_command_that_the_engine_refuses_is_answered_with_its_reason(remote: Remote) -> None:
    remote.ring()
    remote.ask(ask.AnswerCall())
    remote.world.phone.calls.clear()
    answers = remote.begin(ask.Hold())
    remote.world.post(CommandRefused("HoldCall", RefusalReason.FAILED, CallId("in-1"), "488"))
    remote.world.run()
    assert [reason(answer) for answer in answers] == [("refused", "488")]


def test_rejecting_says_how(remote: Remote) -> None:
    for how, code in ((ask.RejectHow.BUSY, 486), (ask.RejectHow.DECLINE, 603)):
        ringing = remote.ring(f"in-{code}")
        assert part(remote.ask(ask.RejectCall(how=how)), "call")["state"] == "terminated"
        assert (ringing, code) in remote.world.phone.sent("reject")
    remote.ring("in-3")
    assert part(remote.ask(ask.RejectCall(how=ask.RejectHow.IGNORE)), "call")["silenced"] is True


def test_several_calls_are_told_apart_by_the_beginning_of_their_id(remote: Remote) -> None:
    remote.ring("aa-1")
    remote.ring("ab-2")
    assert reason(remote.ask(ask.AnswerCall(call="a")))[0] == "refused"
    assert part(remote.ask(ask.AnswerCall(call="ab")), "call")["id"] == "ab-2"
    assert part(remote.ask(ask.AnswerCall()), "call")["id"] == "aa-1"
    assert part(remote.ask(ask.Resume()), "call")["id"] == "ab-2"


def test_calls_are_transferred_blind_and_attended(remote: Remote) -> None:
    remote.ring("in-1")
    remote.ask(ask.AnswerCall())
    assert part(remote.ask(ask.Transfer(target="7002")), "call")["transfer_code"] == 200
    remote.ring("in-2")
    remote.ask(ask.AnswerCall())
    placed = part(remote.ask(ask.PlaceCall(number="7002")), "call")
    remote.world.phone.establish(CallId(str(placed["id"])))
    remote.world.run()
    remote.ask(ask.Transfer(to_call=str(placed["id"])))
    assert remote.world.phone.sent("transfer_to_call") == [("in-2", placed["id"])]


def test_the_agents_state_is_chosen_and_a_choice_in_a_call_is_queued(remote: Remote) -> None:
    assert part(remote.ask(ask.BeReady()), "agent")["state"] == "ready"
    chosen = part(remote.ask(ask.BeNotReady(reason="lunch")), "agent")
    assert (chosen["state"], chosen["reason"], chosen["queued"]) == ("not_ready", "lunch", False)
    remote.ring()
    remote.ask(ask.AnswerCall())
    queued = part(remote.ask(ask.BeReady()), "agent")
    assert (queued["state"], queued["next"], queued["queued"]) == ("on_call", "ready", True)


def test_every_change_is_told_with_both_times_in_the_order_of_events(remote: Remote) -> None:
    remote.ring()
    remote.world.clock.advance(1.5)
    remote.ask(ask.AnswerCall())
    names = [news["event"] for news in remote.news]
    for earlier, later in (("call_arrived", "call_changed"), ("registration_changed", "call_arrived")):
        assert names.index(earlier) < names.index(later)
    times = [(news["at"], news["monotonic_ms"]) for news in remote.news]
    assert times == sorted(times)
    assert remote.news[-1]["at"] == "2026-03-02T09:00:01.500Z"
    assert remote.heard("customer_changed")
    assert remote.heard("agent_changed")


def test_who_begins_to_listen_gets_the_whole_status_first(remote: Remote) -> None:
    first = remote.ask(ask.Events())
    assert (first["event"], first["ok"]) == ("listening", True)
    assert part(first, "status")["pid"]


def test_a_link_is_handed_to_the_window_and_never_dialled_by_itself(remote: Remote) -> None:
    assert remote.ask(ask.OpenLink(link="tel:+4930123456"))["ok"] is True
    assert remote.shown == ["tel:+4930123456"]
    assert remote.world.phone.sent("place_call") == []


def test_quitting_is_answered_before_it_happens(remote: Remote) -> None:
    assert remote.ask(ask.Quit())["ok"] is True
    assert remote.quits == []
    remote.world.clock.advance(0.0)
    assert remote.quits == ["quit"]


def test_an_account_is_added_with_its_password_in_the_key_store_and_removed_again(remote: Remote) -> None:
    request = ask.AddAccount(account="second", server="pbx.test", user="7002", password="secret")
    assert "secret" not in repr(request)
    assert remote.ask(request)["ok"] is True
    assert remote.world.secrets["account/second"] == "secret"
    assert [a.id for a in remote.world.file.saved.accounts] == ["work", "second"]
    remote.ask(ask.RemoveAccount(account="second"))
    assert "account/second" not in remote.world.secrets
    bad = ask.AddAccount(account="x", server="pbx.test", user="1", password="p", transport="pigeon")
    assert reason(remote.ask(bad))[0] == "bad_input"


def test_history_shows_how_outcomes_stand(remote: Remote) -> None:
    remote.ring()
    remote.ask(ask.AnswerCall())
    remote.ask(ask.HangUp())
    remote.world.crm.fail_deliveries(CrmTrouble.UNREACHABLE)
    remote.ask(ask.WrapUp(code="solved", note="n"))
    history = remote.ask(ask.History())["history"]
    assert isinstance(history, list)
    assert (history[0]["call"], history[0]["code"], history[0]["status"]) == ("in-1", "solved", "saved")
