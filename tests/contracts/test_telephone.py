"""What every telephone must do: the fake of the use-case tests, and the engine with a server, alike."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest

from softphone.demo.world import AGENT, COLLEAGUE, DemoWorld
from softphone.domain.account import Account, RegistrationState, RegistrationTrouble
from softphone.domain.audio import AudioChoice
from softphone.domain.call import CallState, EndCause
from softphone.domain.events import (
    AudioChanged,
    CallArrived,
    CallEnded,
    CallEstablished,
    CallHoldChanged,
    CallMuteChanged,
    CallProgressed,
    CallTransferProgressed,
    CommandRefused,
    EngineAttached,
    EngineLost,
    LineStateChanged,
    RefusalReason,
    RegistrationChanged,
)
from softphone.domain.ids import AccountId, CallId
from softphone.domain.settings import CallSettings
from softphone.usecases.ports import Telephone
from tests.fakes.clock import FakeClock
from tests.fakes.telephone import FakeTelephone
from tests.peers.sip_phone import PhoneCall, SipPhone
from tests.phone.ear import Ear
from tests.phone.handset import SILENT, Handset

WORK = AccountId("work")
COLLEAGUES_NUMBER = COLLEAGUE


class World(Protocol):
    """A telephone, what it says, and the other side: one colleague, one call at a time."""

    telephone: Telephone
    ear: Ear

    def sign_in(self, *, right: bool = True) -> None: ...
    def they_call(self) -> CallId: ...
    def they_ring(self, call_id: CallId) -> None: ...
    def they_answer(self, call_id: CallId) -> None: ...
    def they_refuse_as_busy(self, call_id: CallId) -> None: ...
    def they_hang_up(self, call_id: CallId) -> None: ...
    def the_engine_dies(self) -> None: ...
    def close(self) -> None: ...


class FakeWorld:
    def __init__(self) -> None:
        self.ear = Ear()
        self.fake = FakeTelephone(self.ear.post, FakeClock())
        self.telephone: Telephone = self.fake

    def sign_in(self, *, right: bool = True) -> None:
        password = self.fake.right_password if right else "wrong"
        self.telephone.open_account(Account(WORK, "pbx.test", "agent"), password)

    def they_call(self) -> CallId:
        return self.fake.ring(user=COLLEAGUES_NUMBER)

    def they_ring(self, call_id: CallId) -> None:
        self.fake.progress(call_id)

    def they_answer(self, call_id: CallId) -> None:
        self.fake.establish(call_id)

    def they_refuse_as_busy(self, call_id: CallId) -> None:
        self.fake.end(call_id, EndCause.BUSY, 486)

    def they_hang_up(self, call_id: CallId) -> None:
        established = self.fake.calls[call_id].state is CallState.ESTABLISHED
        self.fake.end(call_id, EndCause.NORMAL if established else EndCause.ABANDONED)

    def the_engine_dies(self) -> None:
        self.fake.die()

    def close(self) -> None:
        self.telephone.shut_down()


class RealWorld:
    def __init__(self, folder: Path) -> None:
        self.demo = DemoWorld()
        self.demo.__enter__()
        self.server = (self.demo.addresses.sip_host, self.demo.addresses.sip_port)
        self.handset = Handset(folder, WORK)
        self.ear: Ear = self.handset
        self.telephone: Telephone = self.handset.telephone
        self.colleague = SipPhone(self.server, COLLEAGUE, self.demo.passwords[COLLEAGUE])
        assert self.colleague.register() == 200
        self.call: PhoneCall | None = None

    def sign_in(self, *, right: bool = True) -> None:
        account = Account(WORK, self.server[0], AGENT, port=self.server[1])
        self.telephone.open_account(account, self.demo.passwords[AGENT] if right else "wrong")

    def they_call(self) -> CallId:
        self.call = self.colleague.call(AGENT)
        return self.ear.expect(CallArrived).call_id

    def they_ring(self, call_id: CallId) -> None:
        self.incoming().ring()

    def they_answer(self, call_id: CallId) -> None:
        self.incoming().answer()

    def they_refuse_as_busy(self, call_id: CallId) -> None:
        self.incoming().reject(486)

    def they_hang_up(self, call_id: CallId) -> None:
        call = self.incoming()
        if self.ear.heard(CallEstablished):
            call.wait_established()  # our answer may still be on its way to them: they would send CANCEL
        call.hang_up()

    def the_engine_dies(self) -> None:
        self.handset.kill_engine()
        self.incoming().ended = True  # the colleague's BYE would wait in vain for an answer

    def incoming(self) -> PhoneCall:
        if self.call is None:
            self.call = self.colleague.wait_incoming()
        return self.call

    def close(self) -> None:
        self.handset.close()
        self.colleague.close()
        self.demo.__exit__(None, None, None)


@pytest.fixture(params=["fake", "real"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    made: World = FakeWorld() if request.param == "fake" else RealWorld(tmp_path / "state")
    made.telephone.start(CallSettings(), SILENT)
    made.ear.expect(EngineAttached)
    yield made
    made.close()


@pytest.fixture
def phone(world: World) -> World:
    """A world in which we are registered."""
    world.sign_in()
    world.ear.expect(RegistrationChanged, lambda e: e.registration.state is RegistrationState.REGISTERED)
    return world


def placed(phone: World) -> CallId:
    call_id = CallId(str(uuid.uuid4()))
    phone.telephone.place_call(call_id, WORK, COLLEAGUES_NUMBER)
    return call_id


def talking(phone: World) -> CallId:
    call_id = phone.they_call()
    phone.telephone.answer(call_id)
    phone.ear.expect(CallEstablished)
    return call_id


def test_the_right_password_registers(phone: World) -> None:
    assert [e.registration.account_id for e in phone.ear.heard(RegistrationChanged)][-1] == WORK


def test_the_wrong_password_is_refused(world: World) -> None:
    world.sign_in(right=False)
    refused = world.ear.expect(
        RegistrationChanged, lambda e: e.registration.state is RegistrationState.REFUSED
    ).registration
    assert refused.trouble in (RegistrationTrouble.WRONG_CREDENTIALS, RegistrationTrouble.FORBIDDEN)


def test_signing_out_turns_the_registration_off(phone: World) -> None:
    phone.telephone.close_account(WORK)
    phone.ear.expect(RegistrationChanged, lambda e: e.registration.state is RegistrationState.OFF)


def test_a_call_arrives_is_answered_and_hung_up_by_us(phone: World) -> None:
    call_id = talking(phone)
    phone.telephone.hang_up(call_id)
    ended = phone.ear.expect(CallEnded)
    assert (ended.call_id, ended.cause, ended.by_us) == (call_id, EndCause.NORMAL, True)


def test_the_other_side_hanging_up_is_not_our_doing(phone: World) -> None:
    call_id = talking(phone)
    phone.they_hang_up(call_id)
    ended = phone.ear.expect(CallEnded)
    assert (ended.cause, ended.by_us) == (EndCause.NORMAL, False)


def test_a_caller_who_gives_up_has_abandoned(phone: World) -> None:
    call_id = phone.they_call()
    phone.they_hang_up(call_id)
    assert phone.ear.expect(CallEnded).cause is EndCause.ABANDONED


def test_rejecting_ends_as_rejected_by_us(phone: World) -> None:
    call_id = phone.they_call()
    phone.telephone.reject(call_id, 486)
    ended = phone.ear.expect(CallEnded)
    assert (ended.cause, ended.by_us) == (EndCause.REJECTED, True)


def test_a_placed_call_rings_and_is_answered(phone: World) -> None:
    call_id = placed(phone)
    phone.they_ring(call_id)
    assert phone.ear.expect(CallProgressed).state is CallState.RINGING
    phone.they_answer(call_id)
    assert phone.ear.expect(CallEstablished).call_id == call_id


def test_a_placed_call_to_somebody_busy_ends_as_busy(phone: World) -> None:
    call_id = placed(phone)
    phone.they_refuse_as_busy(call_id)
    ended = phone.ear.expect(CallEnded)
    assert (ended.cause, ended.sip_code, ended.by_us) == (EndCause.BUSY, 486, False)


def test_giving_up_a_placed_call_cancels_it(phone: World) -> None:
    call_id = placed(phone)
    phone.they_ring(call_id)
    phone.ear.expect(CallProgressed)
    phone.telephone.hang_up(call_id)
    ended = phone.ear.expect(CallEnded)
    assert (ended.cause, ended.by_us) == (EndCause.CANCELLED, True)


def test_hold_and_resume_are_confirmed(phone: World) -> None:
    call_id = talking(phone)
    phone.telephone.hold(call_id)
    assert phone.ear.expect(CallHoldChanged).local
    phone.telephone.resume(call_id)
    assert not phone.ear.expect(CallHoldChanged).local


def test_mute_is_confirmed(phone: World) -> None:
    call_id = talking(phone)
    phone.telephone.mute(call_id, True)
    assert phone.ear.expect(CallMuteChanged).muted


def test_calling_without_an_account_is_refused(world: World) -> None:
    call_id = placed(world)
    refused = world.ear.expect(CommandRefused)
    assert (refused.command, refused.reason, refused.call_id) == (
        "PlaceCall",
        RefusalReason.NOT_REGISTERED,
        call_id,
    )


def test_choosing_devices_is_answered_with_what_serves(phone: World) -> None:
    phone.telephone.choose_audio(AudioChoice("null", "null", "null", microphone_gain_db=-6))
    phone.telephone.refresh_devices()
    assert phone.ear.expect(AudioChanged).state.microphone == "null"


def test_a_watched_line_is_told_at_once_and_again_when_asked_again(phone: World) -> None:
    phone.telephone.watch_line(WORK, COLLEAGUES_NUMBER)
    assert phone.ear.expect(LineStateChanged).target == COLLEAGUES_NUMBER
    phone.telephone.watch_line(WORK, COLLEAGUES_NUMBER)
    phone.ear.expect(LineStateChanged)
    phone.telephone.unwatch_line(WORK, COLLEAGUES_NUMBER)


def test_an_engine_that_dies_comes_back_without_calls_and_registers_again(phone: World) -> None:
    talking(phone)
    phone.the_engine_dies()
    phone.ear.expect(EngineLost)
    attached = phone.ear.expect(EngineAttached)
    assert attached.restarted
    assert attached.calls == ()
    phone.ear.expect(RegistrationChanged, lambda e: e.registration.state is RegistrationState.REGISTERED)


def test_a_blind_transfer_ends_as_transferred(phone: World) -> None:
    call_id = talking(phone)
    phone.telephone.transfer(call_id, "600")
    if isinstance(phone, RealWorld):
        _play_the_transferred(phone)
    final = phone.ear.expect(CallTransferProgressed, lambda e: e.final)
    assert final.sip_code == 200
    assert phone.ear.expect(CallEnded).cause is EndCause.TRANSFERRED


def _play_the_transferred(phone: RealWorld) -> None:
    """The scripted telephone accepts every REFER; here it also says that the new call was answered."""
    from tests.peers.waiting import wait_for

    call = phone.incoming()
    wait_for(lambda: [r for r in call.requests if r.method == "REFER"], "the REFER")
    headers = (
        ("Event", "refer"),
        ("Subscription-State", "terminated;reason=noresource"),
        ("Content-Type", "message/sipfrag;version=2.0"),
    )
    assert call.request("NOTIFY", *headers, body=b"SIP/2.0 200 OK\r\n") == 200
