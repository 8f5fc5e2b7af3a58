"""The settings page about CRMs: signing in, the check step by step, customers kept on this computer."""

from __future__ import annotations

from softphone.domain.crm_work import (
    BrowserWords,
    CheckedRequest,
    CheckName,
    CheckOddity,
    CheckStep,
    CheckVerdict,
    CrmDescription,
    SignInNews,
    SignInStep,
)
from softphone.domain.customer import CrmTrouble
from softphone.domain.customer_cache import CustomerSettings
from softphone.domain.facts import dataclass
from softphone.domain.settings import CrmAuth, CrmConnection
from softphone.ui.presenters.phrases import CRM_TROUBLE
from softphone.ui.presenters.wording import Wording
from softphone.ui.theme.tokens import Tone
from softphone.ui.words import Words, ltr, mark
from softphone.usecases.customers.connecting_crms import Check

_STEP = {
    CheckName.PACK: mark("Description of the CRM"),
    CheckName.ADDRESS: mark("Address"),
    CheckName.SIGN_IN: mark("Signing in"),
    CheckName.AGENT: mark("Who is signed in"),
    CheckName.FIND: mark("Finding a customer by number"),
    CheckName.RECORD: mark("Opening a customer's record"),
    CheckName.SEARCH: mark("Searching by name"),
    CheckName.CODES: mark("Outcomes from the CRM"),
    CheckName.DO_NOT_CALL: mark("Numbers that must not be called"),
}

_ODD = {
    CheckOddity.NONE: "",
    CheckOddity.NOBODY_FOUND: mark("Nobody has this number. Try one that the CRM knows."),
    CheckOddity.NO_NAME: mark("The record has no name."),
    CheckOddity.NO_NUMBERS: mark("No record has a telephone number, so it cannot be compared."),
    CheckOddity.SLOW: mark("This is slow: callers will be on the line before the card is there."),
    CheckOddity.NOT_FOUND_BY_ID: mark("The record is not found again by its own id."),
    CheckOddity.NOT_FOUND_BY_TEXT: mark("The customer is not found by name."),
    CheckOddity.NO_CODES: mark("The CRM names no outcomes."),
}

_VERDICT = {
    CheckVerdict.OK: (Tone.GOOD, "done", mark("works")),
    CheckVerdict.WARNING: (Tone.WARNING, "warning", mark("odd")),
    CheckVerdict.FAILED: (Tone.DANGER, "error", mark("does not work")),
    CheckVerdict.SKIPPED: (Tone.NEUTRAL, "info", mark("left out")),
}


@dataclass(frozen=True, slots=True)
class SignInView:
    """`asks_secret`: a secret is typed here; `by_browser`: signing in happens there; neither: this CRM wants
    no sign-in. `link` and `code` are what to open and type elsewhere while `waiting`."""

    status: str
    tone: Tone
    asks_secret: bool
    by_browser: bool
    waiting: bool
    link: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class StepRow:
    """`exchange` is what went over the network, secrets masked; empty if nothing did."""

    icon: str
    tone: Tone
    title: str
    detail: str
    exchange: str


@dataclass(frozen=True, slots=True)
class CheckView:
    rows: tuple[StepRow, ...]
    summary: str
    tone: Tone
    running: bool


def connection_title(connection: CrmConnection, description: CrmDescription) -> str:
    """What the connection is called in a list."""
    if description.title and description.title != connection.name:
        return f"{connection.name} · {description.title}"
    return connection.name


def browser_words(words: Words) -> BrowserWords:
    """What the browser shows when somebody has signed in there."""
    return BrowserWords(
        words.t("You are signed in. You can close this window."),
        words.t("Signing in did not work. Go back to the softphone."),
        words.language,
    )


