"""The dialog of a letter: which one, in which language, the page as it will be, saved as PDF or Word."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from PySide6.QtCore import QPoint, QSize, QTimer, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.domain.case import Outcome
from app.domain.facts import Fact
from app.domain.letters import Letter
from app.domain.notices import LetterKind
from app.domain.reason_conflicts import Conflict
from app.errors import InputError, WorkbenchError
from app.ports import Progress
from app.usecases.show_case import CaseView
from app.usecases.write_letter import LetterRequest
from views import format as fmt
from views.context import Context
from views.models.letter_marks import letter_marks
from views.parts.basics import StatePane
from views.parts.chip import KeyButton
from views.parts.page_image import Box, PageImage, page_image
from views.parts.page_view import PageMark, PageView
from views.strings import tr
from views.widgets import choices, error_text, label, row

LANGUAGE_NAMES = {"en": "English", "zh": "中文"}
WAIT = 350  # milliseconds after the last key before the page is set anew
SHARPEN = 60  # milliseconds after the last change of its width before the page is drawn anew
CONFLICTS_SHOWN = 2


@dataclass(frozen=True, slots=True)
class Sheet:
    """A letter as it would be sent, and one of its pages."""

    letter: Letter
    pdf: bytes
    conflicts: tuple[Conflict, ...]
    page: PageImage


def kinds_for(view: CaseView) -> tuple[LetterKind, ...]:
    """The letters that a case may call for, the likeliest first."""
    outcome = view.decision.outcome if view.decision else None
    if outcome is Outcome.DECLINE:
        return (LetterKind.ACTION,)
    if outcome is Outcome.COUNTER_OFFER:
        offered = any(e.what == "letter.written" and e.detail["kind"] == "counter-offer" for e in view.events)
        return (LetterKind.COUNTER_OFFER, LetterKind.ACTION) if offered else (LetterKind.COUNTER_OFFER,)
    return () if outcome is Outcome.APPROVE else (LetterKind.INCOMPLETE,)


class LetterDialog(QDialog):
    """Shows the letter as it is chosen. ``saving`` carries the request and the format; the caller writes it."""

    saving = Signal(object, str)  # LetterRequest, "pdf" or "docx"
    fact_chosen = Signal(str)  # fact id of a figure, or of a reason

    def __init__(
        self, context: Context, view: CaseView, parent: QWidget | None = None, *, ask: Sequence[str] = ()
    ) -> None:
        super().__init__(parent)
        self._context, self._view = context, view
        self._pdf = b""
        self._page = 1
        self.setModal(True)
        self.setWindowTitle(tr("letter.title"))
        self.kind, self.language = QComboBox(), QComboBox()
        self.answer_by, self.asked = QLineEdit(), QPlainTextEdit("\n".join(ask))
        self.draft, self.conflict, self.error = label("", "amber"), label("", "amber"), label("", "adverse")
        self.page, self.state = PageView(context), StatePane()
        self.count = label("", "soft")
        self.back, self.forth = QToolButton(), QToolButton()
        self.pdf, self.docx, self.leave = KeyButton(context, "primary"), KeyButton(context), KeyButton(context)
        self._wait = QTimer(self, singleShot=True, interval=WAIT)
        self._wait.timeout.connect(self._load)
        self._sharpen = QTimer(self, singleShot=True, interval=SHARPEN)
        self._sharpen.timeout.connect(lambda: self._turn(0))
        self._build()
        self._connect()
        self._on_kind()

    # -- building

    def _build(self) -> None:
        choices(self.kind, [(kind.value, tr(f"letter.kinds.{kind}")) for kind in kinds_for(self._view)])
        choices(self.language, list(LANGUAGE_NAMES.items()), self._view.case.language)
        self.answer_by.setPlaceholderText(tr("letter.answer_hint"))
        self.asked.setPlaceholderText(tr("letter.asked_hint"))
        self.asked.setTabChangesFocus(True)
        self.asked.setFixedHeight(96)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(24, 20, 20, 18)
        whole.setSpacing(20)
        whole.addLayout(self._controls())
        whole.addLayout(self._preview(), 1)
        self.resize(980, 680)

    def _controls(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(6)
        column.addWidget(label(tr("letter.title"), "title"))
        self._captions = {}
        fields: dict[str, QWidget] = {
            "kind": self.kind,
            "language": self.language,
            "answer_by": self.answer_by,
            "asked": self.asked,
        }
        for name, field in fields.items():
            caption = label(tr(f"letter.{name}"), "caption")
            caption.setBuddy(field)
            field.setAccessibleName(tr(f"letter.{name}"))
            self._captions[name] = caption
            column.addSpacing(6)
            column.addWidget(caption)
            column.addWidget(field)
        for part in (self.draft, self.conflict, self.error):
            part.setWordWrap(True)
            part.hide()
            column.addWidget(part)
        column.addStretch(1)
        self.pdf.show_text(tr("letter.pdf"), "Ctrl P")
        self.docx.show_text(tr("letter.docx"), "Ctrl W")
        self.leave.show_text(tr("button.cancel"), "Esc")
        for button, key in ((self.pdf, "Ctrl+P"), (self.docx, "Ctrl+W")):
            button.setShortcut(key)
            button.setMinimumHeight(34)
        for button in (self.pdf, self.docx, self.leave):
            button.setAutoDefault(False)
            column.addWidget(button)
        words = (self.draft, self.conflict, self.error, self.pdf, self.docx, self.leave)
        for each in (*fields.values(), *words):
            each.setFixedWidth(270)
        return column

    def _preview(self) -> QVBoxLayout:
        self._stack = QStackedWidget()
        self._stack.addWidget(self.state)
        self._stack.addWidget(self.page)
        self._stack.setMinimumSize(QSize(420, 360))
        column = QVBoxLayout()
        column.setSpacing(6)
        column.addWidget(self._stack, 1)
        for button, sign, by in ((self.back, "‹", -1), (self.forth, "›", 1)):
            button.setText(sign)
            button.setAccessibleName(tr("case.viewer.back" if by < 0 else "case.viewer.next"))
            button.clicked.connect(lambda _=False, by=by: self._turn(by))
        column.addLayout(row(0, self.back, self.count, self.forth, 0))
        return column

    def _connect(self) -> None:
        self.kind.currentIndexChanged.connect(lambda _: self._on_kind())
        self.language.currentIndexChanged.connect(lambda _: self._load())
        self.answer_by.textEdited.connect(lambda _: self._wait.start())
        self.asked.textChanged.connect(self._wait.start)
        self.page.turned.connect(self._turn)
        self.page.mark_chosen.connect(self._on_mark)
        self.page.resized.connect(lambda _: self._sharpen.start())
        self.pdf.clicked.connect(lambda: self._save("pdf"))
        self.docx.clicked.connect(lambda: self._save("docx"))
        self.leave.clicked.connect(self.reject)

    # -- the letter

    def chosen_kind(self) -> LetterKind:
        return LetterKind(self.kind.currentData())

    def request(self) -> LetterRequest | None:
        """What is chosen; None while the day to answer by is none."""
        text = self.answer_by.text().strip()
        try:
            answer_by = date.fromisoformat(text) if text and self.answer_by.isVisibleTo(self) else None
        except ValueError:
            return None
        asks = self.chosen_kind() is LetterKind.INCOMPLETE
        lines = tuple(line.strip() for line in self.asked.toPlainText().splitlines() if line.strip())
        return LetterRequest(
            self._view.case.id,
            self.chosen_kind(),
            str(self.language.currentData()),
            answer_by=answer_by,
            ask=lines if asks else (),
        )

    def _on_kind(self) -> None:
        kind = self.chosen_kind()
        shown = {"answer_by": kind is not LetterKind.ACTION, "asked": kind is LetterKind.INCOMPLETE}
        for name, visible in shown.items():
            self._captions[name].setVisible(visible)
            getattr(self, name).setVisible(visible)
        self._load()

    def _load(self) -> None:
        """Set the letter anew, off the UI thread, and show its first page."""
        self._wait.stop()
        self._ready(False)
        request = self.request()
        if request is None:
            self._say_error(tr("letter.no_day"))
            return
        self._page = 1
        if not self._pdf:
            self.state.show_loading(tr("letter.loading"))
            self._stack.setCurrentWidget(self.state)
        desk, width = self._context.desk, self._width()

        def op(_: Progress) -> Sheet:
            letter, pdf, against = desk.letters.preview(request)
            return Sheet(letter, pdf, against, _drawn(desk, pdf, 1, width))

        self._context.tasks.run(op, self._on_sheet, self, "documents", key="letter", failed=self.show_error)

    def _width(self) -> int:
        self.page.make_room(max(self._stack.width(), 420))
        return self.page.page_width()

    def _on_sheet(self, sheet: Sheet) -> None:
        self._pdf = sheet.pdf
        self.error.hide()
        self._show_draft(sheet.letter)
        self.conflict.setText(conflict_words(sheet.conflicts))
        self.conflict.setVisible(bool(sheet.conflicts))
        if sheet.letter.answer_by is not None and not self.answer_by.hasFocus():
            self.answer_by.setText(sheet.letter.answer_by.isoformat())
        self._show_page(sheet.page)
        self._ready(True)

    def _show_draft(self, letter: Letter) -> None:
        blanks = tr("letter.blank.join").join(tr(f"letter.blank.{name}") for name in letter.blanks)
        self.draft.setText(tr("letter.draft", blanks=blanks) if blanks else "")
        self.draft.setVisible(bool(blanks))

    def _show_page(self, page: PageImage) -> None:
        self._page = page.page
        self._stack.setCurrentWidget(self.page)
        self.page.show_page(page, None)
        self.page.show_marks([], "")
        self._find_figures()
        self.count.setText(tr("letter.pages", page=page.page, pages=page.pages))
        for part in (self.back, self.count, self.forth):
            part.setVisible(page.pages > 1)
        self.back.setEnabled(page.page > 1)
        self.forth.setEnabled(page.page < page.pages)

    def _find_figures(self) -> None:
        """Look up on the page what its figures and reasons rest on, off the UI thread."""
        desk, pdf, page, view = self._context.desk, self._pdf, self._page, self._view
        catalogue, language = desk.workspace.catalogue, str(self.language.currentData())

        def op(progress: Progress) -> list[tuple[Fact, Box]]:
            words = desk.pages.words(hashlib.sha256(pdf).hexdigest(), lambda: pdf, page, progress=progress)
            return letter_marks(words, view, catalogue, language)

        def done(found: list[tuple[Fact, Box]]) -> None:
            if pdf is self._pdf and page == self._page:
                self.page.show_marks([self._mark(fact, box) for fact, box in found], "")

        self._context.tasks.run(
            op, done, self, "documents", key="letter figures", failed=lambda _: None,
            on_cancel=desk.pages.cancel_words,
        )  # fmt: skip

    def _mark(self, fact: Fact, box: Box) -> PageMark:
        label = fmt.fact_label(fact.name, self._context.desk.workspace.catalogue, self._context.language)
        return PageMark(fact.id, box, "accent", f"{label}\n{tr('reading.leads')}")

    def _on_mark(self, fact_id: str) -> None:
        """Show where a figure comes from, beside the letter: it makes room to the right."""
        screen = self.parentWidget()
        if screen is not None:
            self.move(screen.mapToGlobal(QPoint(0, 0)).x(), self.y())
        self.fact_chosen.emit(fact_id)

    def _turn(self, by: int) -> None:
        wanted = self._page + by
        if wanted < 1 or not self._pdf:
            return
        desk, pdf, width = self._context.desk, self._pdf, self.page.page_width()

        def done(page: PageImage) -> None:
            if pdf is self._pdf:
                self._show_page(page)

        op = partial(_drawn_now, desk, pdf, wanted, width)
        self._context.tasks.run(op, done, self, "documents", key="letter page", failed=self.show_error)

    def _ready(self, ready: bool) -> None:
        self.pdf.setEnabled(ready)
        self.docx.setEnabled(ready)

    # -- saving and errors

    def _save(self, form: str) -> None:
        request = self.request()
        if request is not None:
            self.saving.emit(request, form)

    def show_error(self, error: WorkbenchError) -> None:
        """Say why there is no such letter, in place of its page."""
        nothing = isinstance(error, InputError) and error.field == "ask"
        text = tr("letter.nothing") if nothing else " ".join(filter(None, error_text(error)))
        self._pdf = b""
        self.draft.hide()
        self.conflict.hide()
        self.state.show_empty(tr("letter.failed"), text)
        self._stack.setCurrentWidget(self.state)
        for part in (self.back, self.count, self.forth):
            part.hide()
        self._ready(False)

    def _say_error(self, text: str) -> None:
        self.error.setText(text)
        self.error.show()


def _drawn_now(desk: object, pdf: bytes, page: int, width: int, _: Progress) -> PageImage:
    return _drawn(desk, pdf, page, width)


def _drawn(desk: object, pdf: bytes, page: int, width: int) -> PageImage:
    """On the documents lane: one page of the letter, drawn by the page reader's process."""
    digest = hashlib.sha256(pdf).hexdigest()
    return page_image(desk.pages.draw(digest, lambda: pdf, page, width))  # type: ignore[attr-defined]


def conflict_words(conflicts: Sequence[Conflict]) -> str:
    """Each sentence of the report that contradicts a reason, a line each; the rest counted."""
    lines = [tr("letter.conflict", reason=each.reason, sentence=each.text) for each in conflicts[:CONFLICTS_SHOWN]]
    more = len(conflicts) - CONFLICTS_SHOWN
    return "\n".join([*lines, *([tr("letter.conflicts_more", count=more)] if more > 0 else [])])
