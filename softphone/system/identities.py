"""Where new ids and chance come from."""

from __future__ import annotations

import secrets
import uuid
from datetime import datetime

from softphone.domain.ids import CallId, DeliveryId, QueryId, uuid7


class RandomIdentities:
    """Port `Identities`, from the operating system's random source."""

    def call(self) -> CallId:
        return CallId(str(uuid.uuid4()))

    def query(self) -> QueryId:
        return QueryId(str(uuid.uuid4()))

    def delivery(self, now: datetime) -> DeliveryId:
        """A UUID of version 7, so that deliveries sort by the moment `now` (aware) of their creation."""
        return DeliveryId(uuid7(int(now.timestamp() * 1000), secrets.token_bytes(10)))

    def jitter(self) -> float:
        return secrets.randbelow(1_000_001) / 1_000_000
