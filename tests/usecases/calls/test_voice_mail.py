"""Waiting voice messages."""

from __future__ import annotations

from softphone.domain.account import Registration, RegistrationState
from softphone.domain.events import Event, MessageWaitingChanged, RegistrationChanged
from softphone.domain.ids import AccountId
from softphone.usecases.bus import Bus
from softphone.usecases.calls.voice_mail import VoiceMail

WORK, OTHER = AccountId("work"), AccountId("other")


def new_bus() -> Bus:
    def fail(event: Event, error: Exception) -> None:
        raise AssertionError(event) from error

    return Bus(fail)


def test_messages_of_all_accounts_are_counted_and_gone_when_heard() -> None:
    bus = new_bus()
    mail = VoiceMail(bus)
    assert (mail.waiting, mail.new) == (False, 0)
    bus.publish(MessageWaitingChanged(WORK, True, 2, 5))
    bus.publish(MessageWaitingChanged(OTHER, True, 1))
    assert (mail.waiting, mail.new) == (True, 3)
    bus.publish(MessageWaitingChanged(WORK, False, 0, 7))
    bus.publish(MessageWaitingChanged(OTHER, False))
    assert (mail.waiting, mail.new) == (False, 0)


def test_a_telephone_system_that_does_not_count_still_tells_that_something_waits() -> None:
    bus = new_bus()
    mail = VoiceMail(bus)
    bus.publish(MessageWaitingChanged(WORK, True))
    assert (mail.waiting, mail.new) == (True, 0)


def test_signing_out_forgets_the_mailbox() -> None:
    bus = new_bus()
    mail = VoiceMail(bus)
    bus.publish(MessageWaitingChanged(WORK, True, 2))
    bus.publish(RegistrationChanged(Registration(WORK, RegistrationState.WAITING)))
    assert mail.waiting
    bus.publish(RegistrationChanged(Registration(WORK, RegistrationState.OFF)))
    assert not mail.waiting
