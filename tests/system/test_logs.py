"""What stands in the log files, and what must not."""

from __future__ import annotations

import json
import logging
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from softphone.system import logs


@pytest.fixture(autouse=True)
def _own_logging() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    for handler in list(root.handlers):
        root.removeHandler(handler)
        handler.close()
    for handler in handlers:
        root.addHandler(handler)
    root.setLevel(level)
    structlog.reset_defaults()


def lines(file: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def test_an_event_is_one_json_line_with_its_facts_and_time(tmp_path: Path) -> None:
    file = logs.start_logging(tmp_path, "desk")
    structlog.get_logger().info("call_arrived", call="c-1", queue="support")
    (line,) = lines(file)
    assert line["event"] == "call_arrived"
    assert (line["call"], line["queue"], line["level"]) == ("c-1", "support", "info")
    assert str(line["timestamp"]).endswith("Z")


def test_secrets_never_reach_the_file_and_numbers_are_masked(tmp_path: Path) -> None:
    file = logs.start_logging(tmp_path, "desk")
    structlog.get_logger().info(
        "x",
        password="hunter2",
        crm_token="hunter2",
        Authorization="hunter2",
        number="+4930123456",
        dnis="5000",
    )
    text = file.read_text(encoding="utf-8")
    assert "hunter2" not in text
    assert "+4930123" not in text
    assert lines(file)[0]["number"] == "…456"


def test_text_from_outside_cannot_forge_a_line_or_reorder_one(tmp_path: Path) -> None:
    file = logs.start_logging(tmp_path, "desk")
    structlog.get_logger().info("x", name='a\n{"event": "forged"}\u202e\x1b[2J' + "y" * 10_000)
    (line,) = lines(file)
    assert len(str(line["name"])) <= 400
    assert not {"\n", "\u202e", "\x1b"} & set(str(line["name"]))


def test_an_exception_brings_its_traceback(tmp_path: Path) -> None:
    file = logs.start_logging(tmp_path, "desk")
    try:
        raise ValueError("broken")
    except ValueError:
        structlog.get_logger().exception("fault")
    assert "ValueError: broken" in str(lines(file)[0]["exception"])
    assert "test_logs.py" in str(lines(file)[0]["exception"])


def test_the_standard_librarys_logging_lands_in_the_same_file(tmp_path: Path) -> None:
    file = logs.start_logging(tmp_path, "desk")
    logging.getLogger("some.library").warning("odd %s", "thing")
    assert lines(file)[0]["event"] == "odd thing"


def test_files_rotate_and_are_private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "BYTES_PER_FILE", 2_000)
    logs.start_logging(tmp_path, "desk")
    for number in range(400):
        structlog.get_logger().info("filler", count=number)
    files = sorted(tmp_path.iterdir())
    assert [f.name for f in files] == ["desk.log", *(f"desk.log.{n}" for n in range(1, 5))]
    assert all(f.stat().st_size <= 2_000 for f in files)
    assert os.name == "nt" or {stat.S_IMODE(f.stat().st_mode) for f in files} == {0o600}


def test_a_folder_that_cannot_be_written_means_the_screen(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    logs.start_logging(tmp_path / "file", "desk")
    structlog.get_logger().info("still_here")
    assert "still_here" in capsys.readouterr().err


FULL_DISK = """
import resource, sys
from pathlib import Path
import structlog
from softphone.system.logs import start_logging
start_logging(Path(sys.argv[1]), "desk")
log = structlog.get_logger()
log.info("before")
resource.setrlimit(resource.RLIMIT_FSIZE, (200, 200))
for number in range(50):
    log.info("while_full", number=number)
print("still running")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="the limit that stands for a full disk is POSIX")
def test_a_full_disk_costs_log_lines_and_nothing_else(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert (done.stdout, done.stderr) == ("still running\n", "")
    assert "before" in (tmp_path / "desk.log").read_text(encoding="utf-8")
