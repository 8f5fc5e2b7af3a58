"""The CRM connections: what each can do, signing in to it in mid-shift too, and checking it step by step."""

from __future__ import annotations

from dataclasses import replace

from softphone.domain.crm_events import (
    CrmCheckEnded,
    CrmDescribed,
    CrmSignInChanged,
    CrmSignInNeeded,
    CrmStepChecked,
)
from softphone.domain.crm_work import (
    BrowserWords,
    CheckStep,
    CrmAbility,
    CrmDescription,
    SignInNews,
    SignInStep,
)
from softphone.domain.errors import BadInput
from softphone.domain.facts import dataclass
from softphone.domain.settings import CrmConnection
from softphone.usecases.bus import Bus
from softphone.usecases.configuring import Configuring
from softphone.usecases.ports import Crm, Desktop, NumberPlan, Secrets

SECRET_LIMIT = 8_192


@dataclass(frozen=True, slots=True)
class Check:
    """The steps of a connection's check so far; `usable` is None while it runs."""

    steps: tuple[CheckStep, ...] = ()
    usable: bool | None = None


def secret_name(crm: str) -> str:
    """The name of the connection's secret in the key store."""
    return f"crm/{crm}"


class ConnectingCrms:
    """All connections of the settings, as far as they have told about themselves."""

    def __init__(
        self,
        crm: Crm,
        secrets: Secrets,
        configuring: Configuring,
        numbers: NumberPlan,
        desktop: Desktop,
        bus: Bus,
    ) -> None:
        self._crm = crm
        self._numbers = numbers
        self._secrets = secrets
        self._configuring = configuring
        self._desktop = desktop
        self._descriptions: dict[str, CrmDescription] = {}
        self._wanting: dict[str, None] = {}
        self._news: dict[str, SignInNews] = {}
        bus.subscribe(CrmDescribed, self._on_described)
        bus.subscribe(CrmSignInNeeded, self._on_needed)
        self._checks: dict[str, Check] = {}
        bus.subscribe(CrmSignInChanged, self._on_sign_in)
        bus.subscribe(CrmStepChecked, self._on_step)
        bus.subscribe(CrmCheckEnded, self._on_check_ended)

    # --- what is there ---

    @property
    def connections(self) -> tuple[CrmConnection, ...]:
        return self._configuring.settings.crms

    @property
    def wanting_sign_in(self) -> tuple[str, ...]:
        """Connections that take the credentials no more, in the order in which they said so."""
        known = {connection.name for connection in self.connections}
        return tuple(name for name in self._wanting if name in known)

    def description(self, crm: str) -> CrmDescription:
        return self._descriptions.get(crm, CrmDescription(crm))

    def can(self, crm: str, ability: CrmAbility) -> bool:
        return ability in self.description(crm).abilities

    def news(self, crm: str) -> SignInNews | None:
        """How the last sign-in went or goes."""
        return self._news.get(crm)

    def checked(self, crm: str) -> Check | None:
        """The last check, or the one that runs; None if there was none."""
        return self._checks.get(crm)

    # --- what the agent does ---

    def sign_in(self, crm: str, secret: str = "", words: BrowserWords = BrowserWords()) -> None:  # noqa: B008 - frozen
        """Keep a typed `secret` in the key store and use it, or begin to sign in in the browser.

        Raises `BadInput` for an empty or impossible secret, and what the key store raises; nothing is
        changed then.
        """
        if not self.description(crm).signs_in_by_browser:
            if not secret or len(secret) > SECRET_LIMIT or not secret.isprintable():
                raise BadInput("secret", "the secret is empty or cannot be one")
            self._secrets.write(secret_name(crm), secret)
        self._crm.sign_in(crm, words)

    def cancel_sign_in(self, crm: str) -> None:
        """The agent gave up in the browser."""
        self._crm.cancel_sign_in(crm)

    def check(self, crm: str, number: str = "", text: str = "") -> None:
        """Try every step that a call would take, with a number that the CRM knows if one is given; it
        writes nothing."""
        self._checks[crm] = Check()
        self._crm.check(crm, self._numbers.read(number, self._configuring.settings.calls.region), text)

    def cancel_check(self, crm: str) -> None:
        """Nobody looks at it any more."""
        if self._checks.pop(crm, Check(usable=True)).usable is None:
            self._crm.cancel_check(crm)

    def sign_out(self, crm: str) -> None:
        """Forget the secret or tokens of this connection."""
        self._crm.sign_out(crm)

    # --- what happens ---

    def _on_described(self, event: CrmDescribed) -> None:
        self._descriptions[event.description.crm] = event.description

    def _on_needed(self, event: CrmSignInNeeded) -> None:
        self._wanting[event.crm] = None

    def _on_sign_in(self, event: CrmSignInChanged) -> None:
        news = event.news
        self._news[news.crm] = news
        if news.step is SignInStep.DONE:
            self._wanting.pop(news.crm, None)
        elif news.step is SignInStep.OPEN_BROWSER and not self._desktop.open_link(news.url):
            self._news[news.crm] = replace(news, step=SignInStep.TYPE_CODE)  # the link is shown to be opened

    def _on_step(self, event: CrmStepChecked) -> None:
        check = self._checks.get(event.crm)
        if check is not None:
            self._checks[event.crm] = replace(check, steps=(*check.steps, event.step))

    def _on_check_ended(self, event: CrmCheckEnded) -> None:
        check = self._checks.get(event.crm)
        if check is not None:
            self._checks[event.crm] = replace(check, usable=event.usable)
