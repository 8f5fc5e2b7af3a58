"""Each way in which a CRM fails, on real servers: what the agent sees, and that the telephone does not care.

The real window stands on a real desk (engine, database, HTTP). With SOFTPHONE_PICTURES=DIR in the environment
every case leaves its picture there.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

from softphone.demo.crm_faults import Asked, Fault, html_page, huge_answer
from softphone.demo.customers import CUSTOMERS
from softphone.demo.world import DemoWorld, RemoteCall
from softphone.domain.call import CallState, CallView
from softphone.domain.customer import CrmTrouble, Lookup, LookupState
from softphone.domain.ids import CallId
from softphone.domain.settings import Theme, WindowSettings
from softphone.ui.main import Interface
from softphone.ui.theme.tokens import Size
from tests.crm.plain_server import plain_server
from tests.crm.test_tls import https_server
from tests.e2e.headless import HeadlessDesk
from tests.peers.certificates import Authority

MERIDIAN = (("X-Queue", "meridian-claims"),)
HARRIET = "+442079460018"
SHARED = "+498999998017"
"""Two customers have it."""
MEGABYTE = 1 << 20


class Agent:
    """Somebody at the window, with callers to ring."""

    def __init__(self, world: DemoWorld, seat: HeadlessDesk, interface: Interface, pictures: Path) -> None:
        self.world = world
        self.seat = seat
        self.window = interface.window
        self._pictures = pictures

    @property
    def card(self) -> str:
        """What a screen reader says of the customer's card."""
        return self.window.sheet.customer.accessibleName()

    def rung(self, number: str = HARRIET) -> tuple[RemoteCall, CallId]:
        caller = self.world.ring(number, headers=MERIDIAN)
        return caller, self.seat.ringing().id

    def lookup(self, call_id: CallId) -> Lookup:
        return self.seat.desk.recognising.lookup(call_id)

    def sees(self, call_id: CallId, trouble: CrmTrouble, words: str, picture: str) -> None:
        """The card names this trouble; the call rings on and can be answered."""
        self.seat.until(lambda: self.lookup(call_id).state is LookupState.FAILED, f"the card says {trouble}")
        assert self.lookup(call_id).trouble is trouble
        assert words in self.card
        self.picture(picture)
        self.answers(call_id)

    def answers(self, call_id: CallId) -> None:
        desk = self.seat.desk
        desk.calling.answer(call_id)
        self.seat.until(lambda: self._state(call_id) is CallState.ESTABLISHED, "they talk")

    def use_crm_at(self, base_url: str, timeout_s: float = 10.0) -> None:
        """Another address for the company's CRM, while the desk runs."""
        configuring = self.seat.desk.configuring
        crms = tuple(
            replace(crm, base_url=base_url, timeout_s=timeout_s) for crm in configuring.settings.crms
        )
        configuring.change(replace(configuring.settings, crms=crms))

    def picture(self, name: str) -> None:
        QApplication.processEvents()
        self.window.grab().save(str(self._pictures / f"crm-{name}.png"))

    def call(self, call_id: CallId) -> CallView:
        call = self.seat.desk.calling.call(call_id)
        assert call is not None
        return call

    def _state(self, call_id: CallId) -> CallState:
        return self.call(call_id).state


@pytest.fixture
def agent(world: DemoWorld, at_the_desk: HeadlessDesk, qapp: QApplication, tmp_path: Path) -> Iterator[Agent]:
    configuring = at_the_desk.desk.configuring
    configuring.change(replace(configuring.settings, window=WindowSettings(Theme.LIGHT, "en")))
    interface = Interface(qapp, at_the_desk.desk, lambda action: action(), lambda: None)
    interface.window.resize(Size.PHONE_WIDTH, Size.WINDOW_HEIGHT)
    interface.window.show()
    pictures = Path(os.environ.get("SOFTPHONE_PICTURES", str(tmp_path)))
    yield Agent(world, at_the_desk, interface, pictures)
    interface.close()
    interface.deleteLater()
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def test_a_sign_in_lost_in_mid_shift_is_renewed_without_losing_the_call(agent: Agent) -> None:
    token = agent.world.crm.token
    agent.world.crm.token = "another one from now on"
    _, call_id = agent.rung()
    agent.sees(call_id, CrmTrouble.CREDENTIALS, "does not accept our sign-in", "sign-in-lost")
    connecting = agent.seat.desk.customers.connecting
    agent.seat.until(lambda: connecting.wanting_sign_in, "asked to sign in again")
    assert any("sign in again" in text for text in agent.window.notices.texts)
    agent.window.show_customer()
    agent.picture("sign-in-wanted")
    agent.world.crm.token = token
    connecting.sign_in("demo", token)
    agent.seat.until(lambda: agent.lookup(call_id).chosen is not None, "the card comes by itself")
    assert agent.call(call_id).state is CallState.ESTABLISHED
    assert agent.card.startswith("Harriet Whitcombe")
    assert not any("sign in again" in text for text in agent.window.notices.texts)


def test_a_name_that_cannot_be_found_says_unreachable(agent: Agent) -> None:
    agent.use_crm_at("https://crm.invalid")
    _, call_id = agent.rung()
    agent.sees(call_id, CrmTrouble.UNREACHABLE, "cannot be reached", "no-such-name")


