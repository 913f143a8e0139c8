"""What stands above and below the sentences of a report: its summary, and the questions to the applicant."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QVBoxLayout

from views.strings import tr
from views.theme import set_role
from views.widgets import button, label, row


class ReportSummary(QFrame):
    """The report in a few of its own sentences."""

    def __init__(self, text: str) -> None:
        super().__init__()
        set_role(self, "card")
        self.text = label(text)
        self.text.setWordWrap(True)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 10, 14, 12)
        column.addWidget(label(tr("case.report.summary").upper(), "heading"))
        column.addWidget(self.text)


class ReportQuestions(QFrame):
    """The questions to the applicant, to be copied all at once."""

    def __init__(self, questions: Sequence[str]) -> None:
        super().__init__()
        self._questions = list(questions)
        self.copy = button(tr("case.report.copy_questions"), self.copy_all, "quiet")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 18, 0, 4)
        column.setSpacing(6)
        column.addLayout(row(label(tr("case.report.questions").upper(), "heading"), 0, self.copy))
        for number, question in enumerate(questions, 1):
            line = label(f"{number}.  {question}")
            line.setWordWrap(True)
            line.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            column.addWidget(line)

    def copy_all(self) -> None:
        """Put the questions on the clipboard, a line each."""
        QGuiApplication.clipboard().setText("\n".join(self._questions))
