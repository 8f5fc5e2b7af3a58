"""RFC 4475: every valid message is read as the RFC says, every invalid one refused as it says."""

from __future__ import annotations

import pytest

from softphone.engine.edge.messages.message import (
    MessageRefusedError,
    Request,
    Response,
    answer_refused,
    parse,
)
from tests.engine.edge.rig import Rig
from tests.engine.edge.third_party import torture_messages
from tests.peers.fixtures import peer_or_skip

# Section 3.1.1 (valid), and those of 3.2 to 3.4 whose trouble is not one of syntax.
VALID = (
    "wsinv", "intmeth", "esc01", "escnull", "esc02", "lwsdisp", "longreq", "dblreq", "semiuri", "transports",
    "mpart01", "unreason", "noreason", "unkscm", "novelsc", "unksm2", "bext01", "invut", "regaut01", "bcast",
    "zeromf", "cparam01", "cparam02", "regescrt", "sdp01", "inv2543", "baddate",
)  # fmt: skip
# Status of the answer; 0 is silence, for responses and for what no answer could be addressed.
INVALID = {
    "badinv01": 0,  # its Via cannot be read, so nobody could be answered
    "clerr": 400,
    "ncl": 400,
    "scalar02": 400,
    "scalarlg": 0,
    "quotbal": 400,
    "ltgtruri": 400,
    "lwsruri": 400,
    "lwsstart": 400,
    "trws": 400,
    "escruri": 400,
    "regbadct": 400,
    "badaspec": 400,
    "baddn": 0,  # the archive's copy lacks the empty line that ends its headers
    "badvers": 505,
    "mismatch01": 400,
    "mismatch02": 400,
    "bigcode": 0,
    "badbranch": 400,
    "insuf": 400,
    "multi01": 400,
    "mcl01": 400,
    "test": 0,  # the archive's own stray file, no SIP message
}


@pytest.fixture(scope="module")
def torture(pytestconfig: pytest.Config) -> dict[str, bytes]:
    return peer_or_skip(pytestconfig, "rfc4475", torture_messages)


@pytest.mark.peer("rfc4475")
def test_every_message_of_the_rfc_is_judged_here(torture: dict[str, bytes]) -> None:
    assert sorted(torture) == sorted([*VALID, *INVALID])


@pytest.mark.peer("rfc4475")
@pytest.mark.parametrize("name", VALID)
def test_a_valid_message_is_read_and_survives_being_written(torture: dict[str, bytes], name: str) -> None:
    message = parse(torture[name])
    again = parse(message.to_bytes())
    assert again.to_bytes() == message.to_bytes()
    assert b"\0" not in message.to_bytes().partition(b"\r\n\r\n")[0]


@pytest.mark.peer("rfc4475")
@pytest.mark.parametrize("name", INVALID)
def test_an_invalid_message_is_refused_with_the_right_status(torture: dict[str, bytes], name: str) -> None:
    with pytest.raises(MessageRefusedError) as caught:
        parse(torture[name])
    answer = answer_refused(caught.value, "t")
    assert (answer.status if answer else 0) == INVALID[name]


@pytest.mark.peer("rfc4475")
def test_details_of_valid_messages(torture: dict[str, bytes]) -> None:
    wsinv = parse(torture["wsinv"])
    assert isinstance(wsinv, Request)
    assert wsinv.uri == "sip:vivekg@chair-dnrc.example.com;unknownparam"
    assert len(wsinv.headers.split("Via")) == 3
    assert wsinv.to.uri == "sip:vivekg@chair-dnrc.example.com"
    assert wsinv.from_.name == 'J Rosenberg \\"'
    assert wsinv.headers.get("Max-Forwards") == "0068"
    assert wsinv.cseq == (9, "INVITE")
    intmeth = parse(torture["intmeth"])
    assert isinstance(intmeth, Request)
    assert intmeth.method == "!interesting-Method0123456789_*+`.%indeed'~"
    assert intmeth.to.name == "BEL: NUL: DEL:"
    semiuri = parse(torture["semiuri"])
    assert isinstance(semiuri, Request)
    assert semiuri.uri == "sip:user;par=u%40example.net@example.com"
    dblreq = parse(torture["dblreq"])
    assert dblreq.body == b""
    unreason = parse(torture["unreason"])
    assert isinstance(unreason, Response)
    assert unreason.reason.startswith("= 2**3 * 5**2 но")
    longreq = parse(torture["longreq"])
    assert len(longreq.headers.split("Via")) > 30


@pytest.mark.peer("rfc4475")
@pytest.mark.parametrize("name", [*VALID, *INVALID])
def test_from_the_server_each_passes_or_is_stopped_and_a_call_still_rings(
    registered: tuple[Rig, str], torture: dict[str, bytes], name: str
) -> None:
    it, contact = registered
    first, _, rest = torture[name].partition(b"\r\n")
    words = first.split(b" ")
    if not first.startswith(b"SIP/") and len(words) == 3:  # aimed at us, else nothing would even be parsed
        first = b" ".join([words[0], contact.encode(), words[2]])
    it.server.send(first + b"\r\n" + rest)
    it.server.send(it.from_server("INVITE", contact, call_id="afterwards"))
    harmless = {*VALID, "ltgtruri", "escruri"}  # the fault of these was in the line that we replaced
    while (seen := it.phone.request()).call_id != "afterwards":
        assert name in harmless
    assert seen.method == "INVITE"
