"""Digest challenges and answers."""

import hashlib
import time
from dataclasses import replace

import pytest

from softphone.engine.edge.digest import Answer, Challenge, answer, strongest
from softphone.engine.edge.messages.syntax import SipSyntaxError

CHALLENGE = (
    'Digest realm="a, \\"b\\"", nonce="n1", algorithm=SHA-256, qop="auth,auth-int", opaque="", stale=TRUE'
)


def test_a_challenge_is_read_and_written() -> None:
    challenge = Challenge.parse(CHALLENGE)
    assert challenge == Challenge('a, "b"', "n1", "SHA-256", ("auth", "auth-int"), "", stale=True)
    assert Challenge.parse(str(challenge)) == challenge


def test_the_answer_equals_the_example_of_rfc_2617() -> None:
    given = Answer(
        username="Mufasa",
        realm="testrealm@host.com",
        nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093",
        uri="/dir/index.html",
        response="6629fae49393a05397450978507c4ef1",
        qop="auth",
        cnonce="0a4f113b",
        nonce_count="00000001",
    )
    assert given.matches("GET", "Circle Of Life")
    assert not given.matches("GET", "circle of life")
    assert not given.matches("PUT", "Circle Of Life")


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256"])
@pytest.mark.parametrize("qop", [(), ("auth",)])
def test_an_answer_survives_the_wire_and_verifies(algorithm: str, qop: tuple[str, ...]) -> None:
    challenge = Challenge("realm", "nonce", algorithm, qop, opaque='o"p')
    made = answer(challenge, "REGISTER", "sip:pbx.example", "agënt", 'pass"word')
    read = Answer.parse(str(made))
    assert read == made
    assert read.matches("REGISTER", 'pass"word')
    assert not replace(read, algorithm="SHA-512").matches("REGISTER", 'pass"word')


def test_without_qop_the_response_is_the_short_form_of_rfc_2069() -> None:
    made = answer(Challenge("r", "n"), "BYE", "sip:x", "u", "p")
    first = hashlib.md5(b"u:r:p").hexdigest()
    second = hashlib.md5(b"BYE:sip:x").hexdigest()
    assert made.response == hashlib.md5(f"{first}:n:{second}".encode()).hexdigest()


def test_the_strongest_allowed_algorithm_is_chosen() -> None:
    md5, sha = Challenge("r", "n"), Challenge("r", "n", "SHA-256")
    unknown, integrity_only = (
        Challenge("r", "n", "SHA-512-256"),
        Challenge("r", "n", "SHA-256", ("auth-int",)),
    )
    assert strongest([unknown, integrity_only, md5, sha]) == sha
    assert strongest([md5, sha], allowed=("MD5",)) == md5
    assert strongest([md5], allowed=("SHA-256",)) is None


@pytest.mark.parametrize(
    "text", ["", "Basic abc", "Digest", 'Digest realm="x"', 'Digest nonce="x"', 'Digest realm="x']
)
def test_what_is_no_challenge_is_refused(text: str) -> None:
    with pytest.raises(SipSyntaxError):
        Challenge.parse(text)


def test_a_crafted_challenge_costs_no_time() -> None:
    crafted = "Digest " + ", ".join(f'p{n}="\\' + "\\" * 50 + '"' for n in range(200))
    started = time.perf_counter()
    with pytest.raises(SipSyntaxError):
        Challenge.parse(crafted)
    assert time.perf_counter() - started < 0.5
