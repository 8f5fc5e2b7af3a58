"""`softphone ctl`: one request to the running instance, its answer as JSON, an exit code for scripts.

0 done, 1 refused (the answer says why), 2 wrong usage, 3 no running instance, 4 not confirmed in time.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from softphone.domain.errors import SoftphoneError, TryLater
from softphone.system.control_client import ANSWER_WITHIN_S, ControlClient, NoAnswer
from softphone.system.folders import folders

DONE, REFUSED, USAGE, NOBODY, TIMEOUT = range(5)

_MARGIN_S = 5.0
"""The desk itself says `timeout` first, unless it hangs."""

Message = Mapping[str, object]
_OURS = ("ask", "config_dir", "rest")
"""Names in argparse's result that are no fields of a request."""


def run(arguments: Sequence[str], config_dir: Path | None) -> int:
    """Send the request that `arguments` name; returns the exit code."""
    options = _parser().parse_args(arguments)
    request = {
        name: value for name, value in vars(options).items() if name not in _OURS and value is not None
    }
    if "answers" in request:
        request["answers"] = dict(request["answers"])
    if (request["command"], request.get("agent")) == ("supervise", "stop"):
        request = {"command": "supervise-stop"}
    if request.pop("note_stdin", False):
        request["note"] = sys.stdin.read()
    where = folders(options.config_dir or config_dir)
    try:
        client = ControlClient(where.data)
    except TryLater as exc:
        _print(_failure("no_instance", exc))
        return NOBODY
    try:
        return _converse(client, request)
    except NoAnswer as exc:
        _print(_failure("timeout", exc))
        return TIMEOUT
    except SoftphoneError as exc:
        _print(_failure("no_instance", exc))
        return NOBODY
    except KeyboardInterrupt:
        return DONE
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # `| head` has seen enough
        return DONE
    finally:
        client.close()


def _converse(client: ControlClient, request: Message) -> int:
    patience = request.get("timeout_s")
    answer = client.ask(request, _MARGIN_S + (patience if isinstance(patience, float) else ANSWER_WITHIN_S))
    _print(answer)
    if answer.get("ok") is not True:
        error = answer.get("error")
        kind = error.get("kind") if isinstance(error, dict) else ""
        return TIMEOUT if kind == "timeout" else REFUSED
    if request["command"] == "events":
        for message in client.stream():
            _print(message)
        return NOBODY  # the instance went away
    return DONE


def _print(message: Message) -> None:
    sys.stdout.write(json.dumps(message, ensure_ascii=not _prints_unicode()) + "\n")
    sys.stdout.flush()


