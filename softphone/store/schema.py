"""The tables, as a chain of migrations: number N brings a database from `user_version` N-1 to N."""

from __future__ import annotations

_FIRST = (
    """
    CREATE TABLE calls (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,  -- order of arrival, whatever the clock does
        id TEXT NOT NULL UNIQUE,
        status TEXT NOT NULL,
        started_at INTEGER NOT NULL,            -- microseconds since 1970, UTC, like all times here
        record BLOB NOT NULL                    -- CallRecord as JSON
    ) STRICT
    """,
    "CREATE INDEX calls_unfinished ON calls (seq) WHERE status IN ('live', 'open')",
    # A draft may be written before its call: no foreign key.
    "CREATE TABLE drafts (call_id TEXT PRIMARY KEY, draft BLOB NOT NULL) STRICT",
    """
    CREATE TABLE wrap_ups (
        call_id TEXT PRIMARY KEY REFERENCES calls (id) ON DELETE CASCADE,
        campaign_id TEXT,
        code TEXT NOT NULL,
        code_label TEXT NOT NULL,
        finished_at INTEGER NOT NULL,
        automatic INTEGER NOT NULL,
        tags BLOB NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE outbox (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,  -- the order of delivery
        id TEXT NOT NULL UNIQUE,
        call_id TEXT NOT NULL UNIQUE REFERENCES calls (id) ON DELETE CASCADE,
        kind TEXT NOT NULL,
        crm TEXT NOT NULL,
        log BLOB NOT NULL,                      -- CallLog as JSON
        created_at INTEGER NOT NULL,
        state TEXT NOT NULL,
        attempts INTEGER NOT NULL,
        next_attempt_at INTEGER,
        decided_at INTEGER,                     -- when next_attempt_at was decided: an earlier "now" means
                                                -- that the clock was set back
        begun INTEGER NOT NULL DEFAULT 0,       -- an attempt whose end is not known
        trouble TEXT NOT NULL,
        detail TEXT NOT NULL,
        remote_id TEXT NOT NULL DEFAULT ''
    ) STRICT
    """,
    "CREATE INDEX outbox_waiting ON outbox (crm, seq) WHERE state = 'waiting'",
    "CREATE INDEX outbox_begun ON outbox (seq) WHERE begun = 1",
    "CREATE INDEX outbox_refused ON outbox (seq) WHERE state = 'refused'",
    # What history searches through, apart from the facts so that a scan reads little.
    """
    CREATE TABLE search (
        seq INTEGER PRIMARY KEY REFERENCES calls (seq) ON DELETE CASCADE,
        text TEXT NOT NULL
    ) STRICT
    """,
)

_OWN_FAULTS = (
    # Failed attempts that may be the record's own fault; too many of them and it steps aside.
    "ALTER TABLE outbox ADD COLUMN own_faults INTEGER NOT NULL DEFAULT 0",
)

_DO_NOT_CALL = (
    # campaign_id '' means every campaign.
    """
    CREATE TABLE do_not_call (
        number TEXT NOT NULL, campaign_id TEXT NOT NULL, added_at INTEGER NOT NULL,
        UNIQUE (number, campaign_id)
    ) STRICT
    """,
)

_SEVERAL_DELIVERIES = (
    # One call may have several deliveries (its log, a task, changes of the customer): no UNIQUE any more.
    """
    CREATE TABLE outbox_of_several (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        call_id TEXT NOT NULL REFERENCES calls (id) ON DELETE CASCADE,
        kind TEXT NOT NULL,
        crm TEXT NOT NULL,
        log BLOB NOT NULL,
        created_at INTEGER NOT NULL,
        state TEXT NOT NULL,
        attempts INTEGER NOT NULL,
        next_attempt_at INTEGER,
        decided_at INTEGER,
        begun INTEGER NOT NULL DEFAULT 0,
        trouble TEXT NOT NULL,
        detail TEXT NOT NULL,
        remote_id TEXT NOT NULL DEFAULT '',
        own_faults INTEGER NOT NULL DEFAULT 0
    ) STRICT
    """,
    """
    INSERT INTO outbox_of_several SELECT seq, id, call_id, kind, crm, log, created_at, state, attempts,
        next_attempt_at, decided_at, begun, trouble, detail, remote_id, own_faults FROM outbox ORDER BY seq
    """,
    "DROP TABLE outbox",
    "ALTER TABLE outbox_of_several RENAME TO outbox",
    "CREATE INDEX outbox_waiting ON outbox (crm, seq) WHERE state = 'waiting'",
    "CREATE INDEX outbox_begun ON outbox (seq) WHERE begun = 1",
    "CREATE INDEX outbox_refused ON outbox (seq) WHERE state = 'refused'",
    "CREATE INDEX outbox_of_call ON outbox (call_id)",
    "CREATE INDEX calls_by_status ON calls (status, seq)",
)

_CALLBACKS = (
    """
    CREATE TABLE callbacks (
        call_id TEXT PRIMARY KEY REFERENCES calls (id) ON DELETE CASCADE,
        due_at INTEGER NOT NULL,
        number TEXT NOT NULL,
        done_at INTEGER
    ) STRICT
    """,
    "CREATE INDEX callbacks_open ON callbacks (due_at) WHERE done_at IS NULL",
)

_CODES = (
    # The last outcomes that a CRM named for a campaign, for days on which it does not answer.
    """
    CREATE TABLE codes (
        campaign_id TEXT PRIMARY KEY, codes BLOB NOT NULL, fetched_at INTEGER NOT NULL
    ) STRICT
    """,
)

_CONTENT = (
    # What a delivery brings beside the call's facts: a change of the customer, a task.
    "ALTER TABLE outbox ADD COLUMN content BLOB",
)

_CORRECTIONS = (
    # Outcomes that are corrected after the CRM has them. Earlier versions of this program would deliver such
    # an entry and not know what it is, so they must not open the file any more.
    "ALTER TABLE outbox ADD COLUMN revision INTEGER NOT NULL DEFAULT 0",
    # What the CRM has, as long as a correction of it is not delivered: CallLog as JSON.
    "ALTER TABLE outbox ADD COLUMN accepted BLOB",
    # What is to be sent once the attempts with `log` have ended: CallLog as JSON.
    "ALTER TABLE outbox ADD COLUMN revised BLOB",
    # `log` tells the call alone: it went out before the agent had recorded an outcome.
    "ALTER TABLE outbox ADD COLUMN early INTEGER NOT NULL DEFAULT 0",
)

_BARRED_BY = (
    # The call whose outcome alone barred the number: a correction can free it. NULL where several did,
    # or where it is not known.
    "ALTER TABLE do_not_call ADD COLUMN call_id TEXT",
)

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    _FIRST,
    _OWN_FAULTS,
    _DO_NOT_CALL,
    _SEVERAL_DELIVERIES,
    _CALLBACKS,
    _CODES,
    _CONTENT,
    _CORRECTIONS,
    _BARRED_BY,
)

VERSION = len(MIGRATIONS)
