"""Session timers (RFC 4028) at Asterisk: `python -m tests.engine.edge.session_timers`.

90 s is the shortest interval that the RFC allows, so a call must last longer than that: about four minutes in
all. For each call one line of JSON: who was to refresh, how often it happened, and that both still hear each
other afterwards.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
import time
from pathlib import Path

from tests.engine.edge.pjsip_phone import PjsipPhone
from tests.engine.edge.test_on_asterisk import config, uri
from tests.peers.asterisk import Asterisk
from tests.peers.asterisk_config import REFRESHES_OFTEN

_SESSION_S = 90
_LASTS_S = 110.0
_ALWAYS = 3  # PJSUA_SIP_TIMER_ALWAYS
_EXPIRES = re.compile(r"(?im)^(?:session-expires|x)[ \t]*:[ \t]*\d+[ \t]*;[ \t]*refresher=(uac|uas)")


def refreshes(phone: PjsipPhone) -> tuple[int, int, set[str]]:
    """Re-INVITEs and UPDATEs sent and received so far, and the refreshers that were named."""
    phone.do("trace")
    entries = phone.wait("trace")["entries"]
    sent = received = 0
    named: set[str] = set()
    for direction, text in entries:
        named |= set(_EXPIRES.findall(text))
        to = next((line for line in text.split("\r\n") if line.lower().startswith("to:")), "")
        if text.startswith(("INVITE ", "UPDATE ")) and ";tag=" in to:
            sent += direction == "sent"
            received += direction == "received"
    return sent, received, named


def last_long(phone: PjsipPhone, number: int, who: str) -> bool:
    """Let the call last beyond the interval; True if it lives, was refreshed, and sound goes on."""
    time.sleep(_LASTS_S)  # nothing is waited for: this is the test
    before = phone.hears(number)
    time.sleep(1.0)
    sent, received, named = refreshes(phone)
    alive = phone.hears(number) > before
    print(
        json.dumps({
            "call": who,
            "refreshed_by_us": sent,
            "refreshed_by_asterisk": received,
            "refreshers_named": sorted(named),
            "lives": alive,
        })
    )  # fmt: skip
    sys.stdout.flush()
    return alive and sent + received > 0


def main() -> int:
    good = True
    with tempfile.TemporaryDirectory() as folder:
        server = Asterisk(Path(folder) / "pbx")
        server.start()
        settings = {"timer_use": _ALWAYS, "session_s": _SESSION_S, "timer_min_s": _SESSION_S}
        for who, user in (("placed", "7001"), ("received", REFRESHES_OFTEN)):
            phone = PjsipPhone({**config(server, "tcp", user), **settings}, Path(folder) / "phone.log")
            phone.wait("registration", code=200)
            if who == "placed":
                number = phone.call(uri("601"))
            else:
                server.customer_calls(user)
                number = int(phone.wait("incoming")["number"])
                phone.do("answer", number=number)
                phone.wait("call", number=number, state="CONFIRMED")
            good &= last_long(phone, number, who)
            phone.quit()
            server.reset()
        server.stop()
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
