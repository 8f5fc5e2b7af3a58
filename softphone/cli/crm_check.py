"""`softphone crm check`: the steps of a check, for eyes or for scripts."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator

import msgspec

from softphone.cli.crm_sign_in import given_secret, writing
from softphone.crm.auth.secrets import Vault
from softphone.crm.checking import Checker
from softphone.domain.address import PhoneNumber
from softphone.domain.crm_work import CheckedRequest, CheckOddity, CheckStep, CheckVerdict
from softphone.domain.settings import CrmConnection, Settings
from softphone.system.number_plan import LibPhoneNumbers
from softphone.system.secrets import KeyringSecrets

_MARKS = {
    CheckVerdict.OK: "ok",
    CheckVerdict.WARNING: "odd",
    CheckVerdict.FAILED: "FAILED",
    CheckVerdict.SKIPPED: "-",
}
_ODDITIES = {
    CheckOddity.NOBODY_FOUND: "nobody has this number",
    CheckOddity.NO_NAME: "a record has no name: look at [customer] name",
    CheckOddity.NO_NUMBERS: "no record has numbers: look at [customer] numbers; matches cannot be verified",
    CheckOddity.SLOW: "slow: callers will be on the line before the card is there",
    CheckOddity.NOT_FOUND_BY_ID: "found by its number, but not by its id: look at [record]",
    CheckOddity.NOT_FOUND_BY_TEXT: "the search did not find the record by its name",
    CheckOddity.NO_CODES: "the CRM has no codes",
}
_INDENT = " " * 4


async def run(
    options: argparse.Namespace, connection: CrmConnection, settings: Settings, secrets: KeyringSecrets
) -> int:
    """Check, report on standard output; 0 when the connection is usable."""
    number = _number(options, settings)
    vault = _vault(options, connection, secrets)
    checker = Checker(connection, vault)
    steps: list[CheckStep] = []
    async for step in checker.steps(number, options.text):
        steps.append(step)
        if not options.json:
            sys.stdout.write("\n".join(_lines(step, brief=options.brief)) + "\n")
            sys.stdout.flush()
        if step.name == "pack" and not connection.base_url:
            break  # a pack alone: there is nobody to ask
    if options.json:
        report = {"version": 1, "crm": connection.name, "usable": checker.usable, "steps": steps}
        sys.stdout.write(json.dumps(msgspec.to_builtins(report), ensure_ascii=False) + "\n")
    elif connection.base_url:
        sys.stdout.write("usable\n" if checker.usable else "NOT usable\n")
    return 0 if checker.usable else 1


def _number(options: argparse.Namespace, settings: Settings) -> PhoneNumber:
    if not options.number:
        return PhoneNumber("")
    return LibPhoneNumbers().read(options.number, options.region or settings.calls.region)


def _vault(options: argparse.Namespace, connection: CrmConnection, secrets: KeyringSecrets) -> Vault:
    if not options.secret_stdin:
        return Vault(connection.name, secrets.read, writing(secrets))
    given = given_secret("secret", from_stdin=True)
    return Vault(connection.name, lambda name: given if name == f"crm/{connection.name}" else None)


def _lines(step: CheckStep, *, brief: bool) -> Iterator[str]:
    yield f"{_MARKS[step.verdict]:<7} {step.name.value:<12} {step.took_ms:7.0f} ms{_why(step)}"
    if brief or step.verdict is CheckVerdict.SKIPPED:
        return
    for request in step.requests:
        yield from _request_lines(request)
    for label, text in step.mapped:
        yield f"{_INDENT}= {label}: {text}"


def _why(step: CheckStep) -> str:
    if step.verdict is CheckVerdict.FAILED:
        return f"  {step.trouble.value}: {step.detail}"
    return f"  {_ODDITIES[step.oddity]}" if step.oddity in _ODDITIES else ""


def _request_lines(request: CheckedRequest) -> Iterator[str]:
    yield f"{_INDENT}> {request.method} {request.url}"
    for name, value in request.headers:
        yield f"{_INDENT}> {name}: {value}"
    yield from (f"{_INDENT}> {line}" for line in request.body.splitlines())
    answered = f"{request.status or 'no answer'} {request.answer_type}".strip()
    yield f"{_INDENT}< {answered}, {request.took_ms:.0f} ms"
    yield from (f"{_INDENT}< {line}" for line in request.answer.splitlines())
