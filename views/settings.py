"""The window's settings: read once at start, written behind on the write lane."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QObject

from app.ports import Progress, Workspace
from views.tasks import Tasks

DEFAULTS: Mapping[str, str] = {
    "ui.language": "en",
    "ui.theme": "light",
    "ui.last_case": "",
    "ui.queue_columns": "",
    "person.name": "",
    "person.role": "underwriter",
    "model.default": "",
    "import.currency": "EUR",
    "import.product": "instalment-loan",
}


class Settings(QObject):
    """Key and value texts kept in the workspace; ``value`` answers from memory, ``put`` also stores."""

    def __init__(self, workspace: Workspace, tasks: Tasks, parent: QObject | None = None) -> None:
        """Reads every known key in one go: call before the first paint, from the UI thread."""
        super().__init__(parent)
        self._workspace = workspace
        self._tasks = tasks
        with workspace.read() as stores:
            self._values = {key: stores.settings.get(key, default) for key, default in DEFAULTS.items()}

    def value(self, key: str) -> str:
        """The setting, or its default; raises ``KeyError`` for a key not in ``DEFAULTS``."""
        return self._values[key]

    def put(self, key: str, value: str) -> None:
        """Keep the setting: at once for this window, and stored on the write lane."""
        if self._values[key] == value:
            return
        self._values[key] = value
        self._tasks.run(lambda progress: self._store(key, value, progress), None, self, "write")

    def _store(self, key: str, value: str, progress: Progress) -> None:
        progress(0, 1, "settings")
        with self._workspace.transaction() as stores:
            stores.settings.put(key, value)
