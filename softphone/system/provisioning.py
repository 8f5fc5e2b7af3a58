"""Fetches the company's profile, checks it as a whole and puts it in force; exchanges tokens for credentials.

Whatever goes wrong, the profile in force stays as it is. Runs on any thread; nothing here knows a window.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import structlog

import softphone
from softphone.domain.errors import BadInput, SoftphoneError
from softphone.domain.facts import dataclass
from softphone.domain.ids import AccountId
from softphone.domain.provisioning import (
    ProvisioningAway,
    ProvisioningChecked,
    ProvisioningOrder,
    ProvisioningRefused,
    ProvisioningState,
    ProvisioningTrouble,
)
from softphone.domain.settings_layers import SettingsLayer
from softphone.domain.text import clean_line
from softphone.system.atomic_write import write_atomically
from softphone.system.folders import Folders
from softphone.system.https import Request, exchange
from softphone.system.profile import CompanyProfile, read_profile, refuse_contradictions
from softphone.system.settings_file import merged, read_user
from softphone.system.settings_layers import Layer, dotted
from softphone.system.settings_toml import LARGEST, BadSettings
from softphone.system.settings_values import BadValue, read_table
from softphone.usecases.ports import Secrets

_log = structlog.get_logger(__name__)

DEADLINE_S = 15.0
TOKEN_LIMIT = 512
_ANSWER_LIMIT = 256_000
_PROBE = "provisioning/probe"
_TOKEN_REFUSED = (400, 401, 403, 404, 409, 410, 422)


@dataclass(frozen=True, slots=True)
class _Enrolled:
    """The enrolment server's answer. `settings` look like a layer, `secrets` are named `account/<id>` and
    `crm/<name>`."""

    version: int
    settings: dict[str, Any]
    secrets: dict[str, str]


class ProfileStore:
    """The profile in force and what is known of it, in the folder of this profile."""

    def __init__(self, where: Folders) -> None:
        self._where = where

    def state(self) -> ProvisioningState:
        """What is known; empty when nothing is, or when the file is damaged."""
        try:
            return msgspec.json.decode(self._where.provisioning_state.read_bytes(), type=ProvisioningState)
        except (OSError, msgspec.MsgspecError):
            return ProvisioningState()

    def remember(self, state: ProvisioningState) -> None:
        """Raises `TryLater` or `Broken` when it cannot be written."""
        write_atomically(self._where.provisioning_state, msgspec.json.encode(state))

    def in_force(self) -> bytes:
        """The profile as it was fetched, empty when there is none."""
        file = self._where.provisioned_file
        try:
            return file.read_bytes() if file.exists() else b""
        except OSError:
            return b""

    def put_in_force(self, profile: CompanyProfile) -> None:
        write_atomically(self._where.provisioned_file, profile.raw)

    def write_enrolled(self, table: Mapping[str, Any]) -> None:
        import tomlkit  # 80 ms that only an enrolment needs

        text = "# What the company said when this phone was enrolled.\n" + tomlkit.dumps(table)
        write_atomically(self._where.enrolled_file, text.encode())


class Provisioning:
    """One profile's provisioning. `secrets` may ask the user to unlock the key store."""

    def __init__(self, where: Folders, secrets: Secrets) -> None:
        self._store = ProfileStore(where)
        self._where = where
        self._secrets = secrets

    @property
    def state(self) -> ProvisioningState:
        return self._store.state()

    def carry_out(self, order: ProvisioningOrder) -> ProvisioningChecked:
        """Fetch, check, put in force, enrol; never raises for what the world does."""
        before = self._store.state()
        changed, state = False, before
        try:
            profile, changed, state = self._refreshed(order, before)
            enrolled = self._enrol(order, profile) if order.token else ()
        except (ProvisioningRefused, ProvisioningAway) as exc:
            return self._failed(order, state, changed, exc.trouble, exc.detail)
        except SoftphoneError as exc:
            trouble = _trouble_of(exc)
            return self._failed(order, state, changed, trouble, str(exc))
        _log.info(
            "profile_checked",
            place=_shown(order.url),
            changed=changed,
            company=state.company,
            serial=state.serial,
            signed=state.signed,
            enrolled=len(enrolled),
        )
        return ProvisioningChecked(state, changed or bool(enrolled), enrolled)

    def _refreshed(
        self, order: ProvisioningOrder, before: ProvisioningState
    ) -> tuple[CompanyProfile, bool, ProvisioningState]:
        same_place = before.url == order.url
        raw, etag = self._fetched(order, before.etag if same_place and self._usable(order) else "")
        now = datetime.now(UTC).isoformat(timespec="seconds")
        in_force = self._store.in_force()
        profile = read_profile(in_force if raw is None else raw, _shown(order.url), order.public_key)
        if same_place and profile.head.serial < before.serial:
            raise ProvisioningRefused(
                ProvisioningTrouble.OUTDATED,
                f"serial {profile.head.serial} is older than the one in force, {before.serial}",
            )
        changed = profile.raw != in_force
        if changed:
            refuse_contradictions(profile, self._own())
            self._store.put_in_force(profile)
        state = ProvisioningState(
            url=order.url,
            company=clean_line(profile.head.company),
            serial=profile.head.serial,
            etag=etag,
            signed=bool(order.public_key),
            checked_at=now,
            changed_at=now if changed else before.changed_at,
        )
        self._store.remember(state)
        return profile, changed, state

    def _usable(self, order: ProvisioningOrder) -> bool:
        """What is in force would be accepted again: else it is fetched whatever the server's tag says."""
        try:
            read_profile(self._store.in_force(), "", order.public_key)
        except SoftphoneError:
            return False
        return True

    def _own(self) -> Layer:
        return read_user(self._where.settings_file)

    def _fetched(self, order: ProvisioningOrder, etag: str) -> tuple[bytes | None, str]:
        """The profile's bytes (None: unchanged) and its tag."""
        if "://" not in order.url:
            return _file(Path(order.url)), ""
        headers = {"Accept": "application/toml, text/plain, */*", "User-Agent": _user_agent()}
        if etag:
            headers["If-None-Match"] = etag
        answer = exchange(
            Request(order.url, headers=headers, limit=LARGEST, deadline_s=DEADLINE_S, ca_file=order.ca_file)
        )
        if answer.status == 304 and etag:
            return None, etag
        if answer.status != 200:
            kind = ProvisioningAway if answer.status >= 500 or answer.status == 429 else ProvisioningRefused
            raise kind(ProvisioningTrouble.SERVER_REFUSED, f"{_shown(order.url)} answered {answer.status}")
        return answer.body, clean_line(answer.headers.get("etag", ""), 200)

    # --- enrolment ---

    def _enrol(self, order: ProvisioningOrder, profile: CompanyProfile) -> tuple[AccountId, ...]:
        if profile.enrolment is None:
            raise ProvisioningRefused(
                ProvisioningTrouble.NO_ENROLMENT,
                "the profile has no [enrolment] with a url for the code",
            )
        self._secrets.write(_PROBE, "kept?")  # a token works once: not before its fruit can be kept
        self._secrets.delete(_PROBE)
        answer = self._exchanged(order, profile.enrolment.url)
        accounts = _checked_settings(answer, profile, self._own())
        for name, secret in answer.secrets.items():
            self._secrets.write(name, secret)
        self._store.write_enrolled(answer.settings)
        return accounts

    def _exchanged(self, order: ProvisioningOrder, url: str) -> _Enrolled:
        body = msgspec.json.encode({"version": 1, "token": order.token[:TOKEN_LIMIT]})
        once = hashlib.sha256(b"softphone enrolment " + order.token.encode()).hexdigest()[:32]
        headers = {
            "Content-Type": "application/json",
            "Accept": "application/json",
            "User-Agent": _user_agent(),
            "Idempotency-Key": once,  # an answer that was lost may be given again
        }
        answer = exchange(Request(url, "POST", headers, body, _ANSWER_LIMIT, DEADLINE_S, order.ca_file))
        if answer.status in _TOKEN_REFUSED:
            raise ProvisioningRefused(
                ProvisioningTrouble.TOKEN_REFUSED,
                f"{_shown(url)} answered {answer.status}: the code was used before, has expired or is wrong",
            )
        if answer.status not in (200, 201):
            raise ProvisioningAway(
                ProvisioningTrouble.SERVER_REFUSED, f"{_shown(url)} answered {answer.status}"
            )
        try:
            return msgspec.json.decode(answer.body, type=_Enrolled)
        except msgspec.MsgspecError as exc:
            raise ProvisioningRefused(
                ProvisioningTrouble.MALFORMED, "the enrolment server's answer is not as docs/profile.md says"
            ) from exc

    def _failed(
        self,
        order: ProvisioningOrder,
        state: ProvisioningState,
        changed: bool,
        trouble: ProvisioningTrouble,
        detail: str,
    ) -> ProvisioningChecked:
        _log.error(
            "profile_not_taken",
            place=_shown(order.url),
            trouble=trouble,
            detail=detail,
            in_force=state.company,
        )
        return ProvisioningChecked(state, changed, (), trouble, clean_line(detail, 400))


