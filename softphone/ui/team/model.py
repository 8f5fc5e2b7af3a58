"""The rows of the team for Qt: only what has changed is told, a selection stays with its agent."""

from __future__ import annotations

from collections.abc import Callable, Collection

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt

from softphone.domain.facts import dataclass
from softphone.domain.team import Alarm, TeamRow
from softphone.ui.presenters.team import AgentLine, AlarmSign

Index = QModelIndex | QPersistentModelIndex
ROW = int(Qt.ItemDataRole.UserRole)


@dataclass(frozen=True, slots=True)
class ShownRow:
    """What the delegate draws of one agent."""

    row: TeamRow
    line: AgentLine
    alarms: tuple[AlarmSign, ...]

    def is_alarmed_by(self, alarms: frozenset[Alarm]) -> bool:
        """Whether exactly these are shown."""
        if not alarms and not self.alarms:
            return True
        return len(alarms) == len(self.alarms) and all(sign.alarm in alarms for sign in self.alarms)


class TeamModel(QAbstractListModel):
    """Thread: main. `speak` puts a row into one sentence, for screen readers and tool tips."""

    def __init__(self, speak: Callable[[ShownRow], str]) -> None:
        super().__init__()
        self._speak = speak
        self.rows: list[ShownRow] = []
        self._places: dict[str, int] = {}

    def show_rows(self, rows: tuple[ShownRow, ...]) -> None:
        """Take `rows` in their order; what is drawn the same as before is not touched."""
        wanted = {shown.line.extension: shown for shown in rows}
        self._remove_gone(wanted.keys())
        self._add_new(rows)
        self._reorder(tuple(wanted))
        for place, shown in enumerate(rows):
            before = self.rows[place]
            if before is not shown and before != shown:
                self.rows[place] = shown
                index = self.index(place, 0)
                self.dataChanged.emit(index, index)

    def place_of(self, extension: str) -> int:
        """The row of that agent, -1 if it is not shown."""
        return self._places.get(extension, -1)

    def rowCount(self, parent: Index | None = None) -> int:  # noqa: N802 - Qt's name
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> object:
        if role == ROW:
            return self.rows[index.row()]
        match role:
            case (
                Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.AccessibleTextRole | Qt.ItemDataRole.ToolTipRole
            ):
                return self._speak(self.rows[index.row()])
            case _:
                return None

    def _remove_gone(self, wanted: Collection[str]) -> None:
        for place in range(len(self.rows) - 1, -1, -1):
            if self.rows[place].line.extension not in wanted:
                self.beginRemoveRows(QModelIndex(), place, place)
                del self.rows[place]
                self.endRemoveRows()
        self._count()

    def _add_new(self, rows: tuple[ShownRow, ...]) -> None:
        new = [shown for shown in rows if shown.line.extension not in self._places]
        if not new:
            return
        first = len(self.rows)
        self.beginInsertRows(QModelIndex(), first, first + len(new) - 1)
        self.rows.extend(new)
        self._count()
        self.endInsertRows()

    def _reorder(self, order: tuple[str, ...]) -> None:
        """Agents change places: whoever was selected stays it.

        Told as places that show somebody else. All places are alike, so nothing has to be laid out again, as
        it would be after `layoutChanged`, five times a second for 200 agents.
        """
        before = [shown.line.extension for shown in self.rows]
        touched = [place for place, pair in enumerate(zip(before, order, strict=True)) if pair[0] != pair[1]]
        if not touched:
            return
        held = self.persistentIndexList()
        by_name = {shown.line.extension: shown for shown in self.rows}
        self.rows = [by_name[extension] for extension in order]
        self._count()
        moved = [self.index(self._places[before[index.row()]], 0) for index in held]
        self.changePersistentIndexList(held, moved)
        self.dataChanged.emit(self.index(touched[0], 0), self.index(touched[-1], 0))

    def _count(self) -> None:
        self._places = {shown.line.extension: place for place, shown in enumerate(self.rows)}
