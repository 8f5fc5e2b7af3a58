"""The line that says whether this phone can be called."""

from __future__ import annotations

from collections.abc import Sequence

from softphone.domain.account import Account, Registration, RegistrationState, RegistrationTrouble
from softphone.domain.facts import dataclass
from softphone.ui.presenters.protection import account_protection, trouble_advice
from softphone.ui.presenters.wording import Wording
from softphone.ui.theme.tokens import Tone
from softphone.ui.words import Words, ltr

_SOON_S = 2.0
_PERHAPS_STARTING = (RegistrationTrouble.UNKNOWN_USER, RegistrationTrouble.FORBIDDEN)


@dataclass(frozen=True, slots=True)
class RegistrationView:
    """`text` says what is and what we do about it, `advice` what the agent can do, `action` the button.

    `mail` tells of waiting voice messages.
    """

    tone: Tone
    icon: str
    text: str
    advice: str = ""
    action: str = ""
    mail: str = ""


def present_registration(
    wording: Wording,
    accounts: Sequence[Account],
    registrations: Sequence[Registration],
    waited_s: float = 0.0,
) -> RegistrationView:
    """The worst account decides what is shown; `waited_s` is how long its present state has lasted."""
    t = wording.words.t
    if not registrations:
        return RegistrationView(Tone.NEUTRAL, "sign-out", t("No account yet."))
    worst = max(registrations, key=_gravity)
    name = _name(accounts, worst)
    if worst.state is RegistrationState.REGISTERED:
        return _registered(wording, accounts, worst, name)
    if worst.state is RegistrationState.TRYING:
        return RegistrationView(Tone.NEUTRAL, "hourglass", t("Registering {name} …", name=name))
    if worst.state is RegistrationState.OFF:
        return RegistrationView(Tone.NEUTRAL, "sign-out", t("Signed out"), action=t("Sign in"))
    return _trouble(wording, worst, waited_s)


_GRAVITY = {
    RegistrationState.REGISTERED: 0,
    RegistrationState.OFF: 1,
    RegistrationState.TRYING: 2,
    RegistrationState.WAITING: 3,
    RegistrationState.REFUSED: 4,
}


def _gravity(registration: Registration) -> tuple[int, bool]:
    """Of registered accounts the least protected one is shown."""
    signalling = registration.signalling
    return _GRAVITY[registration.state], signalling is not None and not signalling.encrypted


def _registered(
    wording: Wording, accounts: Sequence[Account], registration: Registration, name: str
) -> RegistrationView:
    words, signalling = wording.words, registration.signalling
    account = next((a for a in accounts if a.id == registration.account_id), None)
    protection = account_protection(words, account, signalling) if account and signalling else ""
    if signalling is not None and signalling.backup:
        text = words.t("Registered as {name} at a backup server", name=name)
    else:
        text = words.t("Registered as {name}", name=name)
    return RegistrationView(Tone.GOOD, "done", text, protection)


def _trouble(wording: Wording, registration: Registration, waited_s: float) -> RegistrationView:
    words = wording.words
    what, do = trouble_advice(words, registration)
    if registration.sip_code:
        what = (
            f"{what} ({ltr(str(registration.sip_code))})"
            if words.right_to_left
            else (f"{what} ({registration.sip_code})")
        )
    if registration.state is RegistrationState.REFUSED:
        missing = registration.trouble is RegistrationTrouble.NO_PASSWORD
        action = words.t("Enter password") if missing else words.t("Try again")
        return RegistrationView(Tone.DANGER, "error", what, do, action)
    if registration.trouble in _PERHAPS_STARTING:
        do = words.t("It may just be starting.") + f" {do}"
    left = registration.retry_in_s - waited_s
    plan = (
        words.n("Next attempt in {count} second.", "Next attempt in {count} seconds.", round(left))
        if left >= _SOON_S
        else words.t("Trying again now.")
    )
    return RegistrationView(Tone.WARNING, "warning", f"{what} {plan}", do, words.t("Try now"))


def _name(accounts: Sequence[Account], registration: Registration) -> str:
    account = next((a for a in accounts if a.id == registration.account_id), None)
    return account.display_name or account.user if account else registration.account_id


def mail_words(words: Words, waiting: bool, new: int) -> str:
    """What to say of voice messages; nothing when none waits."""
    if not waiting:
        return ""
    return (
        words.n("{count} new voice message", "{count} new voice messages", new)
        if new
        else (words.t("New voice messages"))
    )
