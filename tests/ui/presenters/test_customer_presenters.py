"""What the customer's card, its forms and the CRM settings say."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from softphone.domain.crm_work import (
    CheckedRequest,
    CheckName,
    CheckOddity,
    CheckStep,
    CheckVerdict,
    CrmDescription,
    SignInNews,
    SignInStep,
)
from softphone.domain.customer import CrmTrouble, Customer, Lookup, LookupState
from softphone.domain.customer_cache import CustomerSettings
from softphone.domain.customer_work import Creation, Edit, EditState, NewCustomerEntry, Search
from softphone.domain.ids import CustomerId
from softphone.domain.pop import NotAsked
from softphone.domain.settings import CrmAuth
from softphone.ui.presenters.crm_page import kept_words, present_check, present_sign_in
from softphone.ui.presenters.customer import match_line, present_customer
from softphone.ui.presenters.customer_work import (
    CardWork,
    Panel,
    edit_line,
    present_new,
    present_search,
)
from softphone.ui.presenters.wording import Wording
from softphone.ui.theme.tokens import Tone
from softphone.usecases.customers.connecting_crms import Check
from tests.fakes.world import MARIA

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ALL = CardWork(can_search=True, can_create=True, can_edit=True)


@pytest.mark.parametrize(
    ("reason", "headline", "look_up", "create"),
    [
        (NotAsked.NO_CRM, "No customer record", False, False),
        (NotAsked.ANONYMOUS, "The caller hides the number", False, True),
        (NotAsked.INTERNAL, "Internal call", True, True),
        (NotAsked.ON_REQUEST, "Not looked up", True, True),
        (NotAsked.UNTIL_ANSWERED, "The customer appears when the call is answered", False, False),
    ],
)
def test_the_card_says_why_nobody_was_looked_up_and_offers_what_helps(
    wording: Wording, reason: NotAsked, headline: str, look_up: bool, create: bool
) -> None:
    view = present_customer(wording, Lookup.silent(reason), START, ALL)
    assert (view.headline, view.can_look_up, view.can_create) == (headline, look_up, create)
    assert view.can_search is (reason is not NotAsked.UNTIL_ANSWERED)


@pytest.mark.parametrize(
    ("age", "words"),
    [
        (timedelta(seconds=20), "a moment ago"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(hours=5, minutes=59), "5 hours ago"),
        (timedelta(days=2), "2 days ago"),
    ],
)
def test_a_kept_card_tells_its_age(wording: Wording, age: timedelta, words: str) -> None:
    kept = Lookup.kept((MARIA,), START - age)
    assert present_customer(wording, kept, START).age == f"As of {words}; the CRM is being asked …"
    down = kept.stands_in_for(Lookup.failed(CrmTrouble.UNREACHABLE))
    view = present_customer(wording, down, START)
    assert view.age == f"As of {words}. The CRM cannot be reached."
    assert (view.age_tone, view.can_ask_again) == (Tone.WARNING, True)


def test_a_fresh_card_tells_no_age(wording: Wording) -> None:
    assert present_customer(wording, Lookup.found((MARIA,)), START).age == ""


def test_the_ringing_card_says_that_the_caller_hides(wording: Wording) -> None:
    assert match_line(wording, Lookup.silent(NotAsked.ANONYMOUS))[2] == "The caller hides the number"
    assert match_line(wording, Lookup.silent(NotAsked.INTERNAL))[2] == ""


def test_a_customer_who_must_not_be_called_carries_a_warning(wording: Wording) -> None:
    view = present_customer(wording, Lookup.found((replace(MARIA, do_not_call=True),)), START)
    assert view.warning == "This customer asked not to be called."


def test_a_known_customer_can_be_corrected_but_not_made_again(wording: Wording) -> None:
    view = present_customer(wording, Lookup.found((MARIA,)), START, ALL)
    assert (view.can_edit, view.can_create, view.can_search) == (True, False, True)


@pytest.mark.parametrize(
    ("lookup", "status"),
    [
        (Lookup(LookupState.ASKING), "Searching …"),
        (Lookup.found(()), "Nobody found."),
        (Lookup.found((MARIA,)), "1 customer found"),
        (Lookup.found(tuple(Customer(CustomerId(str(n)), "M") for n in range(20))), "These are not all."),
        (Lookup.failed(CrmTrouble.TIMEOUT), "The CRM did not answer in time."),
        (Lookup(), ""),
    ],
)
def test_a_search_says_how_it_went(wording: Wording, lookup: Lookup, status: str) -> None:
    view = present_search(wording, replace(ALL, search=Search("m", lookup)))
    assert view.status.startswith(status) if status else view.status == ""
    assert view.can_create is (lookup.state is LookupState.NONE)


def test_the_form_of_a_new_customer_marks_what_the_crm_needs(wording: Wording) -> None:
    creation = Creation(
        NewCustomerEntry("H WHITCOMBE", number="+44 1"), trouble=CrmTrouble.REFUSED, detail="no"
    )
    work = replace(ALL, panel=Panel.NEW, required=("last_name", "email"), typed=(("email", "x"),))
    view = present_new(wording, work, creation)
    assert [row.name for row in view.rows if row.required] == ["name", "email"]
    assert [row.value for row in view.rows] == ["H WHITCOMBE", "", "x", "+44 1"]
    assert view.status == "The CRM refused the entry. no. What you typed is still here."
    anonymous = present_new(wording, work, Creation(NewCustomerEntry()))
    assert [row.name for row in anonymous.rows] == ["name", "company", "email"]


@pytest.mark.parametrize(
    ("edit", "tone", "words"),
    [
        (Edit(), Tone.NEUTRAL, ""),
        (Edit(EditState.SAVING), Tone.NEUTRAL, "Your change is being saved …"),
        (
            Edit(EditState.KEPT, trouble=CrmTrouble.TIMEOUT),
            Tone.NEUTRAL,
            "Your change is saved here; the CRM gets it later. The CRM did not answer in time.",
        ),
        (Edit(EditState.DELIVERED), Tone.GOOD, "Your change is in the CRM."),
        (Edit(EditState.REFUSED, detail="Bad city"), Tone.DANGER, "The CRM refused your change. Bad city."),
    ],
)
def test_a_change_says_how_far_it_has_come(wording: Wording, edit: Edit, tone: Tone, words: str) -> None:
    assert edit_line(wording, edit) == (tone, words)


def test_a_check_shows_each_step_with_what_went_over_the_network(wording: Wording) -> None:
    request = CheckedRequest("GET", "https://crm.test/c", (("X-Key", "•••"),), "", 200, "json", "{}", 12.4)
    steps = (
        CheckStep(CheckName.FIND, CheckVerdict.OK, 48, mapped=(("Name", "María"),), requests=(request,)),
        CheckStep(CheckName.SEARCH, CheckVerdict.WARNING, oddity=CheckOddity.NOT_FOUND_BY_TEXT),
        CheckStep(CheckName.CODES, CheckVerdict.FAILED, trouble=CrmTrouble.NOT_FOUND, detail="404"),
    )
    running = present_check(wording, Check(steps))
    assert (running.running, running.summary) == (True, "Checking …")
    view = present_check(wording, Check(steps, usable=True))
    assert [row.tone for row in view.rows] == [Tone.GOOD, Tone.WARNING, Tone.DANGER]
    assert view.rows[0].title == "Finding a customer by number · works · 48 ms"
    assert view.rows[0].exchange == "> GET https://crm.test/c\n> X-Key: •••\n< 200 json (12 ms)\n{}"
    assert view.rows[1].detail == "The customer is not found by name."
    assert view.rows[2].detail == "The CRM does not know this record. 404"
    assert present_check(wording, Check(steps, usable=False)).tone is Tone.DANGER
    assert present_check(wording, None).rows == ()


@pytest.mark.parametrize(
    ("auth", "asks_secret", "by_browser"),
    [(CrmAuth.BEARER, True, False), (CrmAuth.OAUTH, False, True), (CrmAuth.NONE, False, False)],
)
def test_signing_in_asks_for_what_the_crm_wants(
    wording: Wording, auth: CrmAuth, asks_secret: bool, by_browser: bool
) -> None:
    view = present_sign_in(wording, CrmDescription("crm", auth=auth), None, wanted=False)
    assert (view.asks_secret, view.by_browser, view.status) == (asks_secret, by_browser, "")


def test_a_sign_in_tells_its_steps(wording: Wording) -> None:
    described = CrmDescription("crm", auth=CrmAuth.DEVICE)

    def words(news: SignInNews, wanted: bool = False) -> str:
        return present_sign_in(wording, described, news, wanted).status

    assert words(SignInNews("crm", SignInStep.DONE, agent="Kim")) == "Signed in as Kim."
    failed = SignInNews("crm", SignInStep.FAILED, trouble=CrmTrouble.CREDENTIALS, detail="denied")
    assert words(failed) == "Signing in did not work. The CRM does not accept our sign-in. denied"
    code = SignInNews("crm", SignInStep.TYPE_CODE, "https://crm.test/d", "AB-CD")
    view = present_sign_in(wording, described, code, wanted=True)
    assert (view.waiting, view.link, view.code) == (True, "https://crm.test/d", "\u2066AB-CD\u2069")
    assert words(SignInNews("crm", SignInStep.DONE), wanted=True).endswith("Sign in again.")


def test_what_is_kept_of_customers_is_told(wording: Wording) -> None:
    settings = CustomerSettings(keep_days=1)
    assert kept_words(wording, settings, 1) == "The cards of 1 caller are kept here, encrypted, for 1 day."
    assert kept_words(wording, settings, None) == "Cards are kept here, encrypted, for 1 day."
    assert kept_words(wording, CustomerSettings(keep_days=0), 0) == "No customers are kept on this computer."
