"""Which placeholders each part of a pack may use. docs/crm-packs.md lists them for the people who write
packs."""

from __future__ import annotations

ALWAYS = frozenset({"user", "base_url"})
"""Beside them everywhere: the pack's parameters, what `[auth.session]` saves, and `agent_id` and `agent_name`
with an `[agent]`."""

FORMS = frozenset(
    {
        "e164", "international", "national", "national_written", "international_written", "significant",
        "calling_code", "last10", "last9", "last8", "last7", "raw", "region",
    }
)  # fmt: skip
FIND_NAMES = FORMS | {"number", "campaign"}
PAGING_NAMES = frozenset({"cursor", "page", "offset"})
RECORD_NAMES = frozenset({"id", "kind"})
SEARCH_NAMES = frozenset({"text", "campaign"})
CALL_NAMES = frozenset(
    {
        "external_id", "call_id", "direction", "number", "digits", "started_at", "ended_at", "talk_s",
        "talk_ms", "answered", "campaign", "queue", "disposition", "disposition_label", "notes",
        "customer_id", "customer_kind", "callback_at", "callback_number", "answers", "dispositions",
        "actions", "recording_url", "summary",
    }
)  # fmt: skip
CALL_UPDATE_NAMES = CALL_NAMES | {"remote_id", "update_id"}
TASK_NAMES = CALL_NAMES | {"subject", "due_at", "task_kind"}
CREATE_NAMES = FORMS | {
    "external_id", "call_id", "number", "campaign", "name", "first_name", "last_name", "company", "email",
    "notes",
}  # fmt: skip
UPDATE_NAMES = frozenset({"external_id", "id", "kind", "customer_id", "customer_kind", "campaign", "changes"})
CODES_NAMES = frozenset({"campaign"})
STATE_NAMES = frozenset({"state", "reason", "paid", "since"})
OPEN_NAMES = frozenset({"id", "kind"})
SIGNING_NAMES = frozenset(
    {
        "method", "path", "query", "target", "body", "body_sha256", "host", "timestamp", "timestamp_ms",
        "nonce", "user",
    }
)  # fmt: skip
LOGIN_NAMES = frozenset({"user", "secret", "client_id", "client_secret", "base_url"})
