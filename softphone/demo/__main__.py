"""`python -m softphone.demo`: the embedded world, and the softphone already signed in to it."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from softphone.domain.facts import dataclass
from softphone.program import ourselves

if TYPE_CHECKING:
    from softphone.demo.world import DemoWorld

_AUTO_START_S = 60.0
_AUTO_CALL_S = 45.0
_ENDING_S = 30.0


@dataclass(frozen=True, slots=True)
class Choices:
    auto: bool
    output: Path | None
    calls: int
    desk_arguments: tuple[str, ...]


def main(arguments: list[str]) -> int:
    """Start the world and the desk; with --auto, judge what happened. Returns the exit code."""
    began = time.monotonic()
    choices = _read(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the softphone is ended in good order
    folder = choices.output or Path(tempfile.mkdtemp(prefix="softphone-demo-"))
    folder = folder.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    config = Path(tempfile.mkdtemp(prefix="softphone-"))  # short: sockets in it have at most 103 bytes
    desk = _start_desk(choices, config, folder)  # first: it loads its libraries while the world starts
    try:
        return _run(desk, choices, folder, began)
    finally:
        _end(desk)
        shutil.rmtree(config, ignore_errors=True)
        if choices.output is None and not choices.auto:
            shutil.rmtree(folder, ignore_errors=True)


def _end(desk: subprocess.Popen[bytes]) -> None:
    """In good order if it can; one that is still loading its libraries on a busy computer needs a while."""
    if desk.poll() is None:
        desk.terminate()
        try:
            desk.wait(_ENDING_S)
        except subprocess.TimeoutExpired:
            desk.kill()
            desk.wait()


def _read(arguments: list[str]) -> Choices:
    parser = argparse.ArgumentParser(prog="softphone demo", description=__doc__)
    parser.add_argument("--auto", action="store_true", help="play whole calls without anybody, then quit")
    parser.add_argument("--output", type=Path, metavar="DIR", help="folder for screenshots and summary.json")
    parser.add_argument("--calls", type=int, default=0, metavar="N", help="number of calls (--auto: 1)")
    parser.add_argument("desk", nargs="*", help="further arguments for the softphone, after --")
    given = parser.parse_args(arguments)
    auto = given.auto or _no_display()
    calls = given.calls or (1 if auto else 0)
    if calls < 0 or (auto and calls > 8):
        parser.error("--calls must be between 1 and 8 with --auto")
    return Choices(auto, given.output, calls, tuple(given.desk))


def _no_display() -> bool:
    shown = any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))
    return sys.platform.startswith("linux") and not shown


def _start_desk(choices: Choices, config: Path, folder: Path) -> subprocess.Popen[bytes]:
    command = [*ourselves(), "--profile-stdin", "--config-dir", str(config)]
    if choices.auto:
        command += ["--autoplay", str(folder), "--autoplay-calls", str(choices.calls)]
    environment = dict(os.environ)
    if _no_display():
        environment["QT_QPA_PLATFORM"] = "offscreen"
    command += choices.desk_arguments
    return subprocess.Popen(command, stdin=subprocess.PIPE, env=environment)  # noqa: S603 - our own program


def _run(desk: subprocess.Popen[bytes], choices: Choices, folder: Path, began: float) -> int:
    from softphone.demo.world import DemoWorld  # lazily: the desk's process is started before this loads

    with DemoWorld() as world:
        _hand_over(desk, world, choices, folder)
        _send_callers(world, choices)
        if not choices.auto:
            _welcome(world)
        exit_code = _wait(desk, choices)
        if not choices.auto:
            return exit_code
        return _judge(world, choices, folder, exit_code, began)


def _hand_over(desk: subprocess.Popen[bytes], world: DemoWorld, choices: Choices, folder: Path) -> None:
    from softphone.demo.profile import demo_profile, to_line
    from softphone.demo.sound_card import audio_choice
    from softphone.demo.world import AGENT

    audio = audio_choice(folder if choices.auto else None)
    profile = demo_profile(world.addresses, world.passwords[AGENT], world.crm.token, audio)
    assert desk.stdin is not None  # noqa: S101 - it was asked for
    try:
        desk.stdin.write(to_line(profile))
        desk.stdin.close()
    except OSError:
        sys.stderr.write("The softphone ended before it could be told where to sign in.\n")


def _send_callers(world: DemoWorld, choices: Choices) -> None:
    from softphone.demo.callers import Rhythm

    rhythm = (
        Rhythm(before_first_s=0.8, between_calls_s=30.0, after_recorded_s=0.5) if choices.auto else Rhythm()
    )
    world.send_callers(rhythm, limit=choices.calls)


def _welcome(world: DemoWorld) -> None:
    from softphone.demo.pbx.extensions import EXTENSIONS

    lines = [
        "",
        "The demo runs on this computer alone: telephone system, CRM and customers.",
        f"  CRM in the browser   {world.crm.base_url}/",
        "  Customers call by themselves. You can also dial:",
        *(f"    {number}  {extension.title}" for number, extension in EXTENSIONS.items()),
        "    or any telephone number: somebody answers.",
        "  Set up a second softphone as a company would, a colleague at 7002 (the code is good once):",
        f"    echo {world.provisioning.code} | softphone --config-dir DIR provision --token-stdin \\",
        f"      {world.provisioning.url}",
        "  Quit the softphone to end the demo.",
        "",
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


def _wait(desk: subprocess.Popen[bytes], choices: Choices) -> int:
    limit_s = _AUTO_START_S + _AUTO_CALL_S * choices.calls if choices.auto else None
    try:
        return desk.wait(limit_s)
    except subprocess.TimeoutExpired:
        sys.stderr.write(f"The softphone did not finish within {limit_s:g} s.\n")
        desk.kill()
        desk.wait()
        return -1
    except KeyboardInterrupt:
        return desk.wait(15)  # Ctrl-C reaches the softphone as well; let it un-register


def _judge(world: DemoWorld, choices: Choices, folder: Path, exit_code: int, began: float) -> int:
    from softphone.demo.verdict import SUMMARY, summary

    found = summary(world, folder, choices.calls, exit_code, began)
    text = json.dumps(found, indent=2, ensure_ascii=False)
    (folder / SUMMARY).write_text(text + "\n", encoding="utf-8")
    sys.stdout.write(text + f"\nSummary and screenshots: {folder}\n")
    return 0 if found["ok"] else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
