"""Signing in to CRMs, in mid-shift too, and checking a connection."""

from __future__ import annotations

import pytest

from softphone.domain.crm_events import CrmCheckEnded, CrmSignInChanged, CrmSignInNeeded, CrmStepChecked
from softphone.domain.crm_work import (
    CheckName,
    CheckStep,
    CheckVerdict,
    CrmDescription,
    SignInNews,
    SignInStep,
)
from softphone.domain.customer import CrmTrouble, LookupState
from softphone.domain.delivery import DeliveryState
from softphone.domain.errors import BadInput
from softphone.domain.settings import CrmAuth
from tests.fakes.world import MARIA, World


@pytest.fixture
def world() -> World:
    made = World()
    made.start()
    made.crm.know(MARIA)
    made.crm.describe(CrmDescription("crm", auth=CrmAuth.BEARER))
    made.run()
    return made


def test_a_typed_secret_goes_to_the_key_store_and_is_tried(world: World) -> None:
    world.desk.customers.connecting.sign_in("crm", "s3cret")
    assert world.secrets["crm/crm"] == "s3cret"
    assert world.crm.signing_in == ["crm"]


@pytest.mark.parametrize("secret", ["", "a\nb", "x" * 9_000])
def test_what_cannot_be_a_secret_is_not_kept(world: World, secret: str) -> None:
    with pytest.raises(BadInput):
        world.desk.customers.connecting.sign_in("crm", secret)
    assert "crm/crm" not in world.secrets
    assert world.crm.signing_in == []


def test_signing_in_by_browser_opens_it_and_needs_no_secret(world: World) -> None:
    world.crm.describe(CrmDescription("crm", auth=CrmAuth.OAUTH))
    world.run()
    world.desk.customers.connecting.sign_in("crm")
    world.post(CrmSignInChanged(SignInNews("crm", SignInStep.OPEN_BROWSER, "https://crm.test/authorize")))
    world.run()
    assert world.links == ["https://crm.test/authorize"]


def test_a_lost_sign_in_is_asked_for_until_it_is_done_and_the_call_goes_on(world: World) -> None:
    world.crm.fail_finds(CrmTrouble.CREDENTIALS)
    call = world.phone.ring(user="+493012345678", headers=(("X-Queue", "claims"),))
    world.run()
    world.desk.calling.answer(call)
    world.crm.answer_all()
    world.post(CrmSignInNeeded("crm"))
    world.run()
    connecting = world.desk.customers.connecting
    assert list(connecting.wanting_sign_in) == ["crm"]
    assert world.desk.recognising.lookup(call).trouble is CrmTrouble.CREDENTIALS
    connecting.sign_in("crm", "new")
    world.post(CrmSignInChanged(SignInNews("crm", SignInStep.DONE)))
    world.run()
    assert not connecting.wanting_sign_in
    world.crm.answer_all()
    world.run()
    assert world.desk.recognising.customer(call) == MARIA
    live = world.desk.calling.call(call)
    assert live is not None
    assert live.live


def test_what_waited_for_the_sign_in_goes_out_at_once(world: World) -> None:
    world.crm.fail_deliveries(CrmTrouble.CREDENTIALS)
    call = world.phone.ring(user="+493012345678", headers=(("X-Queue", "claims"),))
    world.run()
    world.desk.calling.answer(call)
    world.run()
    world.desk.calling.hang_up(call)
    world.run()
    world.desk.wrapping_up.choose_code(call, "solved")
    assert world.desk.wrapping_up.save(call)
    world.run()
    world.crm.answer_all()
    world.run()
    (held,) = world.store.outbox.values()
    assert held.last_trouble is CrmTrouble.CREDENTIALS
    world.post(CrmSignInChanged(SignInNews("crm", SignInStep.DONE)))
    world.run()  # the clock stands still
    world.crm.answer_all()
    world.run()
    (delivered,) = world.store.outbox.values()
    assert delivered.state is DeliveryState.DELIVERED


def test_signing_in_to_one_crm_does_not_ask_another(world: World) -> None:
    world.crm.fail_finds(CrmTrouble.CREDENTIALS)
    call = world.phone.ring(user="+493012345678", headers=(("X-Queue", "claims"),))
    world.run()
    world.crm.answer_all()
    world.post(CrmSignInChanged(SignInNews("other", SignInStep.DONE)))
    world.run()
    assert world.desk.recognising.lookup(call).state is LookupState.FAILED
    assert len(world.crm.asked) == 1


def test_a_check_collects_its_steps_in_order(world: World) -> None:
    connecting = world.desk.customers.connecting
    connecting.check("crm", "030 12345678", "Maria")
    assert [(crm, number.e164, text) for crm, number, text in world.crm.checking] == [
        ("crm", "+493012345678", "Maria")
    ]
    steps = (CheckStep(CheckName.PACK, CheckVerdict.OK), CheckStep(CheckName.FIND, CheckVerdict.FAILED))
    for step in steps:
        world.post(CrmStepChecked("crm", step))
    world.run()
    running = connecting.checked("crm")
    assert running is not None
    assert (running.steps, running.usable) == (steps, None)
    world.post(CrmCheckEnded("crm", usable=False))
    world.run()
    ended = connecting.checked("crm")
    assert ended is not None
    assert ended.usable is False


def test_a_check_that_nobody_looks_at_any_more_is_given_up(world: World) -> None:
    connecting = world.desk.customers.connecting
    connecting.check("crm")
    connecting.cancel_check("crm")
    assert world.crm.checking == []
    world.post(CrmStepChecked("crm", CheckStep(CheckName.PACK, CheckVerdict.OK)))
    world.run()
    assert connecting.checked("crm") is None


def test_signing_out_and_giving_up_are_handed_on(world: World) -> None:
    connecting = world.desk.customers.connecting
    connecting.sign_in("crm", "s3cret")
    connecting.cancel_sign_in("crm")
    assert world.crm.signing_in == []
    connecting.sign_out("crm")
    world.run()
    news = connecting.news("crm")
    assert news is not None
    assert news.step is SignInStep.SIGNED_OUT
