"""Being set up by the company, in words: who has fixed a setting, how the last attempt went."""

from __future__ import annotations

import re
from datetime import datetime

from softphone.domain.facts import dataclass
from softphone.domain.provisioning import (
    ProvisioningChecked,
    ProvisioningOrder,
    ProvisioningState,
    ProvisioningTrouble,
)
from softphone.domain.settings_layers import SetBy, SettingsLayer
from softphone.ui.presenters.phrases import Advice
from softphone.ui.presenters.wording import Wording
from softphone.ui.theme.tokens import Tone
from softphone.ui.words import Words, ltr, mark

_HELP = mark("Tell your company's IT.")
_AGAIN = mark("The phone tries again by itself.")
_OWN_SERVER = mark("The server that should set up this phone cannot prove who it is; nothing was taken.")

PROVISIONING_TROUBLE = {
    ProvisioningTrouble.NONE: Advice("", ""),
    ProvisioningTrouble.UNREACHABLE: Advice(
        mark("The server that sets up this phone does not answer. Check your internet connection."), _AGAIN
    ),
    ProvisioningTrouble.SLOW: Advice(mark("The server that sets up this phone takes too long."), _AGAIN),
    ProvisioningTrouble.PROXY: Advice(
        mark("Your network's proxy does not let this phone through to the server that sets it up."), _HELP
    ),
    ProvisioningTrouble.TOO_LARGE: Advice(mark("What came from there is no set-up of a phone."), _HELP),
    ProvisioningTrouble.SERVER_REFUSED: Advice(
        mark("The server that should set up this phone has nothing for it at this address."), _HELP
    ),
    ProvisioningTrouble.CERTIFICATE: Advice(_OWN_SERVER, _HELP),
    ProvisioningTrouble.INSECURE: Advice(
        mark("That address is not protected (https), so nothing was taken from it."), _HELP
    ),
    ProvisioningTrouble.UNSIGNED: Advice(_OWN_SERVER, _HELP),
    ProvisioningTrouble.TAMPERED: Advice(_OWN_SERVER, _HELP),
    ProvisioningTrouble.OUTDATED: Advice(mark("The server offers an older set-up than this one."), _HELP),
    ProvisioningTrouble.MALFORMED: Advice(
        mark("Your company's set-up has a mistake; this phone keeps the one it has."), _HELP
    ),
    ProvisioningTrouble.NEEDS_UPDATE: Advice(
        mark("Your company's set-up needs a newer version of this program."), _HELP
    ),
    ProvisioningTrouble.TOKEN_REFUSED: Advice(
        mark("This code was used before or has expired."), mark("Ask your company for a new one.")
    ),
    ProvisioningTrouble.NO_ENROLMENT: Advice(mark("Your company's set-up takes no codes."), _HELP),
    ProvisioningTrouble.KEY_STORE: Advice(
        mark("This computer's key store is locked or missing; the code was not used."),
        mark("Unlock it, then try again."),
    ),
    ProvisioningTrouble.NOT_STORED: Advice(
        mark("The set-up could not be written to this computer's disk."), mark("Make room, then try again.")
    ),
}


@dataclass(frozen=True, slots=True)
class CompanyView:
    """The block of the settings that says who sets up this phone."""

    title: str
    text: str
    tone: Tone


@dataclass(frozen=True, slots=True)
class QuestionView:
    """What is asked before anything is fetched from a link."""

    title: str
    text: str
    more: str


def present_lock(words: Words, by: SetBy, company: str = "") -> str:
    """Who has fixed a setting."""
    if by.layer is SettingsLayer.POLICY:
        return words.t("Set by your company's IT; you cannot change it here.")
    if by.layer is SettingsLayer.INSTALL:
        return words.t("Set when this program was installed; you cannot change it here.")
    if company:
        return words.t("Set by {company}; you cannot change it here.", company=company)
    return words.t("Set by your company; you cannot change it here.")


def present_question(words: Words, order: ProvisioningOrder, state: ProvisioningState) -> QuestionView:
    """The question names the server: that is what an agent can compare with what the company said."""
    more = words.t(
        "Telephone system, companies and rules of this phone will come from there, now and in future."
        " Go on only if your company gave you this link."
    )
    if state.company and state.url and state.url != order.url:
        more += "\n" + words.t("Until now {company} has set up this phone.", company=state.company)
    return QuestionView(
        words.t("Set up this phone?"),
        words.t("Set up this phone from {host}?", host=ltr(_host(order.url))),
        more,
    )


def present_outcome(words: Words, event: ProvisioningChecked) -> tuple[str, Tone]:
    """What to say once a link was followed, or the agent asked to check."""
    if event.trouble is ProvisioningTrouble.NONE:
        if event.state.company:
            return words.t("This phone is set up by {company}.", company=event.state.company), Tone.GOOD
        return words.t("This phone is set up by your company."), Tone.GOOD
    advice = PROVISIONING_TROUBLE[event.trouble]
    return f"{words.t(advice.what)} {words.t(advice.do)}", Tone.WARNING


def present_company(
    wording: Wording, url: str, state: ProvisioningState, last: ProvisioningChecked | None, now: datetime
) -> CompanyView | None:
    """None where nobody sets up this phone."""
    if not url and not state.company:
        return None
    t = wording.words.t
    title = t("Set up by {company}", company=state.company) if state.company else t("Set up by your company")
    if last is not None and last.trouble is not ProvisioningTrouble.NONE:
        text, tone = present_outcome(wording.words, last)
        return CompanyView(title, text, tone)
    if not state.checked_at:
        return CompanyView(title, t("Not checked yet."), Tone.NEUTRAL)
    when = wording.when(datetime.fromisoformat(state.checked_at), now)
    return CompanyView(title, t("Last checked: {when}", when=when), Tone.NEUTRAL)


def _host(url: str) -> str:
    """Host and port as the network has them: letters that only look Latin show as xn--…"""
    authority = re.split(r"[/?#\\]", url.split("://", 1)[-1], maxsplit=1)[0].rsplit("@", 1)[-1]
    if authority.isascii():
        return authority
    try:
        return authority.encode("idna").decode()
    except UnicodeError:
        return ascii(authority)
