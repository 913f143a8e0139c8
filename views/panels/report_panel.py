"""The report of a case: sentences under their headings, who wrote each, and the controls to word and edit them."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QStackedLayout, QVBoxLayout, QWidget

from app.domain.case import Status
from app.domain.facts import Stance
from app.domain.report import Report
from app.domain.sentences import Author, Sentence, State
from app.usecases.show_case import CaseView
from views.context import Context
from views.models.case_reading import mark_of, paper_of, slot_fact, slot_stance
from views.panels.sentence_editor import SentenceEditor
from views.parts.basics import StatePane, clear
from views.parts.draft_controls import DraftControls, OpinionPane
from views.parts.legend import Legend
from views.parts.report_ends import ReportQuestions, ReportSummary
from views.parts.sentence_row import SentenceRow
from views.strings import has_text, tr
from views.widgets import ElidedLabel, label, row

_SLICE_SECONDS = 0.003  # of building in one turn of the event loop, so that no turn takes long


class ReportPanel(QWidget):
    """Shows one report; asks for drafts, edits and the first opinion by signal."""

    fact_chosen = Signal(str)
    document_chosen = Signal(str, object)  # SHA-256; the ``Mark`` to look at, or None
    draft_asked = Signal(str)  # model name, or RULES_ONLY
    cancel_asked = Signal()
    edit_asked = Signal(str, str)  # key, text
    add_asked = Signal(str, str)  # section, text
    remove_asked = Signal(str)  # key
    opinion_given = Signal(str)  # outcome

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self._view: CaseView | None = None
        self._rows: dict[str, SentenceRow] = {}
        self._pending: list[Sentence | str] = []
        self._ends: tuple[str, tuple[str, ...]] = ("", ())  # text of the summary, questions
        self.summary: ReportSummary | None = None
        self.questions: ReportQuestions | None = None
        self._skipped: set[str] = set()  # cases whose first opinion was skipped
        self._adding: SentenceEditor | None = None
        self._waiting: str | None = None  # the model of a draft that waits for the first opinion
        self.legend = Legend(context)
        self.counts = ElidedLabel("", "soft")
        self.state = StatePane()
        self.opinion = OpinionPane(context)
        self.controls = DraftControls(context)
        self._builder = QTimer(self, interval=0)
        self._builder.timeout.connect(self._build_slice)
        self._build()
        self.opinion.given.connect(self.opinion_given)
        self.opinion.skipped.connect(self._on_skipped)
        self.controls.draft_asked.connect(self._on_draft)
        self.controls.cancel_asked.connect(self.cancel_asked)
        self.controls.add_asked.connect(self.add)

    def _build(self) -> None:
        self.head = QWidget()
        line = row(self.legend, self.counts, margins=(28, 10, 28, 4))
        line.setStretch(1, 1)
        self.head.setLayout(line)
        self.counts.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._column_widget = QWidget()
        self._column = QVBoxLayout(self._column_widget)
        self._column.setContentsMargins(28, 0, 28, 24)
        self._column.setSpacing(0)
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setWidget(self._column_widget)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        body = QWidget()
        self._stack = QStackedLayout(body)
        for part in (self.area, self.state, self.opinion):
            self._stack.addWidget(part)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.head)
        column.addWidget(body, 1)
        column.addWidget(self.controls)

    # -- showing

    def show_case(self, view: CaseView) -> None:
        """Show the report of a case, an empty state, or the question for the first opinion."""
        same = self._view is not None and self._view.case.id == view.case.id
        if not same:
            self._waiting = None
            self.controls.choose_kind(view.report.kind if view.report else None)
        self._view = view
        self.legend.set_texts()
        self.controls.set_texts()
        self.opinion.set_texts()
        self.controls.allow(drafting=view.decision is None, adding=view.report is not None and view.decision is None)
        self.head.setVisible(view.report is not None)
        if self.asks_opinion():
            self._stack.setCurrentWidget(self.opinion)
            self.head.hide()
        elif view.report is None:
            self.state.show_empty(tr("case.report.empty"), tr("case.report.empty_more"))
            self._stack.setCurrentWidget(self.state)
        else:
            self._show_report(view.report, keep=same)
        self._draft_if_waiting()

    def asks_opinion(self) -> bool:
        """Whether the first opinion must be asked, or skipped, before the draft is shown."""
        view = self._view
        if view is None or view.decision is not None or view.first_opinion is not None or view.report is not None:
            return False
        return view.case.id not in self._skipped and view.case.status in (Status.NEW, Status.SCORED)

    def _show_report(self, report: Report, *, keep: bool) -> None:
        self._stack.setCurrentWidget(self.area)
        self.counts.setText(counts_words(report.sentences))
        ends = (_summary_words(report), tuple(question.text for question in report.questions))
        keep, self._ends = keep and ends[1] == self._ends[1] and bool(ends[0]) == bool(self._ends[0]), ends
        wanted = [sentence.key for sentence in report.sentences]
        if keep and wanted == list(self._rows) and not self._pending:
            for sentence in report.sentences:
                self.show_sentence(sentence)
            if self.summary is not None:
                self.summary.text.setText(ends[0])
            for made in self._rows.values():
                made.editable = self.controls.adding_allowed()
            return
        self._rebuild(report.sentences)

    def _rebuild(self, sentences: Sequence[Sentence]) -> None:
        self._adding = None
        clear(self._column)
        self._rows = {}
        self._pending = list(_in_sections(sentences))
        self._column.addStretch(1)  # at the end all along, so that the first rows are not spread meanwhile
        words, questions = self._ends
        self.summary = ReportSummary(words) if words else None
        self.questions = ReportQuestions(questions) if questions else None
        if self.summary is not None:
            self._column.insertWidget(0, self.summary)
        self.area.verticalScrollBar().setValue(0)
        self._column_widget.setUpdatesEnabled(False)  # half a report is not shown
        self._builder.start()

    def _build_slice(self) -> None:
        """Build a few rows; the rest waits for the next turn of the event loop."""
        until = time.perf_counter() + _SLICE_SECONDS
        while self._pending:
            part = self._pending.pop(0)
            made = self._heading(part) if isinstance(part, str) else self._row(part)
            self._column.insertWidget(self._column.count() - 1, made)
            if time.perf_counter() >= until:
                return
        self._builder.stop()
        if self.questions is not None:
            self._column.insertWidget(self._column.count() - 1, self.questions)
        self._column_widget.setUpdatesEnabled(True)

    def settled(self) -> bool:
        """Whether every sentence is on the screen."""
        return not self._pending

    def _heading(self, section: str) -> QLabel:
        made = label(self._heading_words(section).upper(), "heading")
        made.setContentsMargins(0, 18, 0, 4)
        return made

    def _heading_words(self, section: str) -> str:
        """The kind's own heading, in the language of the report; else the desk's."""
        report = self._view.report if self._view else None
        own = report.kind.heading(section, report.language) if report and report.kind else ""
        key = f"case.section.{section}"
        return own or (tr(key) if has_text(key) else section)

    def _row(self, sentence: Sentence) -> SentenceRow:
        made = SentenceRow(self._context, sentence, self._look)
        made.fact_chosen.connect(self.fact_chosen)
        made.selected.connect(self._on_selected)
        made.edited.connect(self.edit_asked)
        made.removed.connect(self.remove_asked)
        made.moved.connect(self._on_moved)
        made.editable = self.controls.adding_allowed()
        self._rows[sentence.key] = made
        return made

    def _look(self, sentence: Sentence, name: str) -> tuple[str, Stance]:
        """The fact that stands for a slot now, and the stance the sentence's own findings give it."""
        if self._view is None:
            return "", Stance.NEUTRAL
        fact = slot_fact(self._view, sentence, name)
        return (fact.id, slot_stance(self._view, sentence, fact)) if fact else ("", Stance.NEUTRAL)

    def forget(self) -> None:
        """Build every row anew at the next showing: language or theme have changed."""
        self._rows = {}

    # -- drafting

    def show_drafting(self, done: int, total: int | None, what: str = "") -> None:
        """Show how far the model has come; the rule sentences stand meanwhile."""
        self.controls.show_busy(done, total, what)

    def show_sentence(self, sentence: Sentence) -> None:
        """Put a sentence in the place of the one with its key, as it comes from the model."""
        held = self._rows.get(sentence.key)
        if held is not None and held.editor is None:
            held.show_sentence(sentence, self._look)

    def show_idle(self) -> None:
        """The draft has ended, one way or another."""
        self.controls.show_idle()

    def _on_draft(self, model: str) -> None:
        """A draft waits until the first opinion has been given or skipped."""
        if self.asks_opinion():
            self._waiting = model
            next(iter(self.opinion.buttons.values())).setFocus()
        else:
            self.draft_asked.emit(model)

    def _on_skipped(self) -> None:
        if self._view is not None:
            self._skipped.add(self._view.case.id)
            self.show_case(self._view)

    def _draft_if_waiting(self) -> None:
        if self._waiting is not None and not self.asks_opinion():
            model, self._waiting = self._waiting, None
            self.draft_asked.emit(model)

    # -- choosing and editing

    def rows(self) -> list[SentenceRow]:
        """Sentences on the screen, in order."""
        return list(self._rows.values())

    def chosen(self) -> SentenceRow | None:
        """The sentence that has the focus, itself or one of its figures."""
        focus = self.focusWidget() if self.isVisible() else None
        while focus is not None and focus is not self:
            if isinstance(focus, SentenceRow):
                return focus
            focus = focus.parentWidget()
        return None

    def _on_selected(self, key: str) -> None:
        for each, made in self._rows.items():
            made.choose(each == key)
        self._open_paper(key)

    def _on_moved(self, key: str, by: int) -> None:
        keys = list(self._rows)
        at = min(max(0, keys.index(key) + by), len(keys) - 1)
        target = self._rows[keys[at]]
        target.setFocus(Qt.FocusReason.TabFocusReason)
        self.area.ensureWidgetVisible(target, 0, 40)

    def _open_paper(self, key: str) -> None:
        """Open the document that a sentence speaks of, where its findings are about documents."""
        view = self._view
        if view is None:
            return
        held = self._rows[key].sentence.findings if key in self._rows else ()
        for finding in (each for each in view.findings if each.id in held):
            fact, document = paper_of(view, finding)
            if document is not None:
                self.document_chosen.emit(document.sha256, mark_of(document, finding))
                return
            if fact is not None:
                self.fact_chosen.emit(fact.id)
                return

    def edit_chosen(self) -> bool:
        """Edit the chosen sentence; False when none is."""
        held = self.chosen()
        if held is None or not self.controls.adding_allowed():
            return False
        held.edit()
        return True

    def add(self) -> None:
        """Open an editor for a new sentence, in the section of the chosen one, else in the last."""
        if self._adding is not None or self._view is None or self._view.report is None or not self._rows:
            return
        held = self.chosen() or self.rows()[-1]
        section = held.sentence.section
        editor = SentenceEditor(self._context, "", caption=tr("case.editor.new"))
        editor.saved.connect(lambda text: self._finish_adding((section, text)))
        editor.left.connect(lambda: self._finish_adding(None))
        self._adding = editor
        self._column.insertWidget(self._column.indexOf(held) + 1, editor)
        editor.begin()
        QTimer.singleShot(0, editor, lambda: self.area.ensureWidgetVisible(editor, 0, 60))

    def _finish_adding(self, written: tuple[str, str] | None) -> None:
        if self._adding is not None:
            self._adding.hide()
            self._adding.deleteLater()
            self._adding = None
        if written is not None:
            self.add_asked.emit(*written)


def _summary_words(report: Report) -> str:
    return ("" if report.language == "zh" else " ").join(sentence.text for sentence in report.summary())


def _in_sections(sentences: Sequence[Sentence]) -> Iterator[Sentence | str]:
    section = None
    for sentence in sentences:
        if sentence.section != section:
            section = sentence.section
            yield section
        yield sentence


def counts_words(sentences: Sequence[Sentence]) -> str:
    """``24 sentences · 19 by the model · 4 fell back · 1 yours``; what is none is left out."""
    parts = [tr("case.report.sentences_one" if len(sentences) == 1 else "case.report.sentences", count=len(sentences))]
    for key, count in (
        ("by_model", sum(each.author is Author.MODEL for each in sentences)),
        ("fell_back", sum(each.state is State.FALLEN_BACK for each in sentences)),
        ("yours", sum(each.author is Author.PERSON for each in sentences)),
        ("flagged", sum(each.state is State.FLAGGED for each in sentences)),
    ):
        if count:
            parts.append(tr(f"case.report.{key}", count=count))
    return " · ".join(parts)