def _prints_unicode() -> bool:
    return (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"


def _failure(kind: str, exc: SoftphoneError) -> Message:
    return {"version": 1, "ok": False, "error": {"kind": kind, "thing": exc.thing, "detail": exc.detail}}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="softphone ctl",
        description="Ask or command the running softphone. Answers and events are JSON, one object per line.",
        epilog="Exit codes: 0 done, 1 refused, 2 wrong usage, 3 nobody is running, 4 not confirmed in time.",
    )
    parser.add_argument("--config-dir", type=Path, metavar="DIR", help="the profile, as for softphone itself")
    parser.add_argument(
        "--timeout",
        dest="timeout_s",
        type=float,
        metavar="S",
        help="to wait for the confirmation (10)",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _simple(commands)
    _about_calls(commands)
    _about_work(commands)
    _about_records(commands)
    _about_team(commands)
    return parser


def _simple(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    commands.add_parser("status", help="how everything stands")
    commands.add_parser("events", help="how everything stands, then every change until interrupted")
    commands.add_parser("register", help="try to register at once")
    commands.add_parser("quit", help="un-register and end the softphone")
    trace = commands.add_parser("trace", help="the last SIP messages, for support")
    export = trace.add_subparsers(dest="command", required=True, metavar="export").add_parser("export")
    export.set_defaults(command="trace-export")
    export.add_argument("file", type=lambda text: str(Path(text).absolute()), metavar="FILE")
    export.add_argument("--format", choices=("text", "pcap", "ladder"))
    link = commands.add_parser("open", help="bring the window up, with a link to dial")
    link.add_argument("link", nargs="?", default="")


def _about_calls(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    call = commands.add_parser("call", help="dial a number or a SIP address")
    call.add_argument("number")
    call.add_argument("--account")
    call.add_argument("--campaign")
    for name, text in (
        ("answer", "take the ringing call"),
        ("hangup", "end the current call"),
        ("hold", "put the current call on hold"),
        ("resume", "go on with the call on hold"),
    ):
        commands.add_parser(name, help=text).add_argument("call", nargs="?", metavar="CALL")
    reject = commands.add_parser("reject", help="refuse the ringing call (486 unless said otherwise)")
    reject.add_argument("call", nargs="?", metavar="CALL")
    how = reject.add_mutually_exclusive_group()
    for way in ("busy", "decline", "ignore"):
        how.add_argument(f"--{way}", dest="how", action="store_const", const=way)
    mute = commands.add_parser("mute", help="mute, un-mute, or the other way round than now")
    mute.add_argument("muted", nargs="?", type=_on_or_off, metavar="on|off")
    mute.add_argument("--call")
    digits = commands.add_parser("dtmf", help="send keypad digits 0-9 A-D * #")
    digits.add_argument("digits", metavar="D")
    digits.add_argument("--call")
    recording = commands.add_parser(
        "recording", help="ask for a pause in the recording, or for what it offers"
    )
    recording.add_argument("order", choices=("pause", "resume", "start", "stop"))
    recording.add_argument("--call")
    transfer = commands.add_parser("transfer", help="hand the call over, blind or to another call")
    target = transfer.add_mutually_exclusive_group(required=True)
    target.add_argument("target", nargs="?", metavar="NUMBER")
    target.add_argument("--to-call", metavar="CALL")
    transfer.add_argument("--call")
    join = commands.add_parser("join", help="conference of the named calls, or of all")
    join.add_argument("calls", nargs="*", metavar="CALL")


def _about_work(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    state = commands.add_parser("state", help="be ready, or not ready with a reason")
    choice = state.add_subparsers(dest="command", required=True, metavar="ready|not-ready")
    choice.add_parser("ready")
    choice.add_parser("not-ready").add_argument("--reason", metavar="R")
    wrap_up = commands.add_parser("wrap-up", help="record the outcome of the last call")
    wrap_up.add_argument("--code", dest="codes", action="append", metavar="C", help="again for several")
    wrap_up.add_argument(
        "--answer", dest="answers", action="append", type=_pair, metavar="FIELD=VALUE", help="of the form"
    )
    note = wrap_up.add_mutually_exclusive_group()
    note.add_argument("--note", metavar="T")
    note.add_argument(
        "--note-stdin",
        action="store_true",
        default=None,
        help="read it from standard input",
    )
    wrap_up.add_argument("--callback", metavar="ISO", help="when to call back, as 2026-03-02T09:30+01:00")
    wrap_up.add_argument("--callback-number", metavar="N")
    wrap_up.add_argument("--draft", dest="save", action="store_false", default=None, help="do not finish")
    wrap_up.add_argument("--call")
    history = commands.add_parser("history", help="the newest calls and how their outcomes stand")
    history.add_argument("--limit", type=int)


def _about_records(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    records = commands.add_parser("records", help="the database of calls and outcomes")
    acts = records.add_subparsers(dest="command", required=True, metavar="ACTION")
    for name, text in (
        ("describe", "numbers and states, nothing of any customer"),
        ("export", "every record's states and times, for support"),
        ("rekey", "encrypt everything with a new key"),
        ("purge", "forget settled records that are old enough"),
        ("retry", "send a record now"),
        ("correct", "open the outcome of a saved record again; wrap-up --call CALL saves it"),
        ("leave", "give a correction up"),
        ("close", "close a record that the CRM does not take"),
    ):
        act = acts.add_parser(name, help=text)
        act.set_defaults(command=f"records-{name}")
        if name == "purge":
            act.add_argument(
                "--days", type=int, metavar="N", help="older than N days; default: the settings'"
            )
        if name in ("retry", "correct", "leave", "close"):
            act.add_argument("call", metavar="CALL")
        if name == "close":
            act.add_argument("--reason", required=True, metavar="R")
    commands.add_parser("callbacks", help="the promises to call back")
    commands.add_parser("callback-done", help="a promise is kept").add_argument("call", metavar="CALL")
    script = commands.add_parser("script", help="where the script stands; take an answer, go on or back")
    move = script.add_mutually_exclusive_group()
    move.add_argument("--answer", metavar="A")
    move.add_argument("--next", action="store_true", default=None)
    move.add_argument("--back", action="store_true", default=None)
    script.add_argument("--call")


def _about_team(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    commands.add_parser("team", help="the team as its lead sees it")
    supervise = commands.add_parser("supervise", help="listen to an agent, or 'stop'")
    supervise.add_argument("agent", metavar="AGENT|stop")
    supervise.add_argument("--mode", type=_mode, metavar="listen|whisper|barge|take-over")
    let_in = commands.add_parser("let-in", help="let the lead in who asks, or not")
    let_in.add_argument("allowed", type=_yes_or_no, metavar="yes|no")
    ask = commands.add_parser("help", help="ask the leads for help; without a reason take it back")
    ask.add_argument("reason", nargs="?", default="")


def _mode(text: str) -> str:
    if text not in ("listen", "whisper", "barge", "take-over"):
        raise argparse.ArgumentTypeError("listen, whisper, barge or take-over")
    return text.replace("-", "_")


def _yes_or_no(text: str) -> bool:
    if text not in ("yes", "no"):
        raise argparse.ArgumentTypeError("yes or no")
    return text == "yes"


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name and equals):
        raise argparse.ArgumentTypeError("FIELD=VALUE")
    return name, value


def _on_or_off(text: str) -> bool:
    if text not in ("on", "off"):
        raise argparse.ArgumentTypeError("on or off")
    return text == "on"
