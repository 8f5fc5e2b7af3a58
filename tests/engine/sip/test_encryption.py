"""Offers with and without keys."""

from __future__ import annotations

import pytest

from softphone.engine.sip.encryption import demand, offers_keys

HEAD = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
KEY = "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz\r\n"
PLAIN = "m=audio 4000 RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\n"


@pytest.mark.parametrize(
    ("streams", "keys"),
    [
        ("m=audio 4000 RTP/SAVP 8\r\n" + KEY, True),
        (PLAIN + KEY, True),
        (PLAIN, False),
        (PLAIN + KEY + PLAIN, False),
        (PLAIN + KEY + "m=audio 0 RTP/AVP 8\r\n", True),
        (PLAIN + "m=video 4002 RTP/SAVP 96\r\n" + KEY, False),
        ("m=audio 0 RTP/SAVP 8\r\n" + KEY, False),
        ("", False),
        (PLAIN + "a=crypto:1 AES_CM_128_HMAC_SHA1_80\r\n", False),
    ],
)
def test_each_active_audio_stream_must_bring_keys(streams: str, keys: bool) -> None:
    assert offers_keys((HEAD + streams).encode()) is keys


def test_garbage_brings_no_keys() -> None:
    assert not offers_keys(b"\xff\xfe\nm=audio\nm=\n")


def test_our_offer_admits_nothing_but_srtp() -> None:
    assert "m=audio 4000 RTP/SAVP 8\r\n" in demand(HEAD + PLAIN + KEY)
    assert demand(HEAD + "m=audio 4000 RTP/SAVP 8\r\n") == HEAD + "m=audio 4000 RTP/SAVP 8\r\n"
