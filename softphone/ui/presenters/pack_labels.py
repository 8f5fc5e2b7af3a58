"""The labels that shipped CRM packs give to fields, in the agent's language.

A company's own pack may have any label; what is not known here is shown as it was written.
"""

from __future__ import annotations

from softphone.ui.words import Words, mark

LABELS = (
    mark("Address"),
    mark("City"),
    mark("Company"),
    mark("Contract"),
    mark("Customer number"),
    mark("Description"),
    mark("Details"),
    mark("E-mail"),
    mark("Industry"),
    mark("Job title"),
    mark("Language"),
    mark("Lifecycle stage"),
    mark("Note"),
)
"""Every label of the shipped packs."""


def label_of(words: Words, label: str) -> str:
    """How a field of the CRM is called on the card."""
    return words.t(label) if label in LABELS else label
