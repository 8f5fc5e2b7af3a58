"""`softphone records`: the database of calls and outcomes, without a window.

A running softphone does it itself; otherwise the database is opened directly. Answers are JSON. Exit codes: 0
done, 1 refused (standard error says why), 2 wrong usage.
"""

from __future__ import annotations

import argparse
import json
import queue
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from softphone.cli.running_one import ask_the_running_one
from softphone.domain.errors import Broken, Refused, SoftphoneError, TryLater
from softphone.domain.events import Event
from softphone.domain.keeping_events import (
    KeyChanged,
    RecordsExported,
    RecordsPurged,
    StoreDescribed,
    StoreFailed,
    StoreOpened,
)
from softphone.domain.record_settings import days_to_keep
from softphone.domain.store_trouble import StoreTrouble
from softphone.store.key import StoredKey
from softphone.store.records import SqlRecords
from softphone.system.folders import Folders, folders
from softphone.system.logs import start_logging
from softphone.system.secrets import KeyringSecrets
from softphone.system.settings_sources import layered_settings

DONE, REFUSED = 0, 1
WITHIN_S = 120.0
"""A new key means writing the whole file anew."""

E = TypeVar("E", bound=Event)


def run(arguments: Sequence[str], config_dir: Path | None) -> int:
    """Do what `arguments` say; returns the exit code."""
    options = _parser().parse_args(arguments)
    where = folders(options.config_dir or config_dir)
    try:
        answer = _by_the_running_one(where, options) or _on_the_file(where, options)
    except SoftphoneError as exc:
        sys.stderr.write(f"softphone: {exc}\n")
        return REFUSED
    text = json.dumps({"version": 1, **answer}, indent=1) + "\n"
    if options.action == "export" and options.output:
        options.output.write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)
    return DONE


def _by_the_running_one(where: Folders, options: argparse.Namespace) -> Mapping[str, object] | None:
    request: dict[str, object] = {"command": f"records-{options.action}"}
    if options.action == "purge" and options.days is not None:
        request["days"] = options.days
    return ask_the_running_one(where, request, "records")


def _on_the_file(where: Folders, options: argparse.Namespace) -> Mapping[str, object]:
    start_logging(where.logs, "records")
    if not where.database.exists():
        raise Refused("records", f"there are none: {where.database}")
    before = _purge_before(where, options.days) if options.action == "purge" else None
    file = OpenRecords(where.database, StoredKey(KeyringSecrets(where.key_store_service)))
    try:
        if options.action == "describe":
            file.records.describe()
            return {"facts": dict(file.wait_for(StoreDescribed).facts)}
        if options.action == "export":
            file.records.export()
            return {"records": [dict(row) for row in file.wait_for(RecordsExported).rows]}
        if before is not None:
            file.records.purge(before)
            return {"purged": file.wait_for(RecordsPurged).count}
        file.records.change_key()
        file.wait_for(KeyChanged)
        return {}
    finally:
        file.records.close()


def _purge_before(where: Folders, days: int | None) -> datetime:
    file = layered_settings(where)
    settings = file.load().records
    kept = days_to_keep(settings, days, fixed="records.keep_days" in file.locked())
    return datetime.now(UTC) - timedelta(days=kept)


class OpenRecords:
    """The database, opened on disk or not at all; whoever made it closes `records`."""

    def __init__(self, path: Path, key: StoredKey) -> None:
        self._heard: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self.records = SqlRecords(path, key, self._heard.put)
        self.records.open()
        opened = self.wait_for(StoreOpened)
        if opened.in_memory or opened.trouble is not StoreTrouble.NONE:
            self.records.close()
            raise Broken("records", f"{opened.trouble.value} {opened.detail}".strip())

    def wait_for(self, kind: type[E]) -> E:
        """The next event of that class; raise `TryLater` for a trouble or when nothing comes."""
        while True:
            try:
                event = self._heard.get(timeout=WITHIN_S)
            except queue.Empty:
                raise TryLater("records", "the database does not answer") from None
            if isinstance(event, kind):
                return event
            if isinstance(event, StoreFailed):
                raise TryLater("records", event.trouble.value)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="softphone records", description="Calls and outcomes on this disk.")
    parser.add_argument("--config-dir", type=Path, metavar="DIR", help="the profile, as for softphone itself")
    actions = parser.add_subparsers(dest="action", required=True, metavar="describe|export|purge|rekey")
    actions.add_parser("describe", help="numbers and states, nothing of any customer")
    export = actions.add_parser("export", help="every record's states and times, for support")
    export.add_argument("--output", type=Path, metavar="FILE")
    purge = actions.add_parser("purge", help="forget settled records that are old enough")
    purge.add_argument("--days", type=int, metavar="N", help="older than N days; default: the settings'")
    actions.add_parser("rekey", help="encrypt everything with a new key")
    return parser
