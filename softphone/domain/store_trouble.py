"""Why the store cannot keep what it is given."""

from __future__ import annotations

from enum import StrEnum


class StoreTrouble(StrEnum):
    NONE = "none"
    LOCKED = "locked"
    READ_ONLY = "read_only"
    DISK_FULL = "disk_full"
    DAMAGED = "damaged"
    """Set aside under another name, never deleted; a new one was begun."""
    NEWER = "newer"
    KEY_MISSING = "key_missing"
    KEY_WRONG = "key_wrong"
    KEY_STORE_LOCKED = "key_store_locked"
    SUPERSEDED = "superseded"
    """The record was sent again while it was being corrected; the database itself is well."""
    OTHER = "other"
