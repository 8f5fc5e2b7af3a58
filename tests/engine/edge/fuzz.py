"""Coverage-guided fuzzing of the edge: `python -m tests.engine.edge.fuzz [--seconds N] [--runs N] [FOLDER]`.

FOLDER keeps what reached new code, for the next run. The first byte of an input chooses what gets the rest:
the border from the server's side, the border from PJSIP's side, the stream framer, the XML of a NOTIFY, a
challenge. A crash or an exception that is none of the refusals ends the run and is written to a file.
Linux on x86-64 only: there are no wheels of atheris elsewhere.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["softphone.engine.edge"]):
    from softphone.engine.edge.digest import Answer, Challenge
    from softphone.engine.edge.events.careful_xml import BodyRefusedError
    from softphone.engine.edge.events.event_bodies import (
        parse_dialog_info,
        parse_message_summary,
    )
    from softphone.engine.edge.events.presence_body import read_presence
    from softphone.engine.edge.flows.framing import StreamError, StreamFramer
    from softphone.engine.edge.messages.syntax import SipSyntaxError
    from softphone.engine.edge.trace import mask
    from tests.engine.edge.mutations import Bench, check_clean, good_message, seed_message

_BENCH = Bench()
_SLOW_S = 5  # libFuzzer's own limit for one input


def _from_server(data: bytes) -> None:
    for delivered in _BENCH.feed(data):
        check_clean(delivered)
    mask(data)


def _from_pjsip(data: bytes) -> None:
    for sent in _BENCH.say(data):
        assert b"\0" not in sent.partition(b"\r\n\r\n")[0]


def _stream(data: bytes) -> None:
    framer = StreamFramer()
    with suppress(StreamError):
        for start in range(0, len(data), 61):
            framer.feed(data[start : start + 61])


def _notify(data: bytes) -> None:
    for parse in (parse_dialog_info, parse_message_summary, read_presence):
        with suppress(BodyRefusedError):
            parse(data)


def _challenge(data: bytes) -> None:
    text = data.decode("utf-8", "surrogateescape")
    for parse in (Challenge.parse, Answer.parse):
        with suppress(SipSyntaxError):
            written = str(parse(text))
            assert str(parse(written)) == written


_TARGETS: tuple[Callable[[bytes], None], ...] = (_from_server, _from_pjsip, _stream, _notify, _challenge)


def one_input(data: bytes) -> None:
    """What libFuzzer calls with each input."""
    if data:
        _TARGETS[data[0] % len(_TARGETS)](data[1:])


def write_seeds(folder: Path) -> None:
    """Good messages to begin with."""
    dice = random.Random(7)
    for number in range(60):
        message = seed_message(dice, _BENCH.contact, number)
        for target in range(3):
            (folder / f"seed-{number}-{target}").write_bytes(bytes([target]) + message)
    good = good_message(dice, _BENCH.contact, "INVITE", "seed", 1)
    (folder / "seed-invite").write_bytes(b"\0" + good)
    xml = (
        b'<?xml version="1.0"?><dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info" version="3" '
        b'state="full" entity="sip:7002@pbx"><dialog id="d1" direction="recipient"><state>early</state>'
        b'<remote><identity display="A">sip:1@pbx</identity></remote></dialog></dialog-info>'
    )
    (folder / "seed-xml").write_bytes(bytes([3]) + xml)
    pidf = b'<presence xmlns="urn:ietf:params:xml:ns:pidf"><tuple id="a"><status><basic>open</basic>'
    (folder / "seed-pidf").write_bytes(bytes([3]) + pidf + b"</status></tuple></presence>")
    summary = b"Messages-Waiting: yes\r\nVoice-Message: 2/1 (0/0)\r\n"
    (folder / "seed-summary").write_bytes(bytes([3]) + summary)
    challenge = b'Digest realm="pbx", nonce="n", qop="auth,auth-int", algorithm=SHA-256, stale=true'
    (folder / "seed-challenge").write_bytes(bytes([4]) + challenge)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, help="corpus; a temporary one by default")
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--runs", type=int, default=-1)
    parser.add_argument("--seed", type=int, default=4475)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        corpus = arguments.folder or Path(temporary)
        corpus.mkdir(parents=True, exist_ok=True)
        write_seeds(corpus)
        options = [
            f"-max_total_time={arguments.seconds}",
            f"-runs={arguments.runs}",
            f"-seed={arguments.seed}",
            f"-timeout={_SLOW_S}",
            "-max_len=9000",
            "-rss_limit_mb=1024",
            f"-artifact_prefix={corpus}/found-",
        ]
        atheris.Setup([sys.argv[0], *options, str(corpus)], one_input)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
