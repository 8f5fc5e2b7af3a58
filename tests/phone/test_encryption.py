"""SRTP with SDES keys at a telephone system that offers, allows or insists on it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from softphone.domain.account import Account, MediaEncryption
from softphone.domain.call import EndCause
from softphone.domain.events import CallEnded, CallEstablished
from tests.peers.asterisk import Asterisk
from tests.phone.handset import Handset


@pytest.fixture
def handset() -> Iterator[Handset]:
    with tempfile.TemporaryDirectory(prefix="softphone-") as folder:
        handset = Handset(Path(folder))
        handset.start()
        yield handset
        handset.close()


def sign_in(handset: Handset, asterisk: Asterisk, user: str, encryption: MediaEncryption) -> None:
    account = Account(
        handset.account_id, asterisk.host, user, port=asterisk.sip_port, media_encryption=encryption
    )
    handset.telephone.open_account(account, asterisk.accounts[user].password)
    handset.expect_registered()


# 7001 knows no SRTP, 7002 takes and offers it where the phone does, 7003 insists on it
CALLS = [
    ("7001", MediaEncryption.OFF, False),
    ("7001", MediaEncryption.OPTIONAL, False),
    ("7001", MediaEncryption.REQUIRED, None),
    ("7002", MediaEncryption.OFF, False),
    ("7002", MediaEncryption.OPTIONAL, True),
    ("7002", MediaEncryption.REQUIRED, True),
    ("7003", MediaEncryption.OFF, None),
    ("7003", MediaEncryption.OPTIONAL, True),
    ("7003", MediaEncryption.REQUIRED, True),
]


@pytest.mark.parametrize(("user", "ours", "encrypted"), CALLS)
def test_an_outgoing_call_is_encrypted_where_both_can_and_never_silently_not(
    asterisk: Asterisk, handset: Handset, user: str, ours: MediaEncryption, encrypted: bool | None
) -> None:
    sign_in(handset, asterisk, user, ours)
    handset.call("600")
    if encrypted is None:
        assert handset.expect(CallEnded).cause is EndCause.NO_COMMON_CODEC
    else:
        assert handset.expect(CallEstablished).media.encrypted is encrypted


@pytest.mark.parametrize(("user", "ours", "encrypted"), CALLS)
def test_an_incoming_call_is_encrypted_where_both_can_and_never_silently_not(
    asterisk: Asterisk, handset: Handset, user: str, ours: MediaEncryption, encrypted: bool | None
) -> None:
    sign_in(handset, asterisk, user, ours)
    asterisk.customer_calls(user)
    if encrypted is None:
        asterisk.wait_no_channels(user)
        assert not handset.heard(CallEstablished)
    else:
        handset.answer_next()
        assert handset.heard(CallEstablished)[-1].media.encrypted is encrypted
