"""Who may come in: by the server's assertion, by policy, and by nothing that is merely said."""

from __future__ import annotations

import pytest

from softphone.domain.supervision import SupervisionMode, SupervisionPolicy, SupervisionRefusal
from softphone.engine.edge.messages.message import Request
from softphone.engine.sip.supervision_header import Situation, Wish, refusal_of, wish_of
from tests.engine.sip.test_caller import invite

POLICY = SupervisionPolicy(("7900",), modes=(SupervisionMode.LISTEN, SupervisionMode.WHISPER))
HOSTS = frozenset({"pbx.test"})
TALKING = Situation(talking=True, full=False, sip_call_ids=frozenset({"the-call"}))
LEAD = ("P-Asserted-Identity", "<sip:7900@pbx.test>")
ASKS = ("X-Softphone-Supervise", "listen")
R = SupervisionRefusal


def asked(*headers: tuple[str, str]) -> Request:
    request = invite()
    for name, value in headers:
        request.headers.add(name, value)
    return request


def judged(*headers: tuple[str, str], at: Situation = TALKING) -> SupervisionRefusal | None:
    request = asked(*headers)
    wish = wish_of(request.headers)
    assert wish is not None
    return refusal_of(request, wish, POLICY, HOSTS, at)


def test_an_ordinary_invite_is_no_wish() -> None:
    assert wish_of(invite().headers) is None


def test_an_asserted_lead_is_let_in() -> None:
    assert judged(LEAD, ASKS) is None
    assert judged(("p-asserted-identity", '"Boss" <sips:7900@PBX.test;user=phone>'), ASKS) is None
    assert judged(LEAD, ("P-Asserted-Identity", "<tel:+4930123>"), ASKS) is None


@pytest.mark.parametrize(
    ("headers", "refusal"),
    [
        ((ASKS,), R.NOT_ASSERTED),
        ((ASKS, ("Remote-Party-ID", "<sip:7900@pbx.test>")), R.NOT_ASSERTED),
        ((ASKS, ("P-Preferred-Identity", "<sip:7900@pbx.test>")), R.NOT_ASSERTED),
        ((ASKS, ("P-Asserted-Identity", "<tel:7900>")), R.NOT_ASSERTED),
        ((ASKS, ("P-Asserted-Identity", "rubbish <<")), R.NOT_ASSERTED),
        ((ASKS, LEAD, LEAD), R.NOT_ASSERTED),
        ((ASKS, LEAD, ("P-Asserted-Identity", "<sip:7001@pbx.test>")), R.NOT_ASSERTED),
        ((ASKS, ("P-Asserted-Identity", "<sip:7900@pbx.test>, <sip:7001@pbx.test>")), R.NOT_ASSERTED),
        ((ASKS, ("P-Asserted-Identity", "<sip:7001@pbx.test>")), R.NOT_A_LEAD),
        ((ASKS, ("P-Asserted-Identity", "<sip:7900@evil.test>")), R.NOT_A_LEAD),
        ((ASKS, ("P-Asserted-Identity", "<sip:anonymous@anonymous.invalid>")), R.NOT_A_LEAD),
        ((ASKS, ("P-Asserted-Identity", '"7900" <sip:7001@pbx.test>')), R.NOT_A_LEAD),
        ((LEAD, ("X-Softphone-Supervise", "everything")), R.MALFORMED),
        ((LEAD, ASKS, ASKS), R.MALFORMED),
        ((LEAD, ("X-Softphone-Supervise", "barge")), R.MODE_FORBIDDEN),
        ((LEAD, ("Join", "another-call;to-tag=1;from-tag=2")), R.NO_CALL),
    ],
)
def test_everybody_else_is_not(headers: tuple[tuple[str, str], ...], refusal: SupervisionRefusal) -> None:
    assert judged(*headers) is refusal


def test_join_of_a_call_of_this_phone_is_a_wish_to_listen() -> None:
    request = asked(LEAD, ("Join", "the-call;to-tag=1;from-tag=2"))
    assert wish_of(request.headers) == Wish(SupervisionMode.LISTEN, "the-call")
    assert judged(LEAD, ("Join", "the-call;to-tag=1;from-tag=2")) is None


def test_who_is_no_lead_does_not_learn_whether_the_phone_is_busy() -> None:
    idle = Situation(talking=False, full=True)
    assert judged(ASKS, at=idle) is R.NOT_ASSERTED
    assert judged(LEAD, ASKS, at=idle) is R.NO_CALL
    assert judged(LEAD, ASKS, at=Situation(talking=True, full=True)) is R.BUSY


def test_a_whole_mode_in_capitals_with_blanks_is_the_same_mode() -> None:
    assert judged(LEAD, ("X-Softphone-Supervise", " LISTEN ")) is None
