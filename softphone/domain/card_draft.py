"""What stands half-typed in the customer's card of a call: kept with the notes, as safe as they are."""

from __future__ import annotations

from dataclasses import replace

from softphone.domain.facts import dataclass
from softphone.domain.ids import DeliveryId


@dataclass(frozen=True, slots=True)
class CardDraft:
    """`panel` names the part of the card that stands open, empty for none; `typed` is what stands in each
    part's fields: part, field, text.

    `creation_id` is the id under which the CRM was asked for the new customer, None before that. An answer
    that a crash has swallowed may have been "created": asked again with the same id there is one record.
    """

    panel: str = ""
    typed: tuple[tuple[str, str, str], ...] = ()
    creation_id: DeliveryId | None = None

    def fields(self, panel: str) -> dict[str, str]:
        """What stands in the fields of one part."""
        return {name: text for part, name, text in self.typed if part == panel}

    def opened(self, panel: str) -> CardDraft:
        return replace(self, panel=panel)

    def noted(self, panel: str, name: str, text: str) -> CardDraft:
        """With `text` in the field `name` of `panel`."""
        others = tuple(entry for entry in self.typed if entry[:2] != (panel, name))
        return replace(self, typed=(*others, (panel, name, text)))

    def cleared(self, panel: str) -> CardDraft:
        """`panel` is closed and empty."""
        kept = tuple(entry for entry in self.typed if entry[0] != panel)
        return replace(self, panel="" if self.panel == panel else self.panel, typed=kept)


NOTHING_TYPED = CardDraft()
