"""Nothing that the lower layers can name is without words."""

from __future__ import annotations

from enum import StrEnum

import pytest

from softphone.domain.account import RegistrationTrouble
from softphone.domain.agent_state import AgentState
from softphone.domain.audio import AudioTroubleKind
from softphone.domain.call import EndCause
from softphone.domain.certificates import CertificateTrouble
from softphone.domain.customer import CrmTrouble
from softphone.domain.errors import BadInput, Broken
from softphone.domain.events import RefusalReason
from softphone.domain.key_store import KeyStoreLocked, KeyStoreTrouble, KeyStoreUnusable
from softphone.domain.store_trouble import StoreTrouble
from softphone.domain.wrap_up import Problem
from softphone.ui.presenters import phrases
from softphone.ui.presenters.protection import CERTIFICATE_TROUBLE
from softphone.ui.words import Words


@pytest.mark.parametrize(
    ("named", "table"),
    [
        (RegistrationTrouble, phrases.REGISTRATION_TROUBLE),
        (AgentState, phrases.AGENT_STATE),
        (AudioTroubleKind, phrases.AUDIO_TROUBLE),
        (EndCause, phrases.END_CAUSE),
        (CrmTrouble, phrases.CRM_TROUBLE),
        (StoreTrouble, phrases.STORE_TROUBLE),
        (KeyStoreTrouble, phrases.KEY_STORE_TROUBLE),
        (RefusalReason, phrases.REFUSAL),
        (Problem, phrases.PROBLEM),
    ],
)
def test_every_reason_has_words(named: type[StrEnum], table: dict[StrEnum, object]) -> None:
    assert set(table) == set(named)


def test_every_trouble_with_a_certificate_has_words_of_its_own() -> None:
    general = {CertificateTrouble.NONE, CertificateTrouble.OTHER}
    assert set(CERTIFICATE_TROUBLE) == set(CertificateTrouble) - general
    assert len({advice.what for advice in CERTIFICATE_TROUBLE.values()}) == len(CERTIFICATE_TROUBLE)


def test_trouble_with_the_key_store_says_what_to_do() -> None:
    words = Words("en")
    assert "GNOME Keyring" in phrases.error_words(words, KeyStoreUnusable(KeyStoreTrouble.MISSING))
    assert "Unlock it" in phrases.error_words(words, KeyStoreLocked("dismissed"))


def test_a_mistake_of_the_agent_is_told_without_internals() -> None:
    told = phrases.error_words(Words("en"), BadInput("number", "internal detail"))
    assert told == "This is neither a telephone number nor a SIP address."


def test_an_error_without_words_of_its_own_shows_its_detail() -> None:
    told = phrases.error_words(Words("en"), Broken("gremlin", "the wheel is off"))
    assert told == "That did not work: the wheel is off"


def test_reasons_of_a_company_are_shown_as_it_wrote_them() -> None:
    german = Words("de")
    assert phrases.reason_words(german, "lunch") == "Mittagspause"
    assert phrases.reason_words(german, "Hund ausführen") == "Hund ausführen"
