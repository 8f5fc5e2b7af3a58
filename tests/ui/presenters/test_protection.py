"""What the window says about protection is neither more nor less than what is so."""

from __future__ import annotations

from dataclasses import replace

import pytest

from softphone.domain.account import (
    Account,
    MediaEncryption,
    Registration,
    RegistrationState,
    RegistrationTrouble,
    Signalling,
    Transport,
)
from softphone.domain.call import MediaFacts
from softphone.domain.certificates import CertificateTrouble
from softphone.domain.events import MessageWaitingChanged
from softphone.domain.ids import AccountId
from softphone.ui.main import Interface
from softphone.ui.presenters.protection import account_protection, call_protection, trouble_advice
from softphone.ui.presenters.registration import mail_words, present_registration
from softphone.ui.presenters.wording import Wording
from softphone.ui.theme.tokens import Tone
from softphone.ui.words import Words
from tests.fakes.world import World

WORDS = Words("en")
ACCOUNT = Account(AccountId("a"), "pbx.example", "7001")
TLS = Signalling("pbx.example", protocol="TLSv1.3")
OPEN = Signalling("pbx.example")
READABLE = "Signalling not encrypted, keys of calls readable on the way"


@pytest.mark.parametrize(
    ("transport", "wanted", "signalling", "told"),
    [
        (Transport.TLS, MediaEncryption.AUTOMATIC, TLS, "Signalling TLS 1.3, calls always encrypted"),
        (Transport.TLS, MediaEncryption.OPTIONAL, TLS, "Signalling TLS 1.3, calls encrypted if possible"),
        (Transport.TLS, MediaEncryption.OFF, TLS, "Signalling TLS 1.3, calls not encrypted"),
        (Transport.UDP, MediaEncryption.AUTOMATIC, OPEN, "Signalling and calls are not encrypted"),
        (Transport.UDP, MediaEncryption.REQUIRED, OPEN, READABLE),
        (Transport.TCP, MediaEncryption.OPTIONAL, OPEN, READABLE),
    ],
)
def test_before_a_call(
    transport: Transport, wanted: MediaEncryption, signalling: Signalling, told: str
) -> None:
    account = replace(ACCOUNT, transport=transport, media_encryption=wanted)
    assert account_protection(WORDS, account, signalling) == told


@pytest.mark.parametrize(
    ("media", "told"),
    [
        (MediaFacts("PCMA", 8_000, True, "TLSv1.2"), ("Encrypted (TLS 1.2, SRTP)", Tone.GOOD)),
        (
            MediaFacts("PCMA", 8_000, True),
            ("Sound encrypted, but its key was readable on the way", Tone.WARNING),
        ),
        (MediaFacts("PCMA", 8_000, False, "TLSv1.3"), ("Sound not encrypted", Tone.NEUTRAL)),
        (MediaFacts("PCMA", 8_000), ("Not encrypted", Tone.NEUTRAL)),
        (MediaFacts(), None),
    ],
)
def test_in_a_call(media: MediaFacts, told: tuple[str, Tone] | None) -> None:
    assert call_protection(WORDS, media) == told


def test_automatic_demands_encrypted_calls_exactly_over_encrypted_connections() -> None:
    for transport in Transport:
        chosen = replace(ACCOUNT, transport=transport).call_encryption
        assert (chosen is MediaEncryption.REQUIRED) == (transport in (Transport.TLS, Transport.WSS))


def test_of_two_registered_accounts_the_readable_one_is_shown(wording: Wording) -> None:
    other = replace(ACCOUNT, id=AccountId("b"), user="9")
    good = Registration(ACCOUNT.id, RegistrationState.REGISTERED, signalling=TLS)
    readable = Registration(other.id, RegistrationState.REGISTERED, signalling=OPEN)
    for order in ((good, readable), (readable, good)):
        view = present_registration(wording, (ACCOUNT, other), order)
        assert view.advice.startswith("Signalling and calls are not")


def test_a_backup_server_is_told(wording: Wording) -> None:
    there = Registration(ACCOUNT.id, RegistrationState.REGISTERED, signalling=replace(TLS, backup=True))
    assert present_registration(wording, (ACCOUNT,), (there,)).text.endswith("at a backup server")


def test_a_bad_certificate_says_what_is_wrong_with_it_and_that_nothing_was_sent() -> None:
    expired = Registration(
        ACCOUNT.id,
        RegistrationState.WAITING,
        RegistrationTrouble.CERTIFICATE,
        certificate=CertificateTrouble.EXPIRED,
    )
    what, do = trouble_advice(WORDS, expired)
    assert what == "The telephone system's certificate has expired. Nothing was sent to it."
    assert "date of this computer" in do
    general, _ = trouble_advice(WORDS, replace(expired, certificate=CertificateTrouble.OTHER))
    assert general == "The telephone system cannot prove who it is; nothing was sent."


@pytest.mark.parametrize(
    ("waiting", "new", "told"),
    [
        (False, 3, ""),
        (True, 1, "1 new voice message"),
        (True, 4, "4 new voice messages"),
        (True, 0, "New voice messages"),
    ],
)
def test_waiting_voice_messages_are_told(waiting: bool, new: int, told: str) -> None:
    assert mail_words(WORDS, waiting, new) == told


def test_voice_messages_stand_in_the_window(interface: Interface, world: World) -> None:
    world.bus.publish(MessageWaitingChanged(AccountId("work"), True, 2))
    world.run()
    assert "2 new voice messages" in interface.window.registration.accessibleName()
    world.bus.publish(MessageWaitingChanged(AccountId("work"), False))
    world.run()
    assert "voice message" not in interface.window.registration.accessibleName()
