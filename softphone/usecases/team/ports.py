"""Ports of supervision, team view and audit; beside `usecases.ports`, whose rules hold here too."""

from __future__ import annotations

from typing import Protocol

from softphone.domain.audit import AuditEntry
from softphone.domain.ids import AccountId, CallId
from softphone.domain.supervision import FeatureCodes, SupervisionMode, SupervisionPolicy
from softphone.domain.team import AgentPresence


class TeamLine(Protocol):
    """The engine, for leads and for those whom they listen to. Events: `domain.team_events`, first parts.

    Lines are watched by `Telephone.watch_line` (`LineStateChanged`).
    """

    def allow_supervision(self, policy: SupervisionPolicy) -> None:
        """Who may listen to this phone, and how; in force at once, and in the engine's next life."""

    def supervise(
        self, call_id: CallId, account_id: AccountId, target: str, mode: SupervisionMode, direct: bool
    ) -> None:
        """Place a call with the microphone off: to a feature code, or (`direct`) to the agent's phone, asking
        it to let us in. The usual events of a call follow; the microphone opens by itself when the agent's
        phone has confirmed a mode in which the lead speaks."""

    def change_supervision(self, call_id: CallId, mode: SupervisionMode) -> None:
        """Ask the agent's phone for another mode; `SupervisionModeConfirmed` or `…Denied` follows. The
        microphone is closed before a mode is asked for in which nobody hears the lead."""

    def open_microphone(self, call_id: CallId, on: bool) -> None:
        """For feature codes, where the telephone system mixes: let the lead's microphone into the call."""

    def let_supervisor_in(self, call_id: CallId, allowed: bool) -> None:
        """The agent's answer to `SupervisorArrived` with `asks`."""

    def ask_for_help(
        self, message_id: str, account_id: AccountId, target: str, reason: str, over: bool = False
    ) -> None:
        """Send a lead a MESSAGE (RFC 3428); `MessageAnswered` follows."""

    def tell_of_record(self, message_id: str, account_id: AccountId, target: str, text: str) -> None:
        """Send another phone of the team a MESSAGE about a stuck record (`domain.record_requests`); at its
        desk `RecordMessageArrived`, here `MessageAnswered` follows."""

    def publish_presence(self, account_id: AccountId, presence: AgentPresence) -> None:
        """Tell the telephone system this agent's state (PUBLISH, RFC 3903), kept up while registered. Where
        it takes no such thing nothing happens."""

    def watch_presence(self, account_id: AccountId, target: str) -> None:
        """`PresenceChanged` follows, whenever something is known of `target`."""

    def unwatch_presence(self, account_id: AccountId, target: str) -> None: ...


class Audit(Protocol):
    """The append-only log. Events: `AuditOpened`, `AuditRecorded`, `AuditFailed`."""

    def open(self) -> None:
        """Open it ahead of the first entry, while the key store is sure to answer. `AuditOpened` follows, or
        `AuditFailed`, and `AuditOpened` as soon as it can be."""

    def record(self, entry: AuditEntry) -> None:
        """Append; never fails here: what cannot be written now is kept and written later."""

    def close(self) -> None:
        """Write what is left. Blocks for a bounded time; only for quitting."""


class FeatureCodeBook(Protocol):
    """Templates of telephone systems' feature codes: shipped ones by name, own ones by path."""

    def codes(self, name: str) -> FeatureCodes:
        """Raise `BadInput` that names the file and what is wrong with it."""