def test_a_slow_crm_is_called_slow_then_given_up_and_never_delays_a_second_call(agent: Agent) -> None:
    agent.use_crm_at(agent.world.crm.base_url, timeout_s=3.0)
    agent.world.crm.faults.add(Fault(Asked.FIND, delay_s=10.0))
    _, first = agent.rung()
    agent.seat.until(lambda: agent.lookup(first).state is LookupState.LATE, "the card says that it is slow")
    assert "slow" in agent.card
    agent.picture("slow")
    agent.answers(first)
    agent.world.ring("+442079460029", headers=MERIDIAN)
    second = agent.seat.ringing().id
    agent.seat.until(lambda: agent.lookup(second).state is not LookupState.ASKING, "the second is answered")
    assert agent.lookup(first).state is LookupState.LATE
    agent.seat.until(lambda: agent.lookup(first).state is LookupState.FAILED, "the first is given up")
    assert agent.lookup(first).trouble is CrmTrouble.TIMEOUT
    assert "did not answer in time" in agent.card
    agent.window.show_customer()
    agent.picture("gave-up-waiting")


def test_an_answer_of_a_hundred_megabytes_is_not_read(agent: Agent) -> None:
    agent.world.crm.faults.add(huge_answer(100 * MEGABYTE, Asked.FIND))
    _, call_id = agent.rung()
    agent.sees(call_id, CrmTrouble.TOO_LARGE, "far too much data", "hundred-megabytes")


def test_a_page_instead_of_data_says_that_it_cannot_be_read(agent: Agent) -> None:
    agent.world.crm.faults.add(html_page(asked=Asked.FIND))
    _, call_id = agent.rung()
    agent.sees(call_id, CrmTrouble.BAD_ANSWER, "cannot be read", "page-instead-of-data")


def test_what_this_agent_may_not_see_asks_for_no_sign_in(agent: Agent) -> None:
    agent.world.crm.faults.add(Fault(Asked.FIND, status=403))
    _, call_id = agent.rung()
    agent.sees(call_id, CrmTrouble.FORBIDDEN, "may not see this customer", "not-allowed")
    assert agent.seat.desk.customers.connecting.wanting_sign_in == ()


def test_a_crm_that_wants_to_be_left_alone_for_long_is_not_asked_again(agent: Agent) -> None:
    agent.world.crm.faults.add(Fault(Asked.FIND, status=429, headers=(("Retry-After", "120"),)))
    _, call_id = agent.rung()
    agent.sees(call_id, CrmTrouble.BUSY, "overloaded", "overloaded")


def test_of_two_customers_with_the_number_the_agent_chooses(agent: Agent) -> None:
    _, call_id = agent.rung(SHARED)
    agent.seat.until(lambda: agent.lookup(call_id).state is LookupState.SEVERAL, "two are found")
    assert "2 customers have this number" in agent.card
    agent.picture("two-matches")
    agent.seat.desk.recognising.choose(call_id, agent.lookup(call_id).matches[1].id)
    agent.answers(call_id)
    assert agent.seat.desk.wrapping_up.draft(call_id).customer_id == agent.lookup(call_id).matches[1].id


def test_nobody_found_creates_nobody(agent: Agent) -> None:
    before = len(agent.world.crm.records.customers)
    _, call_id = agent.rung("+442079460999")
    agent.seat.until(lambda: agent.lookup(call_id).state is LookupState.NONE, "nobody is found")
    agent.picture("nobody")
    agent.answers(call_id)
    assert len(agent.world.crm.records.customers) == before


def test_a_redirect_to_another_host_is_not_followed_and_the_token_stays_here(agent: Agent) -> None:
    with plain_server() as elsewhere:
        there = elsewhere.base_url.replace("127.0.0.1", "localhost")
        location = (("Location", f"{there}/api/customers"),)
        agent.world.crm.faults.add(Fault(Asked.FIND, status=302, headers=location))
        _, call_id = agent.rung()
        agent.sees(call_id, CrmTrouble.INSECURE, "not safe", "redirected")
        assert elsewhere.asked == []


def test_a_certificate_that_nobody_vouches_for_sends_nothing(agent: Agent, tmp_path: Path) -> None:
    with https_server(Authority(tmp_path).server("127.0.0.1")) as base_url:
        agent.use_crm_at(base_url)
        _, call_id = agent.rung()
        agent.sees(call_id, CrmTrouble.INSECURE, "not safe", "certificate")


def test_markup_and_reading_direction_in_fields_are_plain_text(agent: Agent) -> None:
    tricky = replace(
        CUSTOMERS[0],
        name="<b>Bobby</b><img src=x onerror=alert(1)>",
        company="\u202egnirts eht nruT\u202c Ltd\nsecond line",
        note="<a href='https://evil.example'>Click</a>" + "x" * 5_000,
    )
    agent.world.crm.records.customers = (tricky,)
    _, call_id = agent.rung(HARRIET)
    agent.seat.until(lambda: agent.lookup(call_id).chosen is not None, "found")
    assert "<b>Bobby</b>" in agent.card
    assert "\u202e" not in agent.card
    assert "\n" not in agent.card
    agent.picture("tricky")
    chosen = agent.lookup(call_id).chosen
    assert chosen is not None
    assert all(len(text) <= 2_000 for _, text in chosen.fields)
    agent.answers(call_id)


def test_a_record_is_opened_in_the_browser_only_on_the_crms_own_host(agent: Agent) -> None:
    _, call_id = agent.rung()
    agent.seat.until(lambda: agent.lookup(call_id).chosen is not None, "found")
    chosen = agent.lookup(call_id).chosen
    assert chosen is not None
    assert chosen.url.startswith(agent.world.crm.base_url)
