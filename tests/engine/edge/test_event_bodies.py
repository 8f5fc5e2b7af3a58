"""Bodies of NOTIFY, friendly and hostile."""

from __future__ import annotations

import time

import pytest

from softphone.engine.edge.events.careful_xml import BodyRefusedError
from softphone.engine.edge.events.event_bodies import (
    DialogInfo,
    DialogState,
    MessageSummary,
    parse_dialog_info,
    parse_message_summary,
)

HEAD = b'<?xml version="1.0"?><dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info" '


def document(inner: bytes, attributes: bytes = b'version="3" state="full" entity="sip:7002@pbx"') -> bytes:
    return HEAD + attributes + b">" + inner + b"</dialog-info>"


def test_a_ringing_colleague_is_read() -> None:
    read = parse_dialog_info(
        document(
            b'<dialog id="d1" call-id="c" direction="recipient"><state event="x">early</state>'
            b'<remote><identity display="A\xe2\x80\xae &amp; B">sip:+49@pbx</identity>'
            b'<target uri="sip:t@pbx"/></remote>'
            b"<local><identity>sip:7002@pbx</identity></local></dialog>"
        )
    )
    assert (read.entity, read.version, read.full) == ("sip:7002@pbx", 3, True)
    assert read.dialogs == (DialogInfo("d1", DialogState.EARLY, True, "A & B", "sip:+49@pbx"),)


def test_an_idle_colleague_has_no_dialog() -> None:
    assert parse_dialog_info(document(b"")).dialogs == ()


BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    b'<dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info" version="1" state="full" entity="&b;"/>'
)
OUTSIDE = b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info"/>'


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not xml",
        BOMB,
        OUTSIDE,
        document(b'<dialog id="1"><state>dancing</state></dialog>'),
        document(b'<dialog id="1"></dialog>'),
        document(b"", b'version="-1"'),
        document(b"", b""),
        b'<other version="1"/>',
        document(b"<a>" * 50 + b"</a>" * 50),
        document(b"<a/>" * 2_000),
        document(b"x" * 70_000),
        document(b"")[:-5],
        b"\xff\xfe" + document(b""),
    ],
)
def test_a_body_that_lies_is_refused_at_once(body: bytes) -> None:
    started = time.perf_counter()
    with pytest.raises(BodyRefusedError):
        parse_dialog_info(body)
    assert time.perf_counter() - started < 0.5


def test_long_names_are_bounded() -> None:
    inner = b'<dialog id="1"><state>early</state><remote><identity display="%s"/></remote></dialog>'
    assert len(parse_dialog_info(document(inner % (b"x" * 5_000))).dialogs[0].remote) <= 120


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"Messages-Waiting: yes\r\nMessage-Account: sip:a@b\r\nVoice-Message: 2/8 (0/2)\r\n", (True, 2, 8)),
        (b"messages-waiting: NO\r\n", (False, 0, 0)),
        (b"Messages-Waiting:yes\nVoice-Message: many\n", (True, 0, 0)),
    ],
)
def test_a_mailbox_is_read(body: bytes, expected: tuple[bool, int, int]) -> None:
    assert parse_message_summary(body) == MessageSummary(*expected)


@pytest.mark.parametrize("body", [b"", b"Voice-Message: 1/0", b"Messages-Waiting: perhaps", b"x" * 70_000])
def test_what_is_no_mailbox_is_refused(body: bytes) -> None:
    with pytest.raises(BodyRefusedError):
        parse_message_summary(body)
