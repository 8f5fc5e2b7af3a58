"""Reading and changing settings while the desk runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from softphone.domain.settings import Settings
from softphone.domain.settings_layers import SetBy
from softphone.usecases.ports import SettingsFile


class Configuring:
    """Holds the settings in force. Every reader asks here, so that a change is seen at once."""

    def __init__(self, file: SettingsFile, settings: Settings) -> None:
        self._file = file
        self._settings = settings
        self._listeners: list[Callable[[Settings], None]] = []

    @property
    def settings(self) -> Settings:
        return self._settings

    def locked(self) -> Mapping[str, SetBy]:
        """Dotted keys that the user cannot change; their controls show a lock and who has set it."""
        return self._file.locked()

    def change(self, settings: Settings) -> None:
        """Save and use `settings`; raise `BadInput` or `Broken` and keep the old ones if saving fails."""
        self._file.save(settings)
        self._settings = settings
        for listener in self._listeners:
            listener(settings)

    def reload(self) -> None:
        """Something outside has changed the settings: read and use them; raise `BadInput` or `Broken` and
        keep the old ones if they cannot be read."""
        self._settings = self._file.load()
        for listener in self._listeners:
            listener(self._settings)

    def on_change(self, listener: Callable[[Settings], None]) -> None:
        """Call `listener` after each change."""
        self._listeners.append(listener)
