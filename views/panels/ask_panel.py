"""Questions about the case in plain words: each answer with the facts and passages it rests on, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QScrollArea,
    QSizePolicy,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from app.bootstrap.asking import AskDesk
from app.domain.asking.answer import Answer, Evidence, Method
from app.domain.asking.question import LONGEST
from app.errors import Cancelled, WorkbenchError
from app.ports import Progress
from app.usecases.case_passages import MOST_PAGES
from app.usecases.show_case import CaseView
from views.context import Context
from views.parts.basics import clear
from views.parts.rendition import Place, shape_of
from views.strings import tr
from views.tasks import Task
from views.widgets import button, error_text, frame, label, row

MOST_KEPT = 50  # answers of a case
_BY_PATH = ("json", "xml", "ofx")
EXAMPLES = ("income", "late", "expiry", "employer")
_ROLES = {Method.FACT: "value", Method.PASSAGE: "value", Method.PROHIBITED: "amber", Method.NONE: "soft"}


@dataclass(frozen=True, slots=True)
class _Told:
    """What stands under a question: its answer, or why there is none."""

    question: str
    answer: Answer | None = None
    problem: str = ""


class AskPanel(QWidget):
    """A question box over the answers of this session; evidence opens its fact or its place."""

    fact_chosen = Signal(str)  # fact id
    place_chosen = Signal(str, object)  # SHA-256, Place

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self._asking = AskDesk(context.desk)
        self._case_id = ""
        self._unnumbered: set[str] = set()  # documents in which a row is no line
        self._told: dict[str, list[_Told]] = {}  # by case, newest first
        self._task: Task | None = None
        self._learning: Task | None = None  # telling what passages mean, where a model for that is installed
        self.destroyed.connect(self._asking.close)
        self.box, self.send = QLineEdit(), button("", self.ask, "primary")
        self.bar, self.busy = QProgressBar(), label("", "soft")
        self.learnt = label("", "soft")
        self.hint, self.examples = label("", "soft"), QWidget()
        self.answers = QWidget()
        self._build()
        self._show_busy(asked="")
        self._say_learnt("")

    def _build(self) -> None:
        self.box.setMaxLength(LONGEST)
        self.box.setClearButtonEnabled(True)
        self.box.returnPressed.connect(self.ask)
        self.bar.setRange(0, 0)
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(120)
        column = QVBoxLayout(self)
        column.setContentsMargins(28, 14, 28, 12)
        column.setSpacing(10)
        line = row(self.box, self.send)
        line.setStretch(0, 1)
        column.addLayout(line)
        column.addLayout(row(self.bar, self.busy, 0, self.learnt))
        holder = QWidget()
        self._stack = QStackedLayout(holder)
        self._stack.addWidget(self._empty())
        self._stack.addWidget(self._scrolled())
        column.addWidget(holder, 1)

    def _empty(self) -> QWidget:
        empty = QWidget()
        self.hint.setWordWrap(True)
        self._links = QVBoxLayout(self.examples)
        self._links.setContentsMargins(0, 0, 0, 0)
        self._links.setSpacing(2)
        column = QVBoxLayout(empty)
        column.setContentsMargins(0, 6, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.hint)
        column.addWidget(self.examples, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)
        return empty

    def _scrolled(self) -> QScrollArea:
        self._cards = QVBoxLayout(self.answers)
        self._cards.setContentsMargins(0, 0, 10, 0)
        self._cards.setSpacing(10)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(self.answers)
        return area

    # -- showing

    def show_case(self, view: CaseView) -> None:
        """Show what was asked of the case; its documents are made ready for questions meanwhile."""
        if view.case.id != self._case_id:
            self._stop()
            self._stop_learning()
            self.box.clear()
        self._case_id = view.case.id
        booked = {entry.document for entry in view.transactions}
        self._unnumbered = {
            each.sha256 for each in view.documents if shape_of(each) in _BY_PATH and each.sha256 not in booked
        }
        self._set_texts()
        self._fill()
        if self._task is None:
            op = partial(_prepare, self._asking, view.case.id)
            self._context.tasks.run(
                op, partial(self._learn, view.case.id), self, "documents", key="passages", failed=lambda _: None,
                on_cancel=self._context.desk.pages.cancel_words,
            )  # fmt: skip

    def _learn(self, case_id: str, _: object) -> None:
        """Have the model of meaning, where one is installed, tell what the passages mean; questions need not wait."""
        if case_id != self._case_id or (self._learning is not None and self._learning.running):
            return
        self._learning = self._context.tasks.run(
            partial(_learn, self._asking, case_id), self._on_learnt, self, "reading", key="meanings",
            failed=self._on_not_learnt, progress=self._on_learning, on_cancel=self._asking.stop_meanings,
        )  # fmt: skip

    def _stop_learning(self) -> None:
        """What was told stays, and the rest is told when the case is opened again."""
        if self._learning is not None:
            self._learning.cancel()
        self._learning = None
        self._say_learnt("")

    def _on_learning(self, done: int, total: int | None, what: str) -> None:
        if what == "meaning" and total:
            self._say_learnt(tr("ask.learning", done=f"{done:,}", total=f"{total:,}"))

    def _on_learnt(self, _: int) -> None:
        self._say_learnt("")

    def _on_not_learnt(self, error: WorkbenchError) -> None:
        if not isinstance(error, Cancelled):
            self._say_learnt(tr("ask.not_learnt", why=error_text(error)[0]))

    def _say_learnt(self, text: str) -> None:
        self.learnt.setText(text)
        self.learnt.setVisible(bool(text))

    def _set_texts(self) -> None:
        self.box.setPlaceholderText(tr("ask.placeholder"))
        self.box.setAccessibleName(tr("ask.placeholder"))
        self.send.setText(tr("ask.send"))
        self.hint.setText(tr("ask.empty"))
        clear(self._links)
        for name in EXAMPLES:
            question = tr(f"ask.example.{name}")
            self._links.addWidget(
                button(question, partial(self.ask_this, question), "link"), 0, Qt.AlignmentFlag.AlignLeft
            )

    def _fill(self) -> None:
        told = self._told.get(self._case_id, [])
        self._stack.setCurrentIndex(1 if told else 0)
        clear(self._cards)
        for each in told:
            self._cards.addWidget(self._card(each))
        self._cards.addStretch(1)

    def _card(self, told: _Told) -> QFrame:
        column = QVBoxLayout()
        column.setContentsMargins(14, 10, 14, 10)
        column.setSpacing(6)
        column.addWidget(_wrapped(told.question, "soft"))
        answer = told.answer
        if answer is None:
            column.addWidget(_wrapped(told.problem, "adverse"))
            return frame(column)
        column.addWidget(_wrapped(answer.answer, _ROLES[answer.method]))
        for each in answer.evidence:
            column.addLayout(self._evidence(each, told=each.text in answer.answer))
        if answer.problem:
            column.addWidget(_wrapped(tr("ask.not_learnt", why=answer.problem), "amber"))
        for lack in answer.unsearched:
            why = tr(f"ask.lack.{lack.code}", pages=MOST_PAGES) if lack.code else lack.why
            column.addWidget(_wrapped(tr("ask.unsearched", file=lack.file, why=why), "amber"))
        return frame(column)

    def _evidence(self, each: Evidence, *, told: bool) -> QHBoxLayout:
        """A button that opens it; behind it the passage, unless the answer has ``told`` it, or where a fact is from."""
        press = button(_title(each), partial(self._open, each), "link", name=tr("ask.open", what=_title(each)))
        press.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        quoted = "" if told else f"“{each.text}”"
        more = _wrapped(quoted if each.kind == "passage" else _place(each), "soft")
        line = row(press, more)
        line.setStretch(1, 1)
        if each.addresses_model:
            line.addWidget(label(tr("ask.speaks"), "chip-amber"))
        return line

    def _open(self, each: Evidence) -> None:
        if each.fact is not None:
            self.fact_chosen.emit(each.fact)
        elif each.document is not None:
            row = None if each.document in self._unnumbered else each.row
            self.place_chosen.emit(each.document, Place(each.page or 1, each.box, row=row, raw=each.text))

    # -- asking

    def ask_this(self, question: str) -> None:
        """Ask as if it had been typed."""
        self.box.setText(question)
        self.ask()

    def ask(self) -> None:
        """Ask what stands in the box; a blank question asks nothing."""
        question = self.box.text().strip()
        if not question or not self._case_id:
            return
        self._stop()
        self._show_busy(asked=question)
        case_id, tasks = self._case_id, self._context.tasks
        self._task = tasks.run(
            partial(_ask, self._asking, case_id, question),
            partial(self._on_answer, case_id),
            self,
            "documents",
            key="ask",
            failed=partial(self._on_failed, case_id, question),
            on_cancel=self._context.desk.pages.cancel_words,
        )

    def _stop(self) -> None:
        if self._task is not None and self._task.running:
            self._task.supersede()
        self._task = None
        self._show_busy(asked="")

    def _on_answer(self, case_id: str, answer: Answer) -> None:
        self._keep(case_id, _Told(answer.question, answer))
        self.box.clear()

    def _on_failed(self, case_id: str, question: str, error: WorkbenchError) -> None:
        self._keep(case_id, _Told(question, None, " ".join(filter(None, error_text(error)))))

    def _keep(self, case_id: str, told: _Told) -> None:
        held = self._told.setdefault(case_id, [])
        self._told[case_id] = [told, *(each for each in held if each.question != told.question)][:MOST_KEPT]
        self._task = None
        self._show_busy(asked="")
        if case_id == self._case_id:
            self._fill()

    def _show_busy(self, *, asked: str) -> None:
        self.bar.setVisible(bool(asked))
        self.busy.setVisible(bool(asked))
        self.busy.setText(tr("ask.busy") if asked else "")


def _ask(asking: AskDesk, case_id: str, question: str, progress: Progress) -> Answer:
    return asking.ask(case_id, question, progress=progress)


def _prepare(asking: AskDesk, case_id: str, progress: Progress) -> None:
    asking.prepare(case_id, progress)


def _learn(asking: AskDesk, case_id: str, progress: Progress) -> int:
    return asking.tell_meanings(case_id, progress)


def _title(each: Evidence) -> str:
    """``Stated net monthly income`` or ``application.pdf, page 1``."""
    return (each.label or each.name or "") if each.kind == "fact" else _place(each)


def _place(each: Evidence) -> str:
    if each.file is None:
        return tr(f"ask.source.{each.source}") if each.source else ""
    if each.page is not None:
        return tr("ask.page", file=each.file, page=each.page)
    return tr("ask.row", file=each.file, row=each.row) if each.row is not None else each.file


def _wrapped(text: str, role: str) -> QLabel:
    made = label(text, role)
    made.setWordWrap(True)
    made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return made
