"""One life of a desk with its window: `python -m tests.e2e.card_life FOLDER ACTION`, the profile on stdin.

ACTION `new`, `edit` or `search` waits for a call, answers it, opens that part of the customer's card and
types half of it; `look` waits until one stands open. Each prints a line when it is registered, then what
stands there, as JSON, and lives on until it is killed or finds FOLDER/end.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit

from softphone.composition import Profile
from softphone.demo.profile import from_line
from softphone.domain.call import CallState
from softphone.domain.customer import LookupState
from softphone.ui.customer.card import CustomerCard
from softphone.ui.main import Interface
from tests.e2e.headless import HeadlessDesk

KEYS = {"new": Qt.Key.Key_N, "edit": Qt.Key.Key_E, "search": Qt.Key.Key_F}
FIELDS = {"new": "name", "edit": "email"}
TYPED = {"new": "Ida van", "edit": "new@exam", "search": "Ida va"}
_SHORTCUT = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


def main() -> None:
    folder, action = Path(sys.argv[1]), sys.argv[2]
    application = QApplication([])
    given = from_line(sys.stdin.buffer.readline())
    seat = HeadlessDesk(Profile(given.settings, given.secrets), folder)
    interface = Interface(application, seat.desk, lambda act: act(), lambda: None)
    interface.window.show()
    seat.assembly.start()
    seat.registered()
    print("life: registered", flush=True)
    if action in KEYS:
        _type(seat, interface, action)
    card = interface.window.sheet.customer
    seat.until(lambda: card.form.isVisible() or card.search.isVisible(), "a part of the card stands open")
    print("life:", json.dumps(_standing_in(card)), flush=True)
    seat.until((folder / "end").exists, "killed or ended", timeout_s=120)
    seat.assembly.quit()
    interface.close()


def _standing_in(card: CustomerCard) -> dict[str, str]:
    if card.search.isVisible():
        return {"search": card.search.field.text()}
    form = card.form
    names = ("name", "company") if form.findChild(QLineEdit, "customer_field_name") else ("email",)
    return {name: form.field(name).text() for name in names}


def _type(seat: HeadlessDesk, interface: Interface, action: str) -> None:
    desk, call = seat.desk, seat.ringing().id
    desk.calling.answer(call)
    asking = (LookupState.ASKING, LookupState.LATE, LookupState.NOT_ASKED)
    seat.until(lambda: desk.recognising.lookup(call).state not in asking, "the CRM has answered")
    seat.until(lambda: _state(seat) is CallState.ESTABLISHED, "they talk")
    QTest.keyClick(interface.window.dial.field, KEYS[action], _SHORTCUT)
    card = interface.window.sheet.customer
    field = card.search.field if action == "search" else card.form.field(FIELDS[action])
    field.selectAll()
    QTest.keyClicks(field, TYPED[action])
    seat.until(lambda: desk.wrapping_up.is_written(call), "written down")


def _state(seat: HeadlessDesk) -> CallState | None:
    return next((call.state for call in seat.desk.calling.calls), None)


if __name__ == "__main__":
    main()
