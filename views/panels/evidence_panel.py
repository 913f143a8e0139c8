"""Where a figure comes from: its document at its place, or its formula and inputs; what agrees and what does not."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QTabBar,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.domain.case import Document, Transaction
from app.domain.derivation import FOLLOWS
from app.domain.facts import Fact, SourceKind, Stance
from app.domain.reading import Mark
from app.domain.waiting import WaitingState
from app.usecases.show_case import CaseView
from views import format as fmt
from views.background_reading import ReadingStep
from views.context import Context
from views.icons import pixmap
from views.models.case_reading import (
    Links,
    SourceWords,
    document_title,
    figure_stance,
    links_of,
    needs_confirmation,
    standing_fact,
)
from views.models.document_fields import fields_of
from views.panels.document_list import waiting_why
from views.panels.document_viewer import DocumentViewer
from views.parts.basics import StatePane
from views.parts.chip import FigureChip, KeyButton
from views.parts.field_list import FieldList
from views.parts.formulas import formula_of
from views.parts.rendition import Place
from views.parts.wrap_box import WrapBox
from views.stored_words import clause_words
from views.strings import tr
from views.theme import set_role
from views.widgets import label, row

READING_WIDE = 360  # pixels of the fields beside a wide page
_ANY = 16777215  # Qt's own "as wide as you like"


class EvidencePanel(QFrame):
    """The column at the right. A walk from fact to fact can be taken back step by step."""

    fact_shown = Signal(str)  # fact id
    document_shown = Signal(str)  # SHA-256
    confirm_asked = Signal(str)  # fact id
    correct_asked = Signal(str)  # fact id
    ask_asked = Signal(str)  # fact id
    capture_asked = Signal(object, int, object)  # Document, page, box
    again_asked = Signal(str)  # SHA-256 of a document that could not be read
    stop_asked = Signal(str)  # SHA-256 of a document that shall not be read
    reading_asked = Signal(bool)  # whether the viewer is to stand over the middle

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self._view: CaseView | None = None
        self._walk: list[str] = []  # fact ids, the one shown last
        self._sha256 = ""  # of the document in the viewer
        self._listed = False  # its fields are listed in place of the fact's card
        self.reading = False
        set_role(self, "panel")
        self.heading = label("", "heading")
        self.back = QToolButton()
        self.back.setText("←")
        self.viewer = DocumentViewer(context)
        self.card = FactCard(context)
        self.fields = FieldList(context)
        self.no_fields = StatePane()
        self.no_fields.retried.connect(lambda: self.again_asked.emit(self._sha256))
        self.no_fields.stopped.connect(lambda: self.stop_asked.emit(self._sha256))
        self._step: ReadingStep | None = None  # of the document that is being read
        self.enlarge = QToolButton()
        self.tabs = QTabBar()
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        for _ in range(2):
            self.tabs.addTab("")
        self.fields.chosen.connect(self._on_field)
        self.fields.confirm_asked.connect(self.confirm_shown)
        self.viewer.field_chosen.connect(self._on_field)
        self.viewer.captured.connect(self.capture_asked)
        self.enlarge.clicked.connect(lambda: self.reading_asked.emit(not self.reading))
        self.tabs.currentChanged.connect(self._on_tab)
        self.confirm, self.correct, self.ask = KeyButton(context), KeyButton(context), KeyButton(context)
        self.back.clicked.connect(self.go_back)
        self.card.chosen.connect(self.show_fact)
        self.confirm.clicked.connect(lambda: self._ask(self.confirm_asked))
        self.correct.clicked.connect(lambda: self._ask(self.correct_asked))
        self.ask.clicked.connect(lambda: self._ask(self.ask_asked))
        self._build()
        self.set_texts()
        self._show_card(None)

    def _build(self) -> None:
        keep = self.back.sizePolicy()
        keep.setRetainSizeWhenHidden(True)
        self.back.setSizePolicy(keep)
        self.back.setFixedHeight(24)
        self.enlarge.setFixedHeight(24)
        head = row(self.heading, 0, self.back, self.enlarge)
        self.buttons = QWidget()
        self.buttons.setLayout(row(self.confirm, self.correct, self.ask, 0))
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 12, 14, 14)
        column.setSpacing(10)
        column.addLayout(head)
        self._body = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._body.setSpacing(8)
        self._aside = QWidget()
        aside = QVBoxLayout(self._aside)
        aside.setContentsMargins(0, 0, 0, 0)
        aside.setSpacing(6)
        for part in (self.tabs, self.fields, self.no_fields, self.card, self.buttons):
            aside.addWidget(part, 1 if part in (self.fields, self.no_fields) else 0)
        self._body.addWidget(self.viewer, 1)
        self._body.addWidget(self._aside)
        column.addLayout(self._body, 1)

    def set_texts(self) -> None:
        """Set the texts in the language in force."""
        self.heading.setText(tr("case.evidence.heading").upper())
        self.back.setToolTip(tr("case.evidence.back"))
        self.back.setAccessibleName(tr("case.evidence.back"))
        self.confirm.show_text(tr("case.evidence.confirm"), "C")
        self.correct.show_text(tr("case.evidence.correct"), "E")
        self.ask.show_text(tr("letter.ask"), "Q")
        self.viewer.set_texts()
        self._tell_no_fields()
        self._dress_enlarge()
        self._show_tabs()

    def _dress_enlarge(self) -> None:
        self.enlarge.setIcon(pixmap("shrink" if self.reading else "expand", self._context.theme.colours.soft, 15))
        text = tr("reading.viewer.shrink" if self.reading else "reading.viewer.enlarge")
        self.enlarge.setToolTip(text)
        self.enlarge.setAccessibleName(text)

    def set_reading(self, reading: bool) -> None:
        """The wide view with the fields beside the page, or the column with them below it."""
        self.reading = reading
        direction = QBoxLayout.Direction
        self._body.setDirection(direction.LeftToRight if reading else direction.TopToBottom)
        self._aside.setFixedWidth(READING_WIDE) if reading else self._aside.setMaximumWidth(_ANY)
        if not reading:
            self._aside.setMinimumWidth(0)
        self.viewer.show_thumbs(reading)
        self._dress_enlarge()
        self._show_aside()
        if reading:
            (self.fields if self.fields.isVisibleTo(self) else self.viewer.page).setFocus()

    def show_case(self, view: CaseView) -> None:
        """Show another case, or the same one read anew: then what was shown stays, as far as it still stands."""
        same = self._view is not None and self._view.case.id == view.case.id
        shown = self.fact() if same else None
        self._view = view
        if not same:
            self._walk = []
            self._sha256, self._listed = "", False
            self._show_card(None)
            self.viewer.show_nothing()
            return
        self._walk = [step for step in self._walk if view.fact(step) is not None]
        current = shown and (view.fact(shown.id) or view.named(shown.name))
        if current:
            self._walk = [*self._walk[:-1], current.id] if self._walk else [current.id]
            self._show_card(current)
            self._show_fields()
        else:
            if shown:
                self._show_card(None)
            self._show_fields()

    def fact(self) -> Fact | None:
        """The fact on the card."""
        return self._view.fact(self._walk[-1]) if self._view and self._walk else None

    def show_fact(self, fact_id: str) -> None:
        """Show a fact: its document at its place, or what it was computed from."""
        fact = standing_fact(self._view, fact_id) if self._view else None
        if fact is None:
            return
        fact_id = fact.id
        self._listed = False
        if self._walk[-1:] != [fact_id]:
            self._walk.append(fact_id)
        self._show_card(fact)
        self._show_source(fact)
        self.fact_shown.emit(fact_id)

    def go_back(self) -> None:
        """Show the fact that was shown before."""
        if len(self._walk) > 1:
            self._walk.pop()
            self.show_fact(self._walk[-1])

    def show_document(self, sha256: str, mark: Mark | None = None) -> None:
        """Show a whole document, from its beginning or at a place on it, with its fields."""
        self.show_place(sha256, Place(mark.page, mark.box) if mark else Place())

    def show_place(self, sha256: str, place: Place) -> None:
        """The same at a place that may be a line or a row."""
        self._walk = []
        self._listed = True
        self._show_card(None)
        self._open(sha256, place)

    def _on_field(self, fact_id: str) -> None:
        """A field of the list or a box of the page; going through them is no walk to take back."""
        fact = standing_fact(self._view, fact_id) if self._view else None
        if fact is None:
            return
        self._walk = [*self._walk[:-1], fact.id] if self._walk else [fact.id]
        self._show_card(fact)
        self._show_source(fact)
        self.fact_shown.emit(fact.id)

    def confirm_shown(self) -> None:
        """Confirm the fact that is shown, where it can be."""
        self.confirm.click()

    def go_doubtful(self) -> None:
        """The next doubtful field of the document, in the list."""
        self.tabs.setCurrentIndex(1)
        self.fields.setFocus()
        self.fields.go_doubtful()

    def _on_tab(self, at: int) -> None:
        self._listed = at == 1
        self._show_aside()
        if self._listed:
            self.fields.setFocus()

    def _show_fields(self) -> None:
        """The fields of the document in the viewer: in the list, and as boxes on its pages."""
        catalogue, language = self._context.desk.workspace.catalogue, self._context.language
        rows = fields_of(self._view, self._sha256, catalogue, language) if self._view and self._sha256 else []
        fact = self.fact()
        self.fields.show_rows(rows, fact.id if fact else None)
        self.viewer.show_fields(rows, fact.id if fact else "")
        self._tell_no_fields()
        self._show_tabs()
        self._show_aside()

    def show_reading(self, step: ReadingStep | None) -> None:
        """Another page is being read; None: none is."""
        self._step = step
        self._tell_no_fields()

    def _tell_no_fields(self) -> None:
        """Why the document has no fields: it waits, it is being read, it could not be, or there are none."""
        waits = self._view.waiting if self._view else ()
        waiting = next((each for each in waits if each.sha256 == self._sha256), None)
        if waiting is None:
            self.no_fields.show_empty(tr("reading.fields.none"), tr("reading.fields.none_more"))
        elif waiting.state is WaitingState.FAILED:
            self.no_fields.show_error(
                tr("reading.background.not_read"), f"{waiting_why(waiting)} {waiting.remedy}".strip()
            )
        else:
            step = self._step
            here = step is not None and (step.case_id, step.sha256) == (waiting.case_id, waiting.sha256)
            words = step.words if here and step is not None else tr("reading.background.waiting")
            share = step.share if here and step is not None else 0.0
            self.no_fields.show_loading(words[:1].upper() + words[1:], stop=tr("reading.background.stop"), share=share)

    def _show_tabs(self) -> None:
        self.tabs.setTabText(0, tr("reading.fields.fact"))
        self.tabs.setTabText(1, tr("reading.fields.tab", count=len(self.fields.rows)))

    def _show_aside(self) -> None:
        """The card, or the list in its place; beside a wide page there is room for both."""
        fact = self.fact()
        listed = self._listed or (fact is None and bool(self._sha256)) or self.reading
        self.tabs.blockSignals(True)
        self.tabs.setCurrentIndex(int(listed))
        self.tabs.setTabEnabled(0, fact is not None)
        self.tabs.blockSignals(False)
        self.tabs.setVisible(bool(self._sha256) and not self.reading)
        self.fields.setVisible(listed and bool(self.fields.rows))
        self.no_fields.setVisible(listed and not self.fields.rows and bool(self._sha256))
        self.card.setVisible(fact is not None and (not listed or self.reading))

    def show_entry(self, entry: Transaction) -> None:
        """Show the line of a statement that a bank entry was read from."""
        self._walk = []
        self._show_card(None)
        self._open(entry.document, Place(entry.page or 1, entry.box, row=entry.row, raw=entry.text))

    def _show_source(self, fact: Fact) -> None:
        inner = None if _placed(fact) else self._document_below(fact)
        source = (inner or fact).source
        if source.document is not None:
            self._open(source.document, Place.of(source))

    def _document_below(self, fact: Fact) -> Fact | None:
        """The first fact under a computation that has a place in a document, so that there is a page to look at."""
        assert self._view is not None
        seen: set[str] = set()
        nearest: Fact | None = None
        ahead = list(fact.source.inputs)
        while ahead:
            step = self._view.fact(ahead.pop(0))
            if step is None or step.id in seen:
                continue
            seen.add(step.id)
            if step.source.document is not None:
                if _placed(step):
                    return step
                nearest = nearest or step
            ahead += step.source.inputs
        return nearest

    def _open(self, sha256: str, place: Place) -> None:
        document = self._document(sha256)
        if document is not None and self._view is not None:
            self.document_shown.emit(sha256)
            self._sha256 = sha256
            self.viewer.show_place(document, place, document_title(document, self._view.documents))
            self._show_fields()

    def _document(self, sha256: str) -> Document | None:
        documents = self._view.documents if self._view else ()
        return next((document for document in documents if document.sha256 == sha256), None)

    def _show_card(self, fact: Fact | None) -> None:
        self._show_aside()
        self.buttons.setVisible(fact is not None)
        self.back.setEnabled(len(self._walk) > 1)
        self.back.setVisible(len(self._walk) > 1)
        if fact is not None and self._view is not None:
            self.card.show_fact(fact, self._view)
            confirmable = fact.confirmed_by is None and fact.source.kind in CONFIRMABLE
            self.confirm.setEnabled(confirmable and self._view.decision is None)
            self.correct.setEnabled(correctable(fact) and self._view.decision is None)
            prohibited = self._context.desk.workspace.catalogue.prohibited(fact.name)
            self.ask.setEnabled(self.confirm.isEnabled() and not prohibited)

    def _ask(self, signal: object) -> None:
        fact = self.fact()
        if fact is not None:
            signal.emit(fact.id)  # type: ignore[attr-defined]


def _placed(fact: Fact) -> bool:
    """Whether the fact stands at a place of its document, not only somewhere in it."""
    place = Place.of(fact.source)
    return fact.source.document is not None and bool(fact.source.page or place.path or place.numbers())


CONFIRMABLE = (SourceKind.DOCUMENT, SourceKind.ROW)


def correctable(fact: Fact) -> bool:
    """Whether a person may give another value: not for what only follows from other facts."""
    return fact.source.kind is not SourceKind.REFERENCE and not fact.name.startswith(FOLLOWS)


class FactCard(QFrame):
    """Label, value, source, what agrees, what contradicts, what it feeds; inputs of a computation as chips."""

    chosen = Signal(str)  # fact id

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        set_role(self, "card")
        self.name, self.value = label("", "soft"), label("", "figure")
        self.formula = label("", "soft")
        for part in (self.value, self.formula):
            part.setWordWrap(True)
        self.value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.inputs = WrapBox()
        self.lines: dict[str, CardLine] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(12, 10, 12, 10)
        self._column.setSpacing(3)
        shown: tuple[QWidget, ...] = (self.name, self.value, self.formula, self.inputs)
        for each in shown:
            self._column.addWidget(each)
        for key in ("source", "inputs", "agrees", "contradicts", "feeds", "confirmed"):
            self.lines[key] = CardLine()
            self._column.addWidget(self.lines[key])

    def show_fact(self, fact: Fact, view: CaseView) -> None:
        """Fill the card for one fact."""
        catalogue, language = self._context.desk.workspace.catalogue, self._context.language
        self.name.setText(fmt.fact_label(fact.name, catalogue, language))
        self.value.setText(fmt.fact_text(fact, catalogue, language))
        self.setAccessibleName(f"{self.name.text()}: {self.value.text()}")
        self._show_computation(fact, view)
        links = links_of(view, fact)
        lines = {
            "source": (SourceWords(view, catalogue, language).line(fact), Stance.NEUTRAL),
            "agrees": (self._facts(links.agrees), Stance.FAVOURABLE if links.agrees else Stance.NEUTRAL),
            "contradicts": (self._facts(links.contradicts), Stance.ADVERSE),
            "feeds": (self._feeds(links), Stance.NEUTRAL),
            "confirmed": (confirmation_words(fact, view, language), Stance.NEUTRAL),
        }
        self.lines["inputs"].hide()
        for key, (text, stance) in lines.items():
            self.lines[key].show_line(tr(f"case.evidence.{key}"), text, stance)

    def _show_computation(self, fact: Fact, view: CaseView) -> None:
        catalogue, language = self._context.desk.workspace.catalogue, self._context.language
        computed = fact.source.kind is SourceKind.COMPUTATION
        formula = formula_of(fact.source.method, catalogue, language) if computed else ""
        self.formula.setText(formula)
        self.formula.setVisible(bool(formula))
        chips = [self._chip(given, view) for given in map(view.fact, fact.source.inputs) if given is not None]
        self.inputs.set_parts(list(chips))
        self.inputs.setVisible(bool(chips))

    def _chip(self, fact: Fact, view: CaseView) -> FigureChip:
        catalogue, language = self._context.desk.workspace.catalogue, self._context.language
        text = f"{fmt.fact_label(fact.name, catalogue, language)} {fmt.fact_text(fact, catalogue, language)}"
        chip = FigureChip(self._context, text, fact.id, figure_stance(view, fact.id))
        chip.setFont(self._context.theme.font(12, 500))
        chip.chosen.connect(self.chosen)
        return chip

    def _facts(self, facts: tuple[Fact, ...]) -> str:
        catalogue, language = self._context.desk.workspace.catalogue, self._context.language
        return tr("case.evidence.join").join(
            tr(
                "case.evidence.fact",
                name=fmt.fact_label(fact.name, catalogue, language),
                value=fmt.fact_text(fact, catalogue, language),
            )
            for fact in facts
        )

    def _feeds(self, links: Links) -> str:
        catalogue, language = self._context.desk.workspace.catalogue, self._context.language
        parts = [fmt.fact_label(fact.name, catalogue, language) for fact in links.computed[:3]]
        parts += [tr("case.evidence.more", count=len(links.computed) - 3)] if len(links.computed) > 3 else []
        parts += [tr("case.evidence.score")] if links.in_score else []
        parts += [clause_words(clause) for clause in links.clauses[:2]]
        key = "case.evidence.sentence" if links.sentences == 1 else "case.evidence.sentences"
        parts += [tr(key, count=links.sentences)] if links.sentences else []
        return tr("case.source.join").join(parts)


def confirmation_words(fact: Fact, view: CaseView, language: str) -> str:
    """Who confirmed or gave the fact, and when; or that a person still must."""
    person = fact.confirmed_by or (fact.source.person if fact.source.kind is SourceKind.PERSON else None)
    if person is None:
        return tr("case.evidence.unconfirmed") if needs_confirmation(fact) else ""
    about = [
        event
        for event in view.events
        if fact.id in map(str, event.detail.values()) or fact.name in event.detail.values()
    ]
    when = [event.at for event in about if event.what.startswith("fact.")]
    return f"{person} · {fmt.moment(when[-1], language)}" if when else person


_LINE_ROLE = {Stance.ADVERSE: "detail-adverse", Stance.FAVOURABLE: "detail-favourable", Stance.NEUTRAL: "detail"}


class CardLine(QWidget):
    """A caption at the left, words at the right."""

    def __init__(self) -> None:
        super().__init__()
        self.caption, self.text = label("", "soft"), QLabel()
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setWordWrap(True)
        self.text.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
        self.caption.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.caption.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 1, 0, 1)
        line.setSpacing(14)
        line.addWidget(self.caption)
        line.addWidget(self.text, 1)

    def show_line(self, caption: str, text: str, stance: Stance = Stance.NEUTRAL) -> None:
        """Set both; an empty text hides the line."""
        self.caption.setText(caption)
        self.text.setText(text)
        set_role(self.text, _LINE_ROLE[stance])
        self.setVisible(bool(text))
