"""What the telephone system's dialplan offers beside plain calls, proven with scripted telephones."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests import tones
from tests.peers.asterisk import Asterisk
from tests.peers.sip_phone import SipPhone
from tests.peers.waiting import wait_for

Desks = dict[str, SipPhone]


@pytest.fixture
def desks(asterisk: Asterisk) -> Iterator[Desks]:
    """Agents 7001 and 7004 and the lead 7900, registered."""
    with ExitStack() as open_phones:
        phones: Desks = {}
        for user in ("7001", "7004", "7900"):
            account = asterisk.accounts[user]
            phones[user] = SipPhone((asterisk.host, asterisk.sip_port), user, account.password)
            open_phones.callback(phones[user].close)
            assert phones[user].register() == 200
        yield phones


def _subscribe(phone: SipPhone, target: str, event: str, accept: str) -> int:
    headers = [*phone.identity(target), ("CSeq", "1 SUBSCRIBE"), phone.contact, ("Event", event)]
    headers += [("Accept", accept), ("Expires", "60")]
    return phone.transact("SUBSCRIBE", target, headers).status


def test_the_light_of_a_colleague_shows_ringing_talking_and_idle(asterisk: Asterisk, desks: Desks) -> None:
    lead = desks["7900"]
    target = f"sip:7001@{asterisk.host}:{asterisk.sip_port}"
    assert _subscribe(lead, target, "dialog", "application/dialog-info+xml") == 200

    def shown(state: str) -> bool:
        bodies = [m.body for m in lead.messages if m.method == "NOTIFY"]
        return bool(bodies) and f"<state>{state}</state>".encode() in bodies[-1]

    customer = asterisk.customer_calls("7001")
    call = desks["7001"].wait_incoming()
    call.ring()
    wait_for(lambda: shown("early"), "the light blinking")
    call.answer()
    wait_for(lambda: shown("confirmed"), "the light on")
    customer.hang_up()
    wait_for(lambda: shown("terminated"), "the light off")


def test_a_blind_transfer_takes_the_customer_to_the_colleague(asterisk: Asterisk, desks: Desks) -> None:
    customer = asterisk.customer_calls("7001", tone_hz=440)
    first = desks["7001"].wait_incoming()
    first.answer(hum_hz=880)
    wait_for(lambda: first.media.heard_dbfs(440) > tones.HEARD_DBFS, "the customer at the first agent")
    target = f"<sip:7004@{asterisk.host}:{asterisk.sip_port}>"
    assert first.request("REFER", ("Refer-To", target)) == 202
    second = desks["7004"].wait_incoming()
    second.answer(hum_hz=1_200)
    wait_for(lambda: [n for n in first.requests if b"200" in n.body], "the NOTIFY of the transfer's success")
    first.hang_up()
    heard = customer.record()
    wait_for(lambda: second.media.heard_dbfs(440) > tones.HEARD_DBFS, "the customer at the colleague")
    wait_for(lambda: heard.hears_dbfs(1_200) > tones.HEARD_DBFS, "the colleague at the customer", poll_s=0.1)
    assert heard.hears_dbfs(880) < tones.UNHEARD_DBFS


def test_three_in_the_conference_room_hear_each_other(asterisk: Asterisk, desks: Desks) -> None:
    hums = {"7001": 440, "7004": 880, "7900": 1_200}
    calls = {user: desks[user].call("8000", hum_hz=hum) for user, hum in hums.items()}
    for user, call in calls.items():
        call.wait_established()
        for other, hum in hums.items():
            if other != user:
                wait_for(lambda: call.media.heard_dbfs(hum) > tones.HEARD_DBFS, f"{other} at {user}")  # noqa: B023


def test_an_instant_message_reaches_the_colleague(asterisk: Asterisk, desks: Desks) -> None:
    target = f"sip:7004@{asterisk.host}:{asterisk.sip_port}"
    sender = desks["7001"]
    headers = [*sender.identity(target), ("CSeq", "1 MESSAGE"), ("Content-Type", "text/plain")]
    assert sender.transact("MESSAGE", target, headers, b"can you take one?").status in (200, 202)
    wait_for(lambda: [m for m in desks["7004"].messages if m.body == b"can you take one?"], "the message")


def test_joining_and_pausing_in_the_queue_by_code(asterisk: Asterisk, desks: Desks) -> None:
    agent = desks["7004"]
    for code, said in (("*45", "PJSIP/7004"), ("*47", "paused")):
        agent.call(code).wait_ended()
        assert said in asterisk.cli("queue show support")
    agent.call("*48").wait_ended()
    assert "paused" not in asterisk.cli("queue show support")
    agent.call("*46").wait_ended()
    assert "PJSIP/7004" not in asterisk.cli("queue show support")


# Asterisk has no cause of its own for 603: the caller is told 403.
@pytest.mark.parametrize(("said", "arrives"), [(486, 486), (603, 403), (480, 480), (404, 404)])
def test_a_colleagues_refusal_reaches_the_caller(
    asterisk: Asterisk, desks: Desks, said: int, arrives: int
) -> None:
    call = desks["7001"].call("7004")
    desks["7004"].wait_incoming().reject(said, "No")
    call.wait_ended()
    assert call.final_status == arrives


def test_early_media_is_heard_before_any_answer(asterisk: Asterisk, desks: Desks) -> None:
    call = desks["7001"].call("9183")
    wait_for(lambda: 183 in call.provisional, "183 Session Progress")
    assert not call.established
    call.hang_up()
    asterisk.wait_no_channels()
