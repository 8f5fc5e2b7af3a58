"""How the connection of an account is protected, from its settings to what the desk is told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from softphone.domain.account import Account, Registration, RegistrationState, RegistrationTrouble, Transport
from softphone.domain.certificates import CertificateTrouble
from softphone.domain.events import RegistrationChanged
from softphone.domain.ids import AccountId
from tests.peers.asterisk import Asterisk
from tests.phone.handset import Handset

WORK = AccountId("work")


@pytest.fixture
def handset(tmp_path: Path) -> Iterator[Handset]:
    made = Handset(tmp_path / "state")
    made.start()
    yield made
    made.close()


def account(asterisk: Asterisk, user: str = "7002", transport: Transport = Transport.TLS) -> Account:
    """Over an encrypted connection, trusting the telephone system's own authority."""
    ports = {Transport.TLS: asterisk.tls_port, Transport.WSS: asterisk.https_port}
    port = ports.get(transport, asterisk.sip_port)
    authority = str(asterisk.authority.certificate)
    return Account(WORK, asterisk.host, user, port=port, transport=transport, ca_file=authority)


def sign_in(handset: Handset, asterisk: Asterisk, wanted: Account) -> None:
    handset.telephone.open_account(wanted, asterisk.accounts[wanted.user].password)


def settled(handset: Handset, *states: RegistrationState) -> Registration:
    return handset.expect(RegistrationChanged, lambda e: e.registration.state in states).registration


@pytest.mark.parametrize("transport", [Transport.TLS, Transport.WSS])
def test_over_an_encrypted_connection_calls_are_encrypted_without_asking(
    asterisk: Asterisk, handset: Handset, transport: Transport
) -> None:
    sign_in(handset, asterisk, account(asterisk, transport=transport))
    there = settled(handset, RegistrationState.REGISTERED)
    assert there.signalling is not None
    assert (there.signalling.protocol, there.signalling.backup) == ("TLSv1.3", False)
    call_id = handset.call("600")
    media = handset.expect_established(call_id).media
    assert (media.encrypted, media.signalling) == (True, "TLSv1.3")


def test_a_telephone_system_without_srtp_is_not_talked_to_over_tls(
    asterisk: Asterisk, handset: Handset
) -> None:
    sign_in(handset, asterisk, account(asterisk, "7001"))
    settled(handset, RegistrationState.REGISTERED)
    handset.call("600")
    asterisk.wait_no_channels("7001")
    assert not [event for event in handset.history if type(event).__name__ == "CallEstablished"]


def test_over_a_readable_connection_the_desk_is_told_so(asterisk: Asterisk, handset: Handset) -> None:
    sign_in(handset, asterisk, account(asterisk, "7001", Transport.UDP))
    there = settled(handset, RegistrationState.REGISTERED)
    assert there.signalling is not None
    assert not there.signalling.encrypted
    media = handset.expect_established(handset.call("600")).media
    assert (media.encrypted, media.signalling) == (False, "")


def test_an_unknown_authority_is_told_by_its_name(asterisk: Asterisk, handset: Handset) -> None:
    sign_in(handset, asterisk, replace(account(asterisk), ca_file=""))
    refused = settled(handset, RegistrationState.WAITING)
    assert refused.trouble is RegistrationTrouble.CERTIFICATE
    assert refused.certificate is CertificateTrouble.UNKNOWN_ISSUER
    assert refused.signalling is None


def test_another_certificate_than_the_pinned_one_is_told(asterisk: Asterisk, handset: Handset) -> None:
    sign_in(handset, asterisk, replace(account(asterisk), pinned_sha256=("00" * 32,)))
    assert settled(handset, RegistrationState.WAITING).certificate is CertificateTrouble.PIN_MISMATCH


@pytest.mark.parametrize("field", ["ca_file", "client_certificate"])
def test_a_file_that_cannot_be_read_is_told_as_a_mistake_in_the_settings(
    asterisk: Asterisk, handset: Handset, field: str
) -> None:
    wrong = account(asterisk)
    if field == "ca_file":
        wrong = replace(wrong, ca_file="/nowhere/ca.pem")
    else:
        wrong = replace(wrong, client_certificate="/nowhere/me.pem")
    sign_in(handset, asterisk, wrong)
    told = settled(handset, RegistrationState.WAITING)
    assert told.trouble is RegistrationTrouble.BAD_SETTINGS
    assert "/nowhere/" in told.detail


def test_a_domain_of_its_own_stands_in_the_address_and_the_server_is_still_found(
    asterisk: Asterisk, handset: Handset
) -> None:
    sign_in(handset, asterisk, replace(account(asterisk, "7001", Transport.TCP), domain="localhost"))
    settled(handset, RegistrationState.REGISTERED)
    asterisk.customer_calls("7001")
    handset.answer_next()


def test_md5_is_refused_where_the_settings_forbid_it(asterisk: Asterisk, handset: Handset) -> None:
    sign_in(handset, asterisk, replace(account(asterisk, "7001", Transport.UDP), refuse_md5=True))
    told = settled(handset, RegistrationState.REFUSED, RegistrationState.REGISTERED)
    assert (told.state, told.trouble) == (RegistrationState.REFUSED, RegistrationTrouble.WEAK_CHALLENGE)
    assert asterisk.contacts("7001") == []
