"""Who must show what anew: changes of the data, of the language and of the theme, broadcast to the views."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import shiboken6
from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtWidgets import QWidget

from app.domain.changes import Changes


class Refresh(QObject):
    """The one place views learn from that something they show has changed. Lives on the UI thread.

    ``broadcast(changes, case_id)`` after every write; ``case_id`` is None when many cases may have changed.
    ``watch(widget, flags, reload)`` in a view's ``__init__``: ``reload(case_id)`` runs when one of ``flags`` changed
    and the widget is visible, else once at its next show. ``language_changed(code)`` asks a view to set its texts
    anew, ``theme_changed(theme)`` to repaint what it paints itself.
    """

    changed = Signal(object, object)  # Changes, case id or None
    language_changed = Signal(str)
    theme_changed = Signal(object)  # Theme
    reading_moved = Signal(object)  # ReadingStep of the document that is being read; None: it is done

    def broadcast(self, changes: Changes, case_id: str | None = None) -> None:
        """Tell every view what a write changed."""
        if changes:
            self.changed.emit(changes, case_id)

    def watch(self, widget: QWidget, flags: Changes, reload: Callable[[str | None], Any]) -> None:
        """Have ``reload`` run when one of ``flags`` changed: at once if ``widget`` is visible, else when shown."""
        _Watcher(self, widget, flags, reload)


class _Watcher(QObject):
    """Holds one view's reload back while the view is hidden. Owned by the view, so that it dies with it."""

    def __init__(self, refresh: Refresh, widget: QWidget, flags: Changes, reload: Callable[[str | None], Any]) -> None:
        super().__init__(widget)
        self._widget = widget
        self._flags = flags
        self._reload = reload
        self._stale = False
        self._case_id: str | None = None
        refresh.changed.connect(self._on_changed)
        widget.installEventFilter(self)

    def _on_changed(self, changes: Changes, case_id: str | None) -> None:
        if not (changes & self._flags) or not shiboken6.isValid(self._widget):
            return
        if self._widget.isVisible():
            self._reload(case_id)
        else:
            self._case_id = None if self._stale and case_id != self._case_id else case_id
            self._stale = True

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show and self._stale:
            self._stale = False
            self._reload(self._case_id)
        return False
