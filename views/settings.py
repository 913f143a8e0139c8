"""The window's settings: read once at start, written behind on the write lane."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject, Signal

from app.ports import Workspace
from views.tasks import Tasks

DEFAULTS: Mapping[str, str] = {
    "ui.language": "en",
    "ui.theme": "light",
    "ui.last_case": "",
    "ui.queue_columns": "",
    "person.name": "",
    "person.role": "underwriter",
    "model.default": "",
    "currency": "EUR",
    "import.product": "instalment-loan",
    "lender.name": "",
    "lender.address": "",
    "lender.phone": "",
    "lender.rulepack": "us-ecoa-reg-b",
    "lender.agency": "",
    "lender.bureau": "",
    "lender.bureau_address": "",
    "lender.bureau_phone": "",
}


class Settings(QObject):
    """Key and value texts kept in the workspace; ``value`` answers from memory, ``put`` also stores."""

    stored = Signal(str)  # key, once it is in the workspace

    def __init__(
        self,
        workspace: Workspace,
        tasks: Tasks,
        *,
        keep: Callable[[str, str], None] | None = None,
        defaults: Mapping[str, str] | None = None,
    ) -> None:
        """Reads every known key in one go: call before the first paint, from the UI thread.

        ``keep(key, value)`` stores a setting the desk itself must hear of; ``defaults`` go before ``DEFAULTS``.
        """
        super().__init__()
        self._workspace = workspace
        self._tasks = tasks
        self._keep = keep or self._put
        with workspace.read() as stores:
            self._values = {
                key: stores.settings.get(key, default) for key, default in {**DEFAULTS, **(defaults or {})}.items()
            }

    def value(self, key: str) -> str:
        """The setting, or its default; raises ``KeyError`` for a key not in ``DEFAULTS``."""
        return self._values[key]

    def put(self, key: str, value: str) -> None:
        """Keep the setting: at once for this window, and stored on the write lane."""
        if self._values[key] == value:
            return
        self._values[key] = value
        self._tasks.run(lambda _: self._keep(key, value), lambda _: self.stored.emit(key), self, "write")

    def _put(self, key: str, value: str) -> None:
        with self._workspace.transaction() as stores:
            stores.settings.put(key, value)
