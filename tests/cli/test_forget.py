"""What the softphone keeps for a user goes when it is told to, only then, and nothing else goes with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.desk_process import Program
from tests.cli.test_account import ADD, PASSWORD, stored
from tests.peers.secret_service import SecretService


@pytest.fixture
def program(secret_service: SecretService, tmp_path: Path) -> Program:
    """A profile with an account, records and logs."""
    made = Program(tmp_path / "profile", secret_service.environment)
    assert made.run(*ADD, given=PASSWORD).returncode == 0
    for name in ("data/softphone.db", "logs/softphone.log", "last-good/policy.json"):
        (made.folder / name).parent.mkdir(exist_ok=True)
        (made.folder / name).write_text("kept", encoding="utf-8")
    return made


@pytest.mark.peer("secret_service")
def test_nothing_goes_without_the_word_that_it_shall(program: Program) -> None:
    done = program.run("forget")
    assert done.returncode == 1
    assert "forget --yes" in done.stderr
    assert (program.folder / "data/softphone.db").exists()
    assert stored(program) == ascii(PASSWORD)


@pytest.mark.peer("secret_service")
def test_settings_records_logs_and_passwords_go(program: Program) -> None:
    done = program.run("forget", "--yes")
    assert (done.returncode, done.stderr) == (0, "")
    assert not program.folder.exists()
    assert stored(program) == "None"
    assert program.run("forget", "--yes").returncode == 0, "twice is no error"


@pytest.mark.peer("secret_service")
def test_other_files_in_a_named_folder_stay(program: Program) -> None:
    (program.folder / "thesis.odt").write_text("mine", encoding="utf-8")
    assert program.run("forget", "--yes").returncode == 0
    assert [path.name for path in program.folder.iterdir()] == ["thesis.odt"]


@pytest.mark.peer("secret_service")
def test_a_running_softphone_is_not_pulled_from_under_the_agent(program: Program) -> None:
    from softphone.system import instance_lock

    lock = instance_lock.take(program.folder / "data")
    assert lock is not None
    done = program.run("forget", "--yes")
    lock.release()
    assert done.returncode == 1
    assert "quit it first" in done.stderr
    assert stored(program) == ascii(PASSWORD)
