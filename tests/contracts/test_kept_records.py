"""What stores keep beside the outcomes: closed records, promises to call back, codes, exports."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from softphone.domain.campaign import CampaignCodes, Disposition
from softphone.domain.customer import CrmTrouble
from softphone.domain.delivery import DeliveryKind, DeliveryState
from softphone.domain.ids import CampaignId, DeliveryId
from softphone.domain.keeping_events import (
    CallbacksLoaded,
    CodesKept,
    DraftSaved,
    HistoryLoaded,
    RecordsExported,
    RecordsPurged,
    WrapUpSaved,
    WrittenOff,
)
from softphone.domain.line_quality import LineFault, LineSummary
from softphone.domain.wrap_up import RecordsShown, RecordStatus
from tests.contracts.records_world import NOON, Desk, conclude, due, history, only, opened_desk, save
from tests.store.samples import START, call_id, delivery, draft, ended, tried, wrap_up


@pytest.fixture(params=["fake", "real"])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    yield from opened_desk(request.param, tmp_path)


def refused(desk: Desk, number: int = 1) -> DeliveryId:
    """A saved record that the CRM has refused."""
    entry = save(desk, number, f"crm-{number}")
    due(desk)
    conclude(desk, tried(entry, CrmTrouble.REFUSED, "unknown field"), DeliveryState.REFUSED)
    return entry.id


# --- closing what cannot be delivered ---


def test_a_refused_record_is_closed_with_its_reason_and_never_sent_again(desk: Desk) -> None:
    entry_id = refused(desk)
    desk.records.write_off(entry_id, "entered by hand")
    assert desk.heard.next(WrittenOff) == WrittenOff(entry_id, True)
    desk.restart()
    entry = only(history(desk))
    assert (entry.status, entry.last_error) == (RecordStatus.WRITTEN_OFF, "entered by hand")
    assert history(desk).refused == 0
    desk.records.retry_delivery(entry_id, NOON)
    assert due(desk).deliveries == ()


def test_a_record_that_was_never_tried_is_not_closed(desk: Desk) -> None:
    entry = save(desk, 1)
    desk.records.write_off(entry.id, "impatience")
    assert desk.heard.next(WrittenOff) == WrittenOff(entry.id, False)
    assert due(desk).deliveries == (entry,)


def test_a_record_that_keeps_failing_is_closed_and_a_late_failure_changes_nothing(desk: Desk) -> None:
    entry = save(desk, 1)
    due(desk)
    once = tried(entry, CrmTrouble.SERVER_ERROR)
    conclude(desk, once, DeliveryState.WAITING, NOON)
    due(desk)
    desk.records.write_off(entry.id, "the CRM is gone")
    assert desk.heard.next(WrittenOff).done
    conclude(desk, tried(once, CrmTrouble.SERVER_ERROR), DeliveryState.WAITING, NOON)
    assert only(history(desk)).status is RecordStatus.WRITTEN_OFF
    assert due(desk).deliveries == ()


def test_an_attempt_under_way_that_succeeds_counts_although_the_record_was_closed(desk: Desk) -> None:
    entry = save(desk, 1)
    due(desk)
    once = tried(entry)
    conclude(desk, once, DeliveryState.WAITING, NOON)
    due(desk)
    desk.records.write_off(entry.id, "the CRM is gone")
    conclude(desk, tried(once, CrmTrouble.NONE), DeliveryState.DELIVERED, remote_id="r1")
    assert only(history(desk)).status is RecordStatus.DELIVERED


def test_a_closed_record_is_purged_as_settled(desk: Desk) -> None:
    desk.records.write_off(refused(desk), "entered by hand")
    desk.records.finish_callback(call_id(1), NOON)
    desk.records.purge(NOON)
    assert desk.heard.next(RecordsPurged) == RecordsPurged(1)


# --- corrections that are given up ---


def test_a_correction_given_up_leaves_what_was_sent(desk: Desk) -> None:
    entry_id = refused(desk)
    desk.records.save_draft(replace(draft(1), notes="half a correc", code="other"))
    desk.heard.next(DraftSaved)
    desk.records.abandon_correction(entry_id)
    assert desk.heard.next(DraftSaved).call_id == call_id(1)
    kept = only(history(desk)).draft
    assert (kept.notes, kept.code) == ("Water in the cellar", "solved")


def test_what_is_sent_again_is_shown_as_it_was_sent(desk: Desk) -> None:
    entry_id = refused(desk)
    desk.records.save_draft(replace(draft(1), notes="half a correc"))
    desk.heard.next(DraftSaved)
    desk.records.retry_delivery(entry_id, NOON)
    assert only(history(desk)).draft.notes == "Water in the cellar"
    assert due(desk).deliveries[0].log.notes == "Water in the cellar"


# --- the list by state ---


def test_the_list_shows_the_part_that_is_wanted(desk: Desk) -> None:
    refused(desk, 1)
    save(desk, 2, "b")
    desk.records.record_call(ended(3), RecordStatus.OPEN)
    sent = save(desk, 4, "c")
    due(desk)
    conclude(desk, tried(sent, CrmTrouble.NONE), DeliveryState.DELIVERED)

    def shown(part: RecordsShown, search: str = "") -> list[str]:
        desk.records.load_history(50, search, part)
        return [entry.record.call.id for entry in desk.heard.next(HistoryLoaded).entries]

    assert shown(RecordsShown.REFUSED) == ["call-1"]
    assert shown(RecordsShown.WAITING) == ["call-2"]
    assert shown(RecordsShown.OPEN) == ["call-3"]
    assert shown(RecordsShown.SENT) == ["call-4"]
    assert shown(RecordsShown.CLOSED) == []
    assert shown(RecordsShown.ALL) == ["call-4", "call-3", "call-2", "call-1"]
    assert shown(RecordsShown.SENT, "0000004") == ["call-4"]
    assert shown(RecordsShown.SENT, "0000002") == []


# --- promises to call back ---


def test_a_promise_to_call_back_is_kept_until_it_is_done(desk: Desk) -> None:
    save(desk, 1)
    desk.restart()
    desk.records.load_callbacks()
    (promise,) = desk.heard.next(CallbacksLoaded).callbacks
    assert (promise.call_id, promise.at, promise.number) == (call_id(1), START + timedelta(days=1), "+49301")
    assert (promise.customer_name, promise.notes) == ("Weiß, Jürgen", "Water in the cellar")
    assert (promise.campaign_id, promise.campaign_name) == (CampaignId("insurer"), "Storm Insurance")
    desk.records.finish_callback(call_id(1), NOON)
    assert desk.heard.next(CallbacksLoaded).callbacks == ()


def test_without_another_number_the_callers_own_is_called_back(desk: Desk) -> None:
    own = replace(wrap_up(1), draft=replace(draft(1), callback_number=""))
    desk.records.save_wrap_up(own, None)
    desk.heard.next(WrapUpSaved)
    desk.records.load_callbacks()
    assert desk.heard.next(CallbacksLoaded).callbacks[0].number == own.record.number


def test_the_earliest_promise_comes_first(desk: Desk) -> None:
    for number, hours in ((1, 5), (2, 3), (3, 4)):
        plan = replace(draft(number), callback_at=START + timedelta(hours=hours))
        desk.records.save_wrap_up(replace(wrap_up(number), draft=plan), None)
    desk.records.load_callbacks()
    order = [promise.call_id for promise in desk.heard.next(CallbacksLoaded).callbacks]
    assert order == [call_id(2), call_id(3), call_id(1)]


def test_a_correction_moves_the_promise(desk: Desk) -> None:
    entry_id = refused(desk)
    later = START + timedelta(days=3)
    better = replace(wrap_up(1), draft=replace(draft(1), callback_at=later))
    log = replace(delivery(1).log, callback_at=later)
    desk.records.correct_wrap_up(better, entry_id, log, NOON)
    desk.heard.next(WrapUpSaved)
    desk.records.load_callbacks()
    assert [promise.at for promise in desk.heard.next(CallbacksLoaded).callbacks] == [later]


def test_a_call_is_not_purged_before_the_day_that_was_promised(desk: Desk) -> None:
    desk.records.save_wrap_up(wrap_up(1), None)
    desk.records.purge(START + timedelta(hours=1))
    assert desk.heard.next(RecordsPurged) == RecordsPurged(0)
    desk.records.purge(START + timedelta(days=1, seconds=1))
    assert desk.heard.next(RecordsPurged) == RecordsPurged(1)
    desk.records.load_callbacks()
    assert desk.heard.next(CallbacksLoaded).callbacks == ()


# --- codes and export ---


def test_the_last_codes_of_each_campaign_are_kept(desk: Desk) -> None:
    solved = Disposition("solved", "Solved", needs_note=True)
    tree = (Disposition("more", "More", children=(solved,)),)
    desk.records.keep_codes(CampaignCodes(CampaignId("b"), (solved,), START))
    desk.records.keep_codes(CampaignCodes(CampaignId("a"), (), START))
    desk.records.keep_codes(CampaignCodes(CampaignId("a"), tree, NOON))
    desk.restart()
    desk.records.load_codes()
    assert desk.heard.next(CodesKept).codes == (
        CampaignCodes(CampaignId("a"), tree, NOON),
        CampaignCodes(CampaignId("b"), (solved,), START),
    )


def test_an_export_tells_how_each_record_stands_and_nothing_of_its_customer(desk: Desk) -> None:
    refused(desk, 1)
    desk.records.record_call(ended(2), RecordStatus.OPEN)
    desk.records.export()
    rows = [dict(row) for row in desk.heard.next(RecordsExported).rows]
    assert [(row["call"], row["status"]) for row in rows] == [("call-1", "refused"), ("call-2", "open")]
    told = repr(rows)
    for secret in ("Weiß", "cellar", ended(1).number, "+49301", "unknown field", "c1'"):
        assert secret not in told


def test_an_export_tells_how_the_line_of_each_call_was(desk: Desk) -> None:
    line = LineSummary(
        12, "G722", 3.85, 3.1, 2.4, 0.5, 11.0, 7.5, 48.0, LineFault.NETWORK_IN, fault_intervals=3
    )
    desk.records.record_call(replace(ended(1), line=line), RecordStatus.OPEN)
    desk.records.record_call(ended(2), RecordStatus.OPEN)
    desk.records.export()
    good, unmeasured = [dict(row) for row in desk.heard.next(RecordsExported).rows]
    assert {name: good[name] for name in ("mos", "worst_mos", "rx_loss_percent", "tx_loss_percent")} == {
        "mos": "3.85",
        "worst_mos": "3.1",
        "rx_loss_percent": "2.4",
        "tx_loss_percent": "0.5",
    }
    assert (good["rx_jitter_ms"], good["tx_jitter_ms"], good["round_trip_ms"]) == ("11.0", "7.5", "48.0")
    assert (good["line_codec"], good["line_fault"]) == ("G722", "network_in")
    assert "mos" not in unmeasured


# --- tasks beside the outcome ---


def test_tasks_are_committed_with_the_outcome_and_delivered_after_it(desk: Desk) -> None:
    entry = delivery(1)
    task = replace(entry, id=DeliveryId("task-1"), kind=DeliveryKind.SCHEDULE)
    desk.records.record_call(ended(1), RecordStatus.OPEN)
    desk.records.save_wrap_up(wrap_up(1), entry, (task,))
    assert desk.heard.next(WrapUpSaved).delivery_id == entry.id
    desk.restart()
    assert [d.id for d in due(desk).deliveries] == [entry.id]
    conclude(desk, tried(entry, CrmTrouble.NONE), DeliveryState.DELIVERED)
    (next_one,) = due(desk).deliveries
    assert (next_one.id, next_one.kind) == (task.id, DeliveryKind.SCHEDULE)
    conclude(desk, tried(task, CrmTrouble.REFUSED), DeliveryState.REFUSED)
    assert only(history(desk)).status is RecordStatus.DELIVERED  # the outcome itself has arrived
