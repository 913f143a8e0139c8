"""One sentence of the report as it stands, with its author's bar and the wording that was not taken."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout

from app.domain.sentences import Author, Sentence, State
from views.context import Context
from views.panels.sentence_editor import SentenceEditor
from views.parts.flow_text import FlowText
from views.parts.sentence_runs import Look, Run, TextRun, sentence_runs
from views.strings import has_text, tr
from views.widgets import label

_BAR = {Author.RULE: "rule", Author.MODEL: "accent", Author.PERSON: "person"}


class SentenceRow(QFrame):
    """Chosen by click or focus; a double-click, or E, edits it."""

    fact_chosen = Signal(str)  # fact id
    selected = Signal(str)  # key of the sentence
    edited = Signal(str, str)  # key, new text
    removed = Signal(str)  # key: Delete was pressed on the sentence
    moved = Signal(str, int)  # key, by how many sentences the focus shall go

    def __init__(self, context: Context, sentence: Sentence, look: Look) -> None:
        super().__init__()
        self._context = context
        self._look = look
        self.sentence = sentence
        self.editor: SentenceEditor | None = None
        self.editable = True  # not in a decided case
        self._chosen = False
        self.flow = FlowText(context)
        self.rejected: FlowText | None = None  # made when there is a wording that was not taken
        self.why: QLabel | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(16, 4, 6, 4)
        self._column.setSpacing(3)
        self._column.addWidget(self.flow)
        self.flow.chosen.connect(self.fact_chosen)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.show_sentence(sentence, look)

    def show_sentence(self, sentence: Sentence, look: Look) -> None:
        """Replace what is shown; an open editor is left alone."""
        self.sentence, self._look = sentence, look
        self.flow.show_runs(_explained(sentence, look))
        self._show_rejected(sentence.rejected or "")
        self._show_why(reason_words(sentence))
        self.setAccessibleName(sentence.text)
        self.setAccessibleDescription(self.words())
        self.update()

    def _show_rejected(self, text: str) -> None:
        if self.rejected is None and text:
            self.rejected = FlowText(self._context, struck=True)
            self._column.insertWidget(1, self.rejected)
        if self.rejected is not None:
            self.rejected.show_runs((TextRun(text),))
            self.rejected.setVisible(bool(text))

    def _show_why(self, text: str) -> None:
        if self.why is None and text:
            self.why = label("", "amber")
            self.why.setWordWrap(True)
            self.why.setFont(self._context.theme.font(12))
            self._column.addWidget(self.why)
        if self.why is not None:
            self.why.setText(text)
            self.why.setVisible(bool(text))

    def words(self) -> str:
        """Author, stance and what was found, for the screen reader."""
        parts = [tr(f"case.author.{self.sentence.author}"), tr(f"case.stance.{self.sentence.stance}")]
        return ", ".join([*parts, *filter(None, [reason_words(self.sentence)])])

    def edit(self) -> None:
        """Open the editor in place of the words."""
        if self.editor is not None or not self.editable:
            return
        self.editor = SentenceEditor(self._context, self.sentence.text, caption=tr("case.editor.name"))
        self.editor.saved.connect(self._on_saved)
        self.editor.left.connect(self.close_editor)
        self.flow.hide()
        self._column.insertWidget(0, self.editor)
        self.editor.begin()

    def close_editor(self) -> None:
        """Show the words again."""
        if self.editor is not None:
            self.editor.hide()
            self.editor.deleteLater()
            self.editor = None
        self.flow.show()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_saved(self, text: str) -> None:
        self.close_editor()
        self.edited.emit(self.sentence.key, text)

    def choose(self, chosen: bool) -> None:
        """Wash the sentence that is chosen."""
        self._chosen = chosen
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._context.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        if self._chosen or self.hasFocus():
            painter.setBrush(theme.colour("chip"))
            painter.drawRoundedRect(QRectF(self.rect()), 4, 4)
        top = self.flow if self.editor is None else self.editor
        painter.setBrush(theme.colour(_BAR[self.sentence.author]))
        painter.drawRoundedRect(QRectF(0, top.y() + 4, 3, top.height() - 8), 1.5, 1.5)
        if self.rejected is not None and self.rejected.isVisibleTo(self):
            painter.setBrush(theme.colour("amber"))
            painter.drawRoundedRect(QRectF(0, self.rejected.y() + 4, 3, self.rejected.height() - 8), 1.5, 1.5)
        painter.end()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.selected.emit(self.sentence.key)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.edit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()), 0)
        if step and self.editor is None:
            self.moved.emit(self.sentence.key, step)
        elif event.key() == Qt.Key.Key_Delete and self.editor is None and self.editable:
            self.removed.emit(self.sentence.key)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.flow.chips():
            self.flow.chips()[0].click()
        else:
            super().keyPressEvent(event)


def _explained(sentence: Sentence, look: Look) -> tuple[Run, ...]:
    """Runs whose problems are told in words."""
    runs = sentence_runs(sentence, look)
    return tuple(
        TextRun(run.text, problem_words(run.problem, run.text)) if isinstance(run, TextRun) and run.problem else run
        for run in runs
    )


def problem_words(kind: str, span: str) -> str:
    """What a check found wrong, in words."""
    key = f"case.problem.{kind}"
    return tr(key, span=span) if has_text(key) else f"{kind}: {span}"


def reason_words(sentence: Sentence) -> str:
    """Why the model's wording was not taken, or what is wrong with a person's."""
    if sentence.state is State.FLAGGED:
        return " ".join(problem_words(problem.kind, problem.span) for problem in sentence.problems)
    if sentence.rejected and sentence.fallback:
        return tr("case.report.replaced", why=fallback_words(sentence.fallback))
    if sentence.fallback and sentence.state is State.FALLEN_BACK:
        return tr("case.report.fallen_back", why=fallback_words(sentence.fallback))
    return ""


def fallback_words(reason: str) -> str:
    """The kept reason in words; one that is words already stays."""
    head, _, rest = reason.partition(":")
    key = f"case.fallback.{head.strip()}"
    if not has_text(key):
        return reason
    return f"{tr(key)} ({rest.strip()})" if rest.strip() else tr(key)
