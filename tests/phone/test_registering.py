"""Signing in at a real registrar."""

from __future__ import annotations

from softphone.domain.account import Account, RegistrationState, RegistrationTrouble
from softphone.domain.events import MessageWaitingChanged, RegistrationChanged
from tests.peers.asterisk import Asterisk
from tests.phone.handset import Handset


def test_an_account_registers_and_says_for_how_long(asterisk: Asterisk, idle_handset: Handset) -> None:
    idle_handset.sign_in(asterisk)
    registered = idle_handset.expect_registered().registration
    assert registered.sip_code == 200
    assert 200 < registered.expires_s <= 300
    assert asterisk.contacts("7001")


def test_quitting_removes_the_registration(asterisk: Asterisk, idle_handset: Handset) -> None:
    idle_handset.sign_in(asterisk)
    idle_handset.expect_registered()
    idle_handset.telephone.shut_down()
    assert asterisk.contacts("7001") == []


def test_signing_out_removes_the_registration_and_says_so(asterisk: Asterisk, idle_handset: Handset) -> None:
    idle_handset.sign_in(asterisk)
    idle_handset.expect_registered()
    idle_handset.telephone.close_account(idle_handset.account_id)
    idle_handset.expect(RegistrationChanged, lambda e: e.registration.state is RegistrationState.OFF)
    assert asterisk.contacts("7001") == []


def test_after_signing_out_nothing_is_sent_any_more_and_signing_in_works_again(
    asterisk: Asterisk, idle_handset: Handset
) -> None:
    idle_handset.sign_in(asterisk)
    idle_handset.expect_registered()
    idle_handset.telephone.close_account(idle_handset.account_id)
    idle_handset.expect(RegistrationChanged, lambda e: e.registration.state is RegistrationState.OFF)
    asterisk.stop()  # a flow that still lived would be missed now
    asterisk.start()
    idle_handset.sign_in(asterisk)
    idle_handset.expect_registered()
    states = [e.registration.state for e in idle_handset.heard(RegistrationChanged)]
    assert RegistrationState.WAITING not in states
    idle_handset.call_and_talk("600")


def test_a_wrong_password_is_refused_and_not_tried_again(asterisk: Asterisk, idle_handset: Handset) -> None:
    idle_handset.sign_in(asterisk, password="wrong")
    refused = idle_handset.expect(
        RegistrationChanged, lambda e: e.registration.state is RegistrationState.REFUSED
    ).registration
    assert refused.trouble is RegistrationTrouble.WRONG_CREDENTIALS
    assert refused.sip_code in (401, 403)
    assert refused.retry_in_s == 0


def test_the_right_password_after_a_wrong_one_registers(asterisk: Asterisk, idle_handset: Handset) -> None:
    idle_handset.sign_in(asterisk, password="wrong")
    idle_handset.expect(RegistrationChanged, lambda e: e.registration.state is RegistrationState.REFUSED)
    idle_handset.sign_in(asterisk)
    idle_handset.expect_registered()


def test_an_unknown_host_is_named_as_such(idle_handset: Handset) -> None:
    account = Account(idle_handset.account_id, "no-such-host.invalid", "7001")
    idle_handset.telephone.open_account(account, "secret")
    waiting = idle_handset.expect(
        RegistrationChanged, lambda e: e.registration.state is RegistrationState.WAITING
    ).registration
    assert waiting.trouble is RegistrationTrouble.UNKNOWN_HOST


def test_a_server_that_stops_is_noticed_and_registering_resumes_when_it_is_back(
    asterisk: Asterisk, idle_handset: Handset
) -> None:
    idle_handset.sign_in(asterisk)
    idle_handset.expect_registered()
    asterisk.stop()
    lost = idle_handset.expect(
        RegistrationChanged, lambda e: e.registration.state is RegistrationState.WAITING, timeout_s=20
    ).registration
    assert lost.trouble in (RegistrationTrouble.NO_ANSWER, RegistrationTrouble.CONNECTION_REFUSED)
    asterisk.start()
    idle_handset.expect_registered(timeout_s=35)


def test_try_again_registers_without_waiting_for_the_back_off(
    asterisk: Asterisk, idle_handset: Handset
) -> None:
    asterisk.stop()
    idle_handset.sign_in(asterisk)
    idle_handset.expect(
        RegistrationChanged, lambda e: e.registration.state is RegistrationState.WAITING, timeout_s=20
    )
    asterisk.start()
    idle_handset.telephone.register_now(idle_handset.account_id)
    idle_handset.expect_registered(timeout_s=8)


def test_waiting_voice_mail_is_told_once(asterisk: Asterisk, idle_handset: Handset) -> None:
    asterisk.set_waiting_messages("7001", 0)
    idle_handset.sign_in(asterisk)
    idle_handset.expect_registered()
    asterisk.set_waiting_messages("7001", 2, 1)
    told = idle_handset.expect(MessageWaitingChanged, lambda e: e.new == 2)
    assert (told.account_id, told.waiting, told.old) == (idle_handset.account_id, True, 1)
    asterisk.set_waiting_messages("7001", 0)
    assert not idle_handset.expect(MessageWaitingChanged, lambda e: not e.waiting).new
    states = [e.new for e in idle_handset.heard(MessageWaitingChanged)]
    assert states == [new for i, new in enumerate(states) if i == 0 or states[i - 1] != new]
