"""What settings must fulfil beyond their types: ranges, names that refer to each other, addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from softphone.domain.account import Account
from softphone.domain.address import SipAddress, is_host
from softphone.domain.audio import AudioChoice
from softphone.domain.campaign import AcwPolicy, Campaign
from softphone.domain.certificates import is_fingerprint
from softphone.domain.errors import BadInput
from softphone.domain.form import FieldKind, FormField
from softphone.domain.record_settings import CrmCodes
from softphone.domain.recording import flaws_in
from softphone.domain.settings import CrmAuth, CrmConnection, Settings
from softphone.domain.team_settings import TeamSettings
from softphone.system.settings_values import Key

MOST_MEMBERS = 250
"""Two subscriptions for each: state and line."""
LANGUAGES = ("", "en", "de", "it", "el", "he")

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")
_REGION = re.compile(r"[A-Z]{2}")
_WS_PATH = re.compile(r"/?[\x21-\x7e]{0,200}")
_ACCOUNT_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")
"""The window calls accounts by their address."""

_NAME_PROBLEM = "only letters, digits, dot, hyphen and underscore, at most 64"

_NEEDS_CLIENT = (CrmAuth.OAUTH, CrmAuth.DEVICE, CrmAuth.CLIENT_CREDENTIALS)

Problem = tuple[Key, str]


def first_problem(settings: Settings) -> Problem | None:
    """The first key whose value cannot be used, and why."""
    return next(_problems(settings), None)


def _problems(settings: Settings) -> Iterator[Problem]:
    for account in settings.accounts:
        for field, problem in _account(account):
            yield ("accounts", account.id, field), problem
    crms = {crm.name for crm in settings.crms}
    for campaign in settings.campaigns:
        for field, problem in _campaign(campaign, crms):
            yield ("campaigns", campaign.id, field), problem
        for field, problem in flaws_in(campaign.recording):
            yield ("campaigns", campaign.id, "recording", field), problem
    for crm in settings.crms:
        for field, problem in _crm(crm):
            yield ("crms", crm.name, field), problem
    for field, problem in _audio(settings.audio):
        yield ("audio", field), problem
    yield from _rest(settings)


def _account(account: Account) -> Iterator[tuple[str, str]]:
    if not _ACCOUNT_NAME.fullmatch(account.id):
        yield "id", _NAME_PROBLEM
    try:
        address = SipAddress.parse(f"user@{account.server}")
        if address.port is not None or address.host != account.server.strip().lower():
            yield "server", "a host name or address alone; the port has a key of its own"
    except BadInput:
        yield "server", "not a host name or IP address"
    try:
        SipAddress.parse(f"{account.user}@host")
    except BadInput:
        yield "user", "empty, or characters that SIP does not allow"
    if account.port is not None and not 0 < account.port < 65536:
        yield "port", "between 1 and 65535"
    if not 30 <= account.expires_s <= 86_400:
        yield "expires_s", "between 30 and 86400 seconds"
    if not all(is_fingerprint(pin) for pin in account.pinned_sha256):
        yield "pinned_sha256", "64 hexadecimal digits each"
    yield from _connection(account)


def _connection(account: Account) -> Iterator[tuple[str, str]]:
    if account.domain and not is_host(account.domain):
        yield "domain", "a host name alone, or nothing when it is the server's"
    if not all(is_host(server, port=True) for server in account.backup_servers):
        yield "backup_servers", "host names or addresses, each perhaps with :port"
    if account.client_key and not account.client_certificate:
        yield "client_key", "belongs to a client_certificate, which is missing"
    if not _WS_PATH.fullmatch(account.ws_path):
        yield "ws_path", "a path like /ws is expected"


def _campaign(campaign: Campaign, crms: set[str]) -> Iterator[tuple[str, str]]:
    if not _NAME.fullmatch(campaign.id):
        yield "id", _NAME_PROBLEM
    if not campaign.name.strip():
        yield "name", "is empty"
    if campaign.colour and not _COLOUR.fullmatch(campaign.colour):
        yield "colour", "a colour like #1e6fd9 is expected"
    if campaign.region and not _REGION.fullmatch(campaign.region):
        yield "region", "a country of two capital letters like DE is expected"
    yield from _outcomes(campaign)
    if campaign.acw in (AcwPolicy.TIMED, AcwPolicy.TIMED_FIXED) and not campaign.acw_limit_s:
        yield "acw", f"{campaign.acw.value} needs a time: acw_limit_s"
    if campaign.acw_limit_s < 0:
        yield "acw_limit_s", "0 (no limit) or more seconds"
    yield from _script(campaign)
    if campaign.crm and campaign.crm not in crms:
        yield "crm", f"there is no [[crms]] entry named {campaign.crm!r}"


def _outcomes(campaign: Campaign) -> Iterator[tuple[str, str]]:
    codes = [disposition.code for disposition in campaign.codes()]
    if len(set(codes)) < len(codes) or not all(codes):
        yield "dispositions", "a code is empty or there twice"
    if campaign.max_codes < 1:
        yield "max_codes", "1 or more"
    yield from _form("fields", campaign.fields)
    for disposition in campaign.codes():
        yield from _form("dispositions", disposition.fields)
    by_crm = campaign.crm and campaign.crm_codes is not CrmCodes.NEVER  # it may bring the code
    if campaign.default_code and campaign.default_code not in codes and not by_crm:
        yield "default_code", f"{campaign.default_code!r} is none of the dispositions"


def _script(campaign: Campaign) -> Iterator[tuple[str, str]]:
    """Its steps are checked where they are read, line by line; this needs the rest of the campaign."""
    asked = {step.ask.name: step.ask for step in campaign.script if step.ask}  # branches may ask the same
    yield from _form("script", tuple(asked.values()))
    codes = {disposition.code for disposition in campaign.codes()}
    if campaign.crm and campaign.crm_codes is not CrmCodes.NEVER:
        return  # it may bring the code
    for step in campaign.script:
        for answer in step.answers:
            if answer.code and answer.code not in codes:
                yield "script", f"{step.name}: {answer.code!r} is none of the dispositions"


def _form(key: str, fields: tuple[FormField, ...]) -> Iterator[tuple[str, str]]:
    names = [field.name for field in fields]
    if len(set(names)) < len(names) or not all(_NAME.fullmatch(name) for name in names):
        yield key, f"a field's name is there twice or has other characters: {_NAME_PROBLEM}"
    for field in fields:
        if not field.label.strip():
            yield key, f"{field.name}: the label is empty"
        if (field.kind is FieldKind.CHOICE) != bool(field.choices):
            yield key, f"{field.name}: choices belong to a field of kind choice, and there at least one"
        if field.minimum is not None and field.maximum is not None and field.minimum > field.maximum:
            yield key, f"{field.name}: minimum is more than maximum"
        if field.kind is FieldKind.SCALE and not 2 <= len(field.steps) <= 101:
            yield key, f"{field.name}: a scale has 2 to 101 steps"


def _crm(crm: CrmConnection) -> Iterator[tuple[str, str]]:
    if not _NAME.fullmatch(crm.name):
        yield "name", _NAME_PROBLEM
    if not crm.pack:
        yield "pack", "is empty"
    try:
        parts = urlsplit(crm.base_url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.username is None
        _ = parts.port
    except ValueError:
        usable = False
    if not usable:
        yield "base_url", "an http or https address without a user is expected"
    if not 0.1 <= crm.timeout_s <= 120:
        yield "timeout_s", "between 0.1 and 120 seconds"
    if crm.auth in _NEEDS_CLIENT and not crm.client_id:
        yield "auth", f"{crm.auth.value} needs client_id, the id of the OAuth client"
    if crm.auth is CrmAuth.BASIC and not crm.user:
        yield "auth", "basic needs user"
    names = [name for name, _ in crm.parameters]
    if len(set(names)) < len(names):
        yield "parameters", "a name is there twice"


def _audio(audio: AudioChoice) -> Iterator[tuple[str, str]]:
    for field in ("microphone_gain_db", "speaker_gain_db", "ringer_gain_db"):
        if not -60 <= getattr(audio, field) <= 20:
            yield field, "between -60 and 20 dB"


def _team(team: TeamSettings) -> Iterator[tuple[str, str]]:
    members = [member.extension for member in team.members]
    if len(set(members)) < len(members) or not all(members):
        yield "members", "an extension is empty or there twice"
    if len(members) > MOST_MEMBERS:
        yield "members", f"at most {MOST_MEMBERS}"
    targets = [queue.target for queue in team.queues]
    if len(set(targets)) < len(targets) or not all(targets):
        yield "queues", "a target is empty or there twice"
    if not all(team.leads) or any("*" in lead for lead in team.leads):
        yield "leads", "each is a SIP user or user@domain; none is empty, and no pattern is known"
    if not team.way:
        yield "way", "is empty; direct, a shipped template's name, or a path"
    for field in ("alarm_long_call_s", "alarm_long_wrap_up_s"):
        if not 0 <= getattr(team, field) <= 86_400:
            yield field, "between 0 (no alarm) and 86400 seconds"


def _rest(settings: Settings) -> Iterator[Problem]:
    for field, problem in _team(settings.team):
        yield ("team", field), problem
    if not 0 <= settings.records.keep_days <= 3_650:
        yield ("records", "keep_days"), "between 0 (for ever) and 3650 days"
    reasons = [reason.name for reason in settings.agent.not_ready_reasons]
    if len(set(reasons)) < len(reasons) or not all(reasons):
        yield ("agent", "not_ready_reasons"), "a name is empty or there twice"
    if settings.calls.region and not _REGION.fullmatch(settings.calls.region):
        yield ("calls", "region"), "a country of two capital letters like DE is expected"
    if not settings.calls.codecs:
        yield ("calls", "codecs"), "at least one codec is needed"
    if not 0 <= settings.customers.keep_days <= 365:
        yield ("customers", "keep_days"), "between 0 (keep nothing) and 365"
    if not 0 <= settings.customers.keep_at_most <= 100_000:
        yield ("customers", "keep_at_most"), "between 0 (keep nothing) and 100000"
    if settings.window.language not in LANGUAGES:
        yield ("window", "language"), f"one of {', '.join(LANGUAGES[1:])}, or empty for the system's"