def _checked_settings(answer: _Enrolled, profile: CompanyProfile, own: Layer) -> tuple[AccountId, ...]:
    """The accounts whose password came; raise `ProvisioningRefused` for settings or names that do not fit."""
    try:
        values, _places = read_table(answer.settings)
        enrolled = Layer(SettingsLayer.PROVISIONED, "enrolment", values)
        base = Layer(SettingsLayer.PROVISIONED, profile.layer.source, dict(profile.layer.values))
        settings = merged(own, (base, enrolled))
    except BadValue as bad:
        raise _answer_refused(f"settings.{dotted(bad.path)}: {bad.problem}") from bad
    except BadSettings as exc:
        raise _answer_refused(exc.detail) from exc
    faults = (*base.faults, *enrolled.faults)
    if faults:
        raise _answer_refused(f"{faults[0].key}: {faults[0].problem}")
    known = {f"account/{account.id}" for account in settings.accounts}
    known |= {f"crm/{crm.name}" for crm in settings.crms}
    stranger = next((name for name in answer.secrets if name not in known), None)
    if stranger is not None:
        raise _answer_refused(
            f"secrets: {clean_line(stranger, 60)!r} is no account and no CRM of the profile"
        )
    return tuple(account.id for account in settings.accounts if f"account/{account.id}" in answer.secrets)


def _answer_refused(problem: str) -> ProvisioningRefused:
    return ProvisioningRefused(ProvisioningTrouble.MALFORMED, f"the enrolment server's answer: {problem}")


def _file(path: Path) -> bytes:
    try:
        if path.stat().st_size > LARGEST:
            raise ProvisioningRefused(ProvisioningTrouble.TOO_LARGE, f"{path} has more than {LARGEST} bytes")
        return path.read_bytes()
    except OSError as exc:
        raise ProvisioningRefused(
            ProvisioningTrouble.SERVER_REFUSED, f"cannot read {path}: {exc.strerror}"
        ) from exc


def _trouble_of(error: SoftphoneError) -> ProvisioningTrouble:
    if error.thing == "key store":
        return ProvisioningTrouble.KEY_STORE
    return ProvisioningTrouble.MALFORMED if isinstance(error, BadInput) else ProvisioningTrouble.NOT_STORED


def _user_agent() -> str:
    return f"softphone/{softphone.__version__}"


def _shown(url: str) -> str:
    """The address without a query, which may hold a secret."""
    return url.split("?", maxsplit=1)[0].split("#", maxsplit=1)[0]
