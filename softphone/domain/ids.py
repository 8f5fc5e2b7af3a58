"""Typed identifiers. Two ids of different kinds can never be mixed up by accident."""

from __future__ import annotations

from typing import NewType
from uuid import UUID

AccountId = NewType("AccountId", str)
"""Names one SIP account of this user; chosen when the account is added, stable for ever."""

CallId = NewType("CallId", str)
"""Our own UUID of one call; never the SIP Call-ID, never PJSIP's slot number (pjproject #3856)."""

CampaignId = NewType("CampaignId", str)
"""Names one campaign (one company's line of work); from the settings."""

CustomerId = NewType("CustomerId", str)
"""The CRM's own id of a customer record; opaque to us."""

DeliveryId = NewType("DeliveryId", str)
"""UUIDv7 of one outbox entry; also its idempotency key and the unique field sent to the CRM."""

QueryId = NewType("QueryId", str)
"""Names one question put to the CRM, so that a late answer is recognised."""


def uuid7(unix_ms: int, randomness: bytes) -> str:
    """Return a UUID of version 7 (RFC 9562 section 5.7) as text.

    `unix_ms` is milliseconds since the epoch (48 bits are used), `randomness` at least 10 random bytes.
    The caller supplies both, because the domain has neither a clock nor a random source.
    """
    if len(randomness) < 10:
        raise ValueError("uuid7 needs 10 random bytes")
    value = (unix_ms & (1 << 48) - 1) << 80 | int.from_bytes(randomness[:10])
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return str(UUID(int=value))
