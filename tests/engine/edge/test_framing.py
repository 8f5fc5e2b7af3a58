"""Cutting messages out of a stream."""

import random

import pytest

from softphone.engine.edge.flows.framing import KeepAlive, StreamError, StreamFramer
from softphone.engine.edge.messages.gate import Limits

ONE = b"OPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/TCP a;branch=z9hG4bK1\r\nl: 5\r\n\r\nhello"
TWO = b"SIP/2.0 200 OK\r\nContent-Length:\r\n 0\r\nVia: SIP/2.0/TCP a\r\n\r\n"


def test_joined_messages_and_keep_alives_come_out_in_order() -> None:
    framer = StreamFramer()
    assert framer.feed(ONE + TWO + b"\r\n\r\n" + ONE + b"\r\n") == [
        ONE,
        TWO,
        KeepAlive.PING,
        ONE,
        KeepAlive.PONG,
    ]


def test_the_cuts_of_the_network_do_not_matter() -> None:
    stream = ONE + TWO + b"\r\n\r\n" + ONE + TWO
    dice = random.Random(5626)
    for _ in range(200):
        framer, out, rest = StreamFramer(), list[bytes | KeepAlive](), stream
        while rest:
            cut = dice.randint(1, 40)
            out += framer.feed(rest[:cut])
            rest = rest[cut:]
        assert [item for item in out if isinstance(item, bytes)] == [ONE, TWO, ONE, TWO]


@pytest.mark.parametrize(
    "head",
    [
        b"OPTIONS sip:a SIP/2.0\r\n\r\n",
        b"OPTIONS sip:a SIP/2.0\r\nl: 1\r\nContent-Length: 2\r\n\r\n",
        b"OPTIONS sip:a SIP/2.0\r\nl: -1\r\n\r\n",
        b"OPTIONS sip:a SIP/2.0\r\nl: 99999999\r\n\r\n",
        b"OPTIONS sip:a SIP/2.0\r\n" + b"X: y\r\n" * 10_000,
    ],
)
def test_a_stream_that_cannot_be_cut_is_an_error_after_what_came_before(head: bytes) -> None:
    with pytest.raises(StreamError) as caught:
        StreamFramer().feed(ONE + head)
    assert caught.value.args[1] == [ONE]


def test_the_buffer_never_grows_beyond_one_message() -> None:
    framer = StreamFramer(Limits(message=1000, head=500))
    framer.feed(b"OPTIONS sip:a SIP/2.0\r\nl: 900\r\n\r\n")
    with pytest.raises(StreamError):
        framer.feed(b"x" * 900 + b"y" * 501)


def test_a_run_of_empty_lines_counts_once() -> None:
    assert StreamFramer().feed(b"\r\n" * 9999) == [KeepAlive.PING]
