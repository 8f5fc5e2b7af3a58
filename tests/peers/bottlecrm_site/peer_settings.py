"""BottleCRM's own settings on SQLite, with tables made from the models instead of by its migrations."""

import os

from crm.settings import *  # noqa: F403 - this is how Django settings are extended


class _NoMigrations:
    def __contains__(self, app: object) -> bool:
        return True

    def __getitem__(self, app: object) -> None:
        return None


MIGRATION_MODULES = _NoMigrations()
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.environ["PEER_DATABASE"],
        "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 20},
    }
}