def present_sign_in(
    wording: Wording, description: CrmDescription, news: SignInNews | None, wanted: bool
) -> SignInView:
    """`wanted`: the CRM has refused the credentials."""
    t = wording.words.t
    asks_secret = not description.signs_in_by_browser and description.auth is not CrmAuth.NONE
    waiting = news is not None and news.step in (SignInStep.OPEN_BROWSER, SignInStep.TYPE_CODE)
    status, tone = "", Tone.NEUTRAL
    if description.trouble is not CrmTrouble.NONE:
        status = " ".join(p for p in (t(CRM_TROUBLE[description.trouble]), description.detail) if p)
        tone = Tone.DANGER
    elif news is not None:
        status, tone = _news_words(wording, news)
    if wanted and not waiting:
        status, tone = t("The CRM does not accept our sign-in. Sign in again."), Tone.WARNING
    return SignInView(
        status,
        tone,
        asks_secret,
        description.signs_in_by_browser,
        waiting,
        link=news.url if news and waiting else "",
        code=ltr(news.code) if news and waiting and news.code else "",
    )


def _news_words(wording: Wording, news: SignInNews) -> tuple[str, Tone]:
    t = wording.words.t
    match news.step:
        case SignInStep.DONE:
            who = t("Signed in as {name}.", name=news.agent) if news.agent else t("Signed in.")
            return who, Tone.GOOD
        case SignInStep.FAILED:
            parts = (t("Signing in did not work."), t(CRM_TROUBLE[news.trouble]), news.detail)
            return " ".join(p for p in parts if p), Tone.DANGER
        case SignInStep.SIGNED_OUT:
            return t("Signed out; the secret is gone from this computer."), Tone.NEUTRAL
        case SignInStep.TYPE_CODE:
            return t("Open this address on any device and type the code there."), Tone.ACCENT
        case _:
            return t("Go on in your browser; this page notices when you are done."), Tone.ACCENT


def present_check(wording: Wording, check: Check | None) -> CheckView:
    t = wording.words.t
    if check is None:
        return CheckView((), "", Tone.NEUTRAL, running=False)
    rows = tuple(_row(wording, step) for step in check.steps)
    if check.usable is None:
        return CheckView(rows, t("Checking …"), Tone.NEUTRAL, running=True)
    if check.usable:
        return CheckView(rows, t("Customers can be found and calls recorded."), Tone.GOOD, running=False)
    failed = t("This connection cannot be used yet. Show this page to your IT.")
    return CheckView(rows, failed, Tone.DANGER, running=False)


def _row(wording: Wording, step: CheckStep) -> StepRow:
    t = wording.words.t
    tone, icon, verdict = _VERDICT[step.verdict]
    took = t("{ms} ms", ms=wording.formats.number(step.took_ms)) if step.took_ms else ""
    mapped = "; ".join(f"{label}: {text}" for label, text in step.mapped)
    trouble = t(CRM_TROUBLE[step.trouble]) if CRM_TROUBLE[step.trouble] else ""
    odd = t(_ODD[step.oddity]) if _ODD[step.oddity] else ""
    return StepRow(
        icon,
        tone,
        wording.words.join((t(_STEP[step.name]), t(verdict), took)),
        " ".join(p for p in (trouble, odd, step.detail, mapped) if p),
        "\n\n".join(map(_exchange, step.requests)),
    )


def _exchange(request: CheckedRequest) -> str:
    """A request and its answer as text, the way support wants to see it. Not translated: it is protocol."""
    head = [f"> {request.method} {request.url}"]
    head += [f"> {name}: {value}" for name, value in request.headers]
    sent = [f"> {request.body}"] if request.body else []
    answer = [f"< {request.status or '–'} {request.answer_type} ({request.took_ms:.0f} ms)", request.answer]
    return "\n".join(filter(None, head + sent + answer))


def kept_words(wording: Wording, settings: CustomerSettings, count: int | None) -> str:
    """What is kept of customers on this computer."""
    words = wording.words
    if not settings.kept:
        return words.t("No customers are kept on this computer.")
    days = words.n("for {count} day", "for {count} days", settings.keep_days)
    if count is None:
        return words.t("Cards are kept here, encrypted, {days}.", days=days)
    callers = words.n("The cards of {count} caller are", "The cards of {count} callers are", count)
    return words.t("{callers} kept here, encrypted, {days}.", callers=callers, days=days)
