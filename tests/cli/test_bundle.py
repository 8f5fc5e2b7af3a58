"""The archive for support: canaries in every corner of a phone, and not one of them in any byte of it."""

from __future__ import annotations

import io
import json
import re
import sys
import zipfile
import zlib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from softphone.cli.doctor import bundle
from softphone.cli.doctor.bundle import write_bundle
from softphone.cli.doctor.scrub import LEFT_OUT, Scrubber
from softphone.domain.call import CallState, CallView, Direction, Party
from softphone.domain.errors import Broken
from softphone.domain.ids import AccountId, CallId
from softphone.domain.provisioning import ProvisioningState
from softphone.domain.wrap_up import CallRecord, Draft, RecordStatus
from softphone.store.key import StoredKey
from softphone.store.records import SqlRecords
from softphone.system.folders import Folders, folders
from softphone.system.secrets import KeyringSecrets
from tests.cli.desk_process import Program
from tests.peers.secret_service import SecretService

PASSWORD, TOKEN, CODE = "kanarienvogel-7001", "canary-token-9a8b7c", "canary-code-once"
NAME, NUMBER, NOTE = "Kanaria Vogelsang", "+49 30 5550142", "Wellensittich ist entflogen"
OTHER = "Papagena Federkleid"
CANARIES = (PASSWORD, TOKEN, CODE, NAME, "Kanaria", "Vogelsang", NOTE, "Wellensittich", OTHER, "Papagena")
DIGITS = ("5550142", "49305550142", "555-0142", "555 0142")

SETTINGS = f"""\
# my password is {PASSWORD}, {NAME} calls at {NUMBER}
[[accounts]]
id = "main"
server = "127.0.0.1"
user = "7001"
display_name = "{PASSWORD}"

[[crms]]
name = "company"
pack = "rest"
base_url = "http://127.0.0.1:9/api?key={TOKEN}"

[[campaigns]]
id = "claims"
name = "Storm Insurance"
greeting = "{NOTE}"
crm = "company"

[team]
leads = ["7900"]
members = [{{ extension = "7002", name = "{NAME}" }}]

[provisioning]
url = "http://127.0.0.1:9/profile.toml?token={CODE}"

[audio]
microphone = "null"
"""


