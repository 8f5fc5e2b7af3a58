"""`softphone records`: on the file itself, and through a running softphone."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from softphone.domain.call import Party
from softphone.domain.keeping_events import StoreOpened
from softphone.domain.wrap_up import RecordStatus
from softphone.store.key import StoredKey
from softphone.store.records import SqlRecords
from softphone.system.folders import folders
from softphone.system.secrets import KeyringSecrets
from tests.cli.desk_process import Program
from tests.peers.secret_service import SecretService
from tests.store.decrypting import everything_in
from tests.store.listening import Heard
from tests.store.samples import ended

pytestmark = pytest.mark.peer("secret_service")
CANARY = "Kanarienvogel"


@pytest.fixture
def program(secret_service: SecretService, tmp_path: Path) -> Program:
    return Program(tmp_path / "profile", secret_service.environment)


def fill(program: Program, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One settled call of last year and one of today in the profile's database; return its file."""
    for name, value in program.environment.items():
        monkeypatch.setenv(name, value)
    where = folders(program.folder)
    where.create()
    heard = Heard()
    records = SqlRecords(where.database, StoredKey(KeyringSecrets(where.key_store_service)), heard.post)
    records.open()
    assert not heard.next(StoreOpened).in_memory
    today = datetime.now(UTC)
    for number, age in ((1, timedelta(days=365)), (2, timedelta(minutes=5))):
        record = ended(number, f"{CANARY} {number}")
        call = replace(
            record.call,
            started_at=today - age,
            ended_at=today - age + timedelta(seconds=30),
            party=Party(record.call.party.user, "pbx.test", f"{CANARY} {number}"),
        )
        records.record_call(replace(record, call=call), RecordStatus.CLOSED)
    records.close()
    return where.database


def answer(program: Program, *arguments: str) -> dict[str, object]:
    done = program.run("records", *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    found: dict[str, object] = json.loads(done.stdout)
    return found


def test_without_records_it_says_so(program: Program) -> None:
    done = program.run("records", "describe")
    assert done.returncode == 1
    assert "there are none" in done.stderr


def test_records_are_described_exported_purged_and_encrypted_anew(
    program: Program, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    database = fill(program, monkeypatch)
    facts = answer(program, "describe")["facts"]
    assert isinstance(facts, dict)
    assert (facts["calls.closed"], facts["on_disk"]) == ("2", "true")
    out = tmp_path / "support.json"
    assert program.run("records", "export", "--output", str(out)).returncode == 0
    exported = out.read_text(encoding="utf-8")
    assert [row["call"] for row in json.loads(exported)["records"]] == ["call-1", "call-2"]
    assert CANARY not in exported
    assert ended(1).number not in exported

    assert f"{CANARY} 1".encode() in everything_in(database, key_of(program))
    assert answer(program, "purge")["purged"] == 1  # 90 days are the default
    content = everything_in(database, key_of(program))
    assert f"{CANARY} 1".encode() not in content
    assert f"{CANARY} 2".encode() in content

    before = key_of(program)
    assert answer(program, "rekey") == {"version": 1}
    assert key_of(program) != before
    assert f"{CANARY} 2".encode() in everything_in(database, key_of(program))


def key_of(program: Program) -> bytes:
    """The database's key as the key store holds it (the environment is the program's, see `fill`)."""
    text = KeyringSecrets(folders(program.folder).key_store_service).read("records/key")
    assert text is not None
    return bytes.fromhex(text)


def test_a_purge_that_the_company_forbids_is_refused(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(program, monkeypatch)
    where = folders(program.folder)
    where.provisioned_file.write_text("[records]\nkeep_days = 400\n", encoding="utf-8")
    done = program.run("records", "purge", "--days", "30")
    assert done.returncode == 1
    assert "400 days" in done.stderr
    assert answer(program, "purge")["purged"] == 0
