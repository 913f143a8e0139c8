"""A policy being edited: the document as it is, what can be undone, and what changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

Document = Mapping[str, Any]
MOST_STEPS = 500


class Draft(QObject):
    """``changed(table)`` after every edit, undo and redo; ``table`` is empty where it was none of the tables."""

    changed = Signal(str)

    def __init__(self, document: Document, *, editable: bool, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.editable = editable
        self.stack = QUndoStack(self)
        self.stack.setUndoLimit(MOST_STEPS)

    def put(self, document: Document, table: str, words: str) -> None:
        """Make a document the one in force, as one step that can be undone."""
        if self.editable and document != self.document:
            self.stack.push(_Step(self, self.document, document, table, words))

    def show(self, document: Document, table: str) -> None:
        """Show a document as a step leaves it."""
        self.document = document
        self.changed.emit(table)


class _Step(QUndoCommand):
    """From one document to the next."""

    def __init__(self, draft: Draft, before: Document, after: Document, table: str, words: str) -> None:
        super().__init__(words)
        self._draft, self._before, self._after, self._table = draft, before, after, table

    def redo(self) -> None:
        self._draft.show(self._after, self._table)

    def undo(self) -> None:
        self._draft.show(self._before, self._table)
