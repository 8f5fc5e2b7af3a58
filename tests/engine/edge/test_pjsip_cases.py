"""PJSIP's own cases through the edge, each with a fresh phone; exceptions are listed with their reason."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import pytest

from softphone.engine.edge.messages.message import Response, parse
from tests.engine.edge.far_peers import UdpPeer
from tests.engine.edge.pjsip_cases import Case, load
from tests.engine.edge.pjsip_phone import PjsipPhone
from tests.engine.edge.third_party import pjsip_cases
from tests.peers.fixtures import peer_or_skip

SHARES = 8
_ICE = "ICE is off in this phone: PJSIP's has known holes, and telephone systems do not need it"
_CODEC = "this build of PJSIP has no such codec"
_BRACKETS = "RFC 3261 section 20 wants brackets around a URI with `?`, and RFC 4475 (regbadct) a 400 without"
EXCEPTIONS: dict[str, str] = {
    "001_torture_4475_3_1_1_4": "a REGISTER: this phone is no registrar and says 405",
    **dict.fromkeys([f"200_ice_success_{n}" for n in range(1, 5)], _ICE),
    **dict.fromkeys([f"201_ice_mismatch_{n}" for n in range(1, 4)], _ICE),
    **dict.fromkeys([f"40{n}" for n in ("0_fmtp_g7221_with_bitrate", "1_fmtp_g7221_with_bitrate_24000",
                                        "1_fmtp_g7221_with_bitrate_32000")], _CODEC),
    **dict.fromkeys(["410_fmtp_amrnb_offer_octet_align", "411_fmtp_amrnb_offer_band_eff",
                     "412_fmtp_amrnb_offer_band_eff2"], _CODEC),
    **dict.fromkeys(["360_non_sip_uri", "361_non_sip_uri", "362_non_sip_uri", "363_non_sip_uri_subscribe"],
                    _BRACKETS),
}  # fmt: skip


@pytest.fixture(scope="module")
def cases(pytestconfig: pytest.Config) -> list[Case]:
    return load(peer_or_skip(pytestconfig, "pjsip-cases", pjsip_cases))


def phone_for(case: Case, port: int, log: Path) -> PjsipPhone:
    """A phone with the options of the case as far as they concern it."""
    route = {
        "account_id": "desk",
        "user": "7001",
        "domain": "pbx.example",
        "server": "127.0.0.1",
        "port": port,
        "transport": "udp",
        "keep_alive_s": 600.0,
    }
    config: dict[str, Any] = {"password": "x", "route": route, "answer": 200}
    for option, name in (("--use-srtp", "srtp"), ("--use-timer", "timer_use"),
                         ("--timer-min-se", "timer_min_s"), ("--timer-se", "session_s")):  # fmt: skip
        if (value := case.option(option)) is not None:
            config[name] = int(value)
    return PjsipPhone(config, log)


def final_response(server: UdpPeer, within_s: float = 4.0) -> tuple[int, str]:
    """Status and text of the first final response, 0 when none comes."""
    until = time.monotonic() + within_s
    while (left := until - time.monotonic()) > 0:
        try:
            data = server.receive_bytes(left)
        except TimeoutError:
            break
        if data.startswith(b"SIP/2.0 ") and not data.startswith(b"SIP/2.0 1"):
            return int(data[8:11]), data.decode("utf-8", "replace")
    return 0, ""


def run(case: Case, tmp_path: Path) -> str:
    """What went wrong, empty when nothing did."""
    server = UdpPeer()
    phone = phone_for(case, server.port, tmp_path / f"{case.name}.log")
    try:
        request = server.request("REGISTER")
        contact = (request.headers.get("Contact") or "").strip("<>")
        server.send(request.response(200, to_tag="r"))
        phone.wait("registration", code=200)
        server.send(case.message(contact, "127.0.0.1", server.port))
        status, text = final_response(server)
        if status != case.status:
            return f"{case.status} wanted, {status} came"
        if any(not re.search(pattern, text, re.MULTILINE | re.IGNORECASE) for pattern in case.include):
            return "something is missing in the answer"
        if any(re.search(pattern, text, re.MULTILINE | re.IGNORECASE) for pattern in case.exclude):
            return "something is too much in the answer"
        answer = parse(text.encode())
        assert isinstance(answer, Response)
        phone.do("counters")
        if phone.wait("counters")["faults"]:
            return "the edge had a fault"
        return "" if phone.quit() == 0 else "the phone did not end well"
    finally:
        phone.kill()
        server.close()


@pytest.mark.timeout(300)
@pytest.mark.peer("pjsip-cases")
@pytest.mark.parametrize("share", range(SHARES))
def test_pjsips_own_cases_end_as_pjsip_wants_them_to(cases: list[Case], share: int, tmp_path: Path) -> None:
    wrong = {case.name: run(case, tmp_path) for case in cases[share::SHARES]}
    unexpected = {n: why for n, why in wrong.items() if bool(why) != (n in EXCEPTIONS)}
    assert unexpected == {}


@pytest.mark.peer("pjsip-cases")
def test_every_exception_is_still_one_of_the_cases(cases: list[Case]) -> None:
    assert EXCEPTIONS.keys() <= {case.name for case in cases}
