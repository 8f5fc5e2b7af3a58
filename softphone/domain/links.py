"""What a link begins with that sets a phone up, and how long one may be."""

from __future__ import annotations

LINK_SCHEME = "softphone:"
LONGEST_LINK = 2_000
