"""What the parts of the window say about line, agent, calls and customers, tested without a window."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from softphone.domain.account import Account, Registration, RegistrationState, RegistrationTrouble
from softphone.domain.address import PhoneNumber
from softphone.domain.agent_state import AgentState, AgentStatus
from softphone.domain.audio import (
    AudioState,
    MediaQuality,
)
from softphone.domain.call import (
    CallState,
    Direction,
    EndCause,
    Invitation,
    MediaFacts,
    Party,
)
from softphone.domain.customer import Contact, CrmTrouble, Customer, Lookup, LookupState
from softphone.domain.events import LineWarned
from softphone.domain.ids import AccountId, CustomerId
from softphone.domain.keeping_events import StoreOpened
from softphone.domain.line_quality import LineFault
from softphone.domain.settings import NotReadyReason
from softphone.ui.formats import PlainFormats
from softphone.ui.presenters.agent import present_agent
from softphone.ui.presenters.customer import match_line, present_customer
from softphone.ui.presenters.notices import NoticeKind, present_notices
from softphone.ui.presenters.registration import present_registration
from softphone.ui.presenters.stage import (
    CallFacts,
    present_ended,
    present_idle,
    present_ringing,
    present_talking,
)
from softphone.ui.presenters.wording import Wording
from softphone.ui.theme.tokens import Tone
from softphone.ui.words import Words
from tests.fakes.world import ACCOUNT, INSURER, MARIA
from tests.ui.presenters.presented import CALL, NOW, NUMBER, TALKING, facts


def registration(
    state: RegistrationState, trouble: RegistrationTrouble = RegistrationTrouble.NONE, **more: float
) -> Registration:
    return replace(Registration(ACCOUNT.id, state, trouble), **more)  # type: ignore[arg-type]  # by name


# --- registration ---


def test_a_registered_phone_says_as_whom(wording: Wording) -> None:
    view = present_registration(wording, (ACCOUNT,), (registration(RegistrationState.REGISTERED),))
    assert (view.text, view.tone, view.action) == ("Registered as 7001", Tone.GOOD, "")


def test_a_silent_server_is_told_with_the_plan_and_the_advice(wording: Wording) -> None:
    waiting = registration(
        RegistrationState.WAITING, RegistrationTrouble.NO_ANSWER, retry_in_s=12.0, sip_code=408
    )
    view = present_registration(wording, (ACCOUNT,), (waiting,), waited_s=4.0)
    assert view.text == "The telephone system does not answer. (408) Next attempt in 8 seconds."
    assert view.advice == "Check the internet connection and the VPN."
    assert view.action == "Try now"


def test_a_server_that_is_perhaps_starting_is_asked_again_by_itself(wording: Wording) -> None:
    unknown = registration(
        RegistrationState.WAITING, RegistrationTrouble.UNKNOWN_USER, retry_in_s=20.0, sip_code=404
    )
    view = present_registration(wording, (ACCOUNT,), (unknown,), waited_s=5.0)
    assert view.text == "The telephone system does not know this user. (404) Next attempt in 15 seconds."
    assert view.advice == "It may just be starting. Check the user name under Settings, or ask your IT."
    assert (view.tone, view.action) == (Tone.WARNING, "Try now")


def test_a_wrong_password_says_that_the_agent_must_act(wording: Wording) -> None:
    refused = registration(RegistrationState.REFUSED, RegistrationTrouble.WRONG_CREDENTIALS)
    view = present_registration(wording, (ACCOUNT,), (refused,))
    assert view.tone is Tone.DANGER
    assert "Next attempt" not in view.text
    assert view.advice == "Check user and password under Settings."


def test_the_worst_of_several_accounts_is_shown(wording: Wording) -> None:
    other = Account(AccountId("b"), "pbx.b", "9")
    good = registration(RegistrationState.REGISTERED)
    bad = Registration(other.id, RegistrationState.REFUSED, RegistrationTrouble.FORBIDDEN)
    assert present_registration(wording, (ACCOUNT, other), (good, bad)).tone is Tone.DANGER


# --- the agent ---


def test_a_choice_during_a_call_is_shown_as_what_comes_next(wording: Wording) -> None:
    status = AgentStatus(AgentState.ON_CALL, AgentState.NOT_READY, "lunch", registered=True)
    view = present_agent(wording, status, NOW, (NotReadyReason("lunch"),), NOW + timedelta(seconds=75))
    assert (view.label, view.detail, view.timer) == ("On a call", "then: Lunch", "1:15")


def test_the_menu_offers_ready_and_every_reason(wording: Wording) -> None:
    status = AgentStatus(AgentState.NOT_READY, AgentState.NOT_READY, "break", registered=True)
    view = present_agent(wording, status, NOW, (NotReadyReason("break"), NotReadyReason("Zahnarzt")), NOW)
    assert [c.label for c in view.choices] == ["Ready", "Break", "Zahnarzt"]
    assert [c.chosen for c in view.choices] == [False, True, False]


# --- the stage ---


def test_the_ringing_card_says_the_company_first(wording: Wording) -> None:
    view = present_ringing(wording, facts(lookup=Lookup(LookupState.ASKING)))
    assert view.heading.company == "Storm Insurance"
    assert view.heading.queue == "claims"
    assert (view.heading.name, view.heading.number) == ("M. Schaefer", "+49 30 12345678")
    assert view.greeting == "Storm Insurance, good morning"
    assert view.match == "Looking up the caller …"


def test_the_name_of_the_crm_beats_that_of_the_caller(wording: Wording) -> None:
    view = present_ringing(wording, facts(lookup=Lookup.found((MARIA,))))
    assert view.heading.name == "María Schäfer"
    assert view.match == "Bäckerei"


def test_an_anonymous_caller_is_named_so(wording: Wording) -> None:
    anonymous = replace(CALL, party=Party(anonymous=True))
    view = present_ringing(wording, CallFacts(anonymous, PhoneNumber(""), INSURER, Lookup()))
    assert (view.heading.name, view.heading.number) == ("Anonymous caller", "")


def test_a_call_without_campaign_says_which_number_was_called(wording: Wording) -> None:
    call = replace(CALL, invitation=Invitation(dnis="7001"))
    view = present_ringing(wording, CallFacts(call, NUMBER, None, Lookup()))
    assert view.heading.company == "Call to 7001"


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({}, "Connected"),
        ({"muted": True}, "Muted: the other side cannot hear you"),
        ({"local_hold": True, "muted": True}, "On hold: neither of you hears the other"),
        ({"remote_hold": True}, "The other side has put you on hold"),
        ({"transfer_code": 100}, "Transferring …"),
        ({"ending": True}, "Hanging up …"),
    ],
)
def test_the_call_card_says_its_state_in_words(wording: Wording, change: dict[str, bool], text: str) -> None:
    call = replace(TALKING, **change)  # type: ignore[arg-type]  # fields by name
    assert present_talking(wording, facts(call), NOW).state == text


def test_line_quality_is_told_in_words_and_by_direction(wording: Wording) -> None:
    def sign(mos: float, rx: float = 0.0, tx: float = 0.0) -> str:
        quality = MediaQuality(CALL.id, rx_loss_percent=rx, tx_loss_percent=tx, mos=mos)
        return present_talking(wording, facts(TALKING, quality=quality), NOW).signs[0].text

    assert sign(4.3) == "Line is good"
    assert sign(3.5) == "Line is fair"
    assert sign(2.5, rx=8) == "Line is bad: you hear gaps"
    assert sign(2.5, tx=8) == "Line is bad: they hear gaps"


@pytest.mark.parametrize("fault", [fault for fault in LineFault if fault is not LineFault.NONE])
def test_a_bad_line_says_what_is_wrong_where_and_what_to_do(wording: Wording, fault: LineFault) -> None:
    notices = present_notices(
        wording,
        engine_lost=False,
        engine_restarts=False,
        store=StoreOpened(),
        audio=AudioState(),
        line=LineWarned(CALL.id, fault, 7.6, 520.0),
    )
    assert [n.kind for n in notices] == [NoticeKind.LINE]
    assert notices[0].advice
    if fault is LineFault.NETWORK_IN:
        assert notices[0].text == "Your network loses 8 % of the other side's sound."


def test_encryption_is_shown_honestly(wording: Wording) -> None:
    open_, secret = TALKING, replace(TALKING, media=MediaFacts("PCMA", 8_000, True, "TLSv1.3"))
    assert present_talking(wording, facts(open_), NOW).signs[-1].text == "Not encrypted"
    assert present_talking(wording, facts(secret), NOW).signs[-1].text == "Encrypted (TLS 1.3, SRTP)"


def test_a_dialled_call_has_no_tools_before_it_is_answered(wording: Wording) -> None:
    dialling = replace(CALL, direction=Direction.OUTBOUND, state=CallState.OUTGOING)
    view = present_talking(wording, facts(dialling), NOW)
    assert (view.established, view.keypad, view.timer) == (False, False, "")
    early = present_talking(wording, facts(replace(dialling, state=CallState.EARLY)), NOW)
    assert early.keypad


def test_a_failed_call_says_why_with_the_code_beside_it(wording: Wording) -> None:
    call = replace(CALL, state=CallState.TERMINATED, end_cause=EndCause.BUSY, sip_code=486)
    view = present_ended(wording, facts(call), wrap_up_open=False)
    assert (view.text, view.detail, view.tone) == ("The line is busy", "Code 486", Tone.WARNING)
    assert view.call_again == "+493012345678"


def test_it_is_said_who_hung_up(wording: Wording) -> None:
    ended = replace(
        TALKING,
        state=CallState.TERMINATED,
        end_cause=EndCause.NORMAL,
        ended_at=NOW + timedelta(seconds=192),
    )
    assert present_ended(wording, facts(ended), True).text == "The other side hung up"
    assert present_ended(wording, facts(ended), True).detail == "3:12 talked"
    assert present_ended(wording, facts(replace(ended, ended_by_us=True)), True).text == "You hung up"


def test_ready_is_offered_only_where_it_can_be_chosen(wording: Wording) -> None:
    away = AgentStatus(AgentState.NOT_READY, AgentState.NOT_READY, "missed_offer", registered=True)
    assert present_idle(wording, away).offer_ready
    assert present_idle(wording, away).headline == "You are not ready · Missed call"
    assert not present_idle(wording, AgentStatus()).offer_ready


# --- the customer ---


def test_the_card_has_everything_that_can_be_copied(wording: Wording) -> None:
    customer = Customer(
        CustomerId("7"),
        "Ana",
        "Acme",
        ("+49 30 1",),
        "ana@acme.test",
        ("VIP",),
        ("Broken window",),
        (Contact("yesterday", "Asked for a quote", "Sent"),),
        (("Policy", "P-1"),),
        "https://crm.test/7",
    )
    view = present_customer(wording, Lookup.found((customer,)))
    assert [(f.label, f.copy) for f in view.facts] == [
        ("Phone", "+49 30 1"),
        ("E-mail", "ana@acme.test"),
        ("Policy", "P-1"),
    ]
    assert view.contacts[0].value == "Asked for a quote · Sent"
    assert view.can_open


@pytest.mark.parametrize(
    ("lookup", "headline", "again"),
    [
        (Lookup(LookupState.ASKING), "Looking up the caller …", False),
        (Lookup(LookupState.LATE), "The CRM is slow", False),
        (Lookup(LookupState.NONE), "Not in the CRM", False),
        (Lookup(LookupState.NOT_ASKED), "No customer record", False),
        (Lookup.failed(CrmTrouble.UNREACHABLE), "The CRM cannot be reached.", True),
        (Lookup.failed(CrmTrouble.NOT_CONFIGURED), "No CRM is set up for this company.", False),
    ],
)
def test_every_answer_of_the_crm_is_told_in_words(
    wording: Wording, lookup: Lookup, headline: str, again: bool
) -> None:
    view = present_customer(wording, lookup)
    assert (view.headline, view.can_ask_again) == (headline, again)


def test_several_matches_are_offered_and_the_choice_can_be_changed(wording: Wording) -> None:
    other = Customer(CustomerId("c2"), "Mario", "Garage")
    several = Lookup.found((MARIA, other))
    view = present_customer(wording, several)
    assert view.headline == "2 customers have this number"
    assert [c.name for c in view.choices] == ["María Schäfer", "Mario"]
    chosen = present_customer(wording, replace(several, chosen=other))
    assert (chosen.headline, len(chosen.choices)) == ("Mario", 2)


def test_what_tells_customers_apart_is_read_from_right_to_left_in_hebrew() -> None:
    words = Words("he")
    several = Lookup.found((MARIA, Customer(CustomerId("c2"), "Mario", "Garage", email="m@garage.test")))
    view = present_customer(Wording(words, PlainFormats()), several)
    assert view.choices[1].detail == words.join(("Garage", "m@garage.test"))
    assert view.choices[1].detail.startswith("\u200f")


def test_the_ringing_card_counts_open_cases(wording: Wording) -> None:
    customer = replace(MARIA, open_cases=("a", "b"), tags=("Gold",))
    assert match_line(wording, Lookup.found((customer,)))[2] == "2 open cases · Gold · Bäckerei"
