"""Banners about CRMs: one wants a new sign-in, one has refused changes."""

from __future__ import annotations

from softphone.domain.delivery import Delivery
from softphone.ui.presenters.notices import Notice, NoticeKind
from softphone.ui.presenters.wording import Wording
from softphone.ui.theme.tokens import Tone
from softphone.usecases.customers.customers import Customers


def present_crm_notices(wording: Wording, customers: Customers) -> tuple[Notice, ...]:
    """Nothing while all is well."""
    t, n = wording.words.t, wording.words.n
    notices = []
    for crm in customers.connecting.wanting_sign_in:
        title = customers.connecting.description(crm).title or crm
        text = t("{crm} asks you to sign in again.", crm=title)
        advice = t("Your call goes on. Outcomes are kept here and sent afterwards.")
        notices.append(Notice(NoticeKind.CRM, Tone.WARNING, "lock", text, advice, t("Sign in"), subject=crm))
    refused = customers.editing.refused
    if refused:
        text = n(
            "The CRM refused {count} change of a customer.",
            "The CRM refused {count} changes of customers.",
            len(refused),
        )
        detail = refused[0].last_detail
        notices.append(
            Notice(NoticeKind.CHANGES, Tone.WARNING, "refused", text, detail, t("Decide what happens …"))
        )
    return tuple(notices)


def change_line(delivery: Delivery) -> str:
    """One refused change in a line: who, what, and the CRM's word."""
    change = delivery.change
    fields = ", ".join(f"{name}: {text}" for name, text in change.fields) if change else ""
    reason = f" ({delivery.last_detail})" if delivery.last_detail else ""
    return f"{delivery.log.number} · {fields}{reason}"
