"""G.711 (ITU-T): A-law and µ-law bytes to and from 16-bit samples, by table."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.int16]

_BIAS = 0x84
_CLIP = 32_635


def _decode_ulaw_table() -> Samples:
    code = ~np.arange(256, dtype=np.int32) & 0xFF
    exponent, mantissa = (code >> 4) & 7, code & 15
    magnitude = (((mantissa << 3) + _BIAS) << exponent) - _BIAS
    return np.where(code & 0x80, -magnitude, magnitude).astype(np.int16)


def _decode_alaw_table() -> Samples:
    code = np.arange(256, dtype=np.int32) ^ 0x55
    exponent, mantissa = (code >> 4) & 7, code & 15
    magnitude = np.where(
        exponent == 0, (mantissa << 4) + 8, ((mantissa << 4) + 0x108) << np.maximum(exponent - 1, 0)
    )
    return np.where(code & 0x80, magnitude, -magnitude).astype(np.int16)


def _encode_table(decode: Samples) -> npt.NDArray[np.uint8]:
    """For each sample (as unsigned 16 bit) the code whose value is nearest."""
    order = np.argsort(decode, kind="stable")
    levels = decode[order].astype(np.int32)
    edges = (levels[1:] + levels[:-1]) // 2
    samples = np.arange(65_536, dtype=np.uint16).view(np.int16).astype(np.int32)
    return order[np.searchsorted(edges, np.clip(samples, -_CLIP, _CLIP))].astype(np.uint8)


_ULAW, _ALAW = _decode_ulaw_table(), _decode_alaw_table()
_TO_ULAW, _TO_ALAW = _encode_table(_ULAW), _encode_table(_ALAW)
_DECODE = {0: _ULAW, 8: _ALAW}
_ENCODE = {0: _TO_ULAW, 8: _TO_ALAW}

PAYLOAD_TYPES = {8: "PCMA", 0: "PCMU"}
"""The static payload types of RFC 3551 that are spoken here, best first."""


def decode(payload_type: int, payload: bytes) -> Samples:
    return _DECODE[payload_type][np.frombuffer(payload, np.uint8)]


def encode(payload_type: int, samples: Samples) -> bytes:
    return _ENCODE[payload_type][samples.view(np.uint16)].tobytes()