def searched(raw: bytes) -> list[str]:
    """Every canary in these bytes, in any spelling that a text may have."""
    text = raw.decode(errors="replace")
    spelled = (text, re.sub(r"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), text))
    found = [canary for canary in CANARIES for each in spelled if canary.lower() in each.lower()]
    plain = "".join(c for c in text if c.isdigit() or c.isspace())
    return found + [digits for digits in DIGITS if digits in text or digits in plain]


def every_byte(archive: bytes) -> dict[str, bytes]:
    """The archive as it lies on the disk, each member unpacked, and what a member would hold if packed."""
    parts = {"(archive)": archive}
    with zipfile.ZipFile(io.BytesIO(archive)) as packed:
        parts["(comment)"] = packed.comment
        for member in packed.infolist():
            parts[member.filename] = packed.read(member)
            parts[f"{member.filename} (name, extra)"] = (
                member.filename.encode() + member.extra + member.comment
            )
    return parts


def plant_log(where: Folders, name: str) -> None:
    """Canaries under keys known and unknown, in messages, in a traceback, in lines that are no JSON."""
    frame = f'  File "/x/crm.py", line 7, in find\n    x = "{NAME}"'
    trace = f"Traceback (most recent call last):\n{frame}\nValueError: {NOTE}"
    lines = [
        {
            "event": "crm_not_usable",
            "level": "warning",
            "detail": f"no such contact {NAME}",
            "trouble": "refused",
        },
        {"event": f"call from {NAME}", "number": NUMBER, "caller": OTHER, "state": NAME, "what": NOTE},
        {"event": "handler_failed", "event_type": "CallChanged", "exception": trace},
        {"event": "profile_not_taken", "detail": f"password {PASSWORD} for {NUMBER}", "place": f"x/{TOKEN}"},
        {"event": "call_ended", "call": NUMBER, "cause": "0305550142", "sip_code": 200, NAME: "key"},
        {"event": "kept", "call": "3f2504e0-4f89-41d3-9a0c-0305e82c3301", "timestamp": NAME},
    ]
    text = "\n".join(
        [*(json.dumps(line, ensure_ascii=name == "desk.log") for line in lines), f"plain {NAME}", "["]
    )
    (where.logs / name).write_text(text + "\n", encoding="utf-8")


def plant_records(where: Folders, secrets: KeyringSecrets) -> None:
    """A call of the canary in the real, encrypted database."""
    records = SqlRecords(where.database, StoredKey(secrets), lambda _event: None)
    records.open()
    call = CallView(
        CallId("call-1"), AccountId("main"), Direction.INBOUND, CallState.TERMINATED,
        Party(user=NUMBER, display_name=NAME), datetime.now(UTC),
    )  # fmt: skip
    records.record_call(CallRecord(call, NUMBER), RecordStatus.OPEN)
    records.save_draft(Draft(call.id, notes=NOTE, customer_name=NAME))
    records.close()


PLANT = """
import sys
from pathlib import Path
from tests.cli.test_bundle import plant
plant(Path(sys.argv[1]))
"""


def plant(folder: Path) -> None:
    """Everything that a phone may hold, in its real places."""
    where = folders(folder)
    where.create()
    where.settings_file.write_text(SETTINGS, encoding="utf-8")
    where.enrolled_file.write_text(f"# {CODE}\n[window]\nlanguage = 'de'\n", encoding="utf-8")
    where.provisioned_file.write_text(
        f"# {TOKEN}\n[profile]\nversion = 1\ncompany = 'Storm'\nbad = '{NAME}'\n"
    )
    secrets = KeyringSecrets(where.key_store_service)
    secrets.write("account/main", PASSWORD)
    secrets.write("crm/company", TOKEN)
    plant_records(where, secrets)
    for name in ("desk.log", "engine.log", "desk.log.1"):
        plant_log(where, name)
    (where.data / "answer.wav").write_bytes(NAME.encode())
    (where.config / "notes.txt").write_text(NOTE)


@pytest.mark.peer("secret_service")
def test_no_canary_is_in_any_byte_of_the_archive(secret_service: SecretService, tmp_path: Path) -> None:
    program = Program(tmp_path / "profile", secret_service.environment)
    planting = Program(program.folder, program.environment)
    planting.command = [sys.executable, "-c", PLANT, str(program.folder)]
    done = planting.run()
    assert done.returncode == 0, done.stderr
    file = tmp_path / "support.zip"
    told = program.run("doctor", "--bundle", str(file), "--without", "telephone")
    assert "without secrets and customer data" in told.stderr, told.stderr
    archive = file.read_bytes()
    assert file.stat().st_mode & 0o077 == 0
    parts = every_byte(archive)
    assert {name: found for name, content in parts.items() if (found := searched(content))} == {}
    assert {"doctor.json", "settings.json", "provisioning.json", "packages.txt"} <= set(parts)
    assert json.loads(parts["doctor.json"])["version"] == 1
    log = parts["logs/desk.log"].decode()
    assert "3f2504e0-4f89-41d3-9a0c-0305e82c3301" in log
    assert "crm.py:7 find" in log
    assert "crm_not_usable" in log
    settings = json.loads(parts["settings.json"])["settings"]
    assert settings["accounts.main.server"]["value"] == "127.0.0.1"
    assert settings["crms.company.base_url"]["value"] == f"http://127.0.0.1:9/{LEFT_OUT}"


def test_the_search_of_this_test_finds_what_it_looks_for() -> None:
    for canary in (*CANARIES, *DIGITS):
        assert searched(f"x{canary}y".encode())
    assert searched(json.dumps({"a": NAME}).encode())
    assert searched(zlib.decompress(zlib.compress(NUMBER.encode())))
    assert not searched(b"2026-11-22T09:00:00Z call 3f2504e0-4f89-41d3-9a0c-0305e82c3301")


def test_an_archive_that_would_hold_a_secret_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = folders(tmp_path / "profile")
    where.create()
    monkeypatch.setattr(bundle, "_packages", lambda: [f"package=={TOKEN}"])
    file = tmp_path / "support.zip"
    with pytest.raises(Broken, match=r"packages\.txt would hold a secret"):
        write_bundle(file, where, {}, {"settings": {}, "left_out": []}, ProvisioningState(), (TOKEN,))
    assert not file.exists()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("call +49 30 5550142 now", "call … now"),
        ("to 030/555-0142.", "to …."),
        ("anna.b@example.org wrote", "…@… wrote"),
        ("at 2026-11-22 10:15", "at 2026-11-22 10:15"),
        ("server 192.168.100.200 on 5061", "server 192.168.100.200 on 5061"),
        ("took 1234 ms", "took 1234 ms"),
    ],
)
def test_numbers_and_addresses_leave_the_text_and_the_rest_stays(text: str, told: str) -> None:
    assert Scrubber().text(text) == told


def test_figures_of_our_own_stay_figures() -> None:
    assert Scrubber().everything({"free_bytes": 123456789, "a": ["x", 1.5]}) == {
        "free_bytes": 123456789, "a": ["x", 1.5],
    }  # fmt: skip
