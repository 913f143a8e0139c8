"""The file of a case: its documents, each with a picture of its kind and one line on what came of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import (
    QFrame,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
)

from app.domain.case import Document
from app.domain.cross_checks import DOUBTFUL
from app.domain.document_kinds import UNKNOWN
from app.domain.facts import SourceKind, Stance
from app.domain.layout import Segment
from app.domain.waiting import WaitingDocument, WaitingState
from app.usecases.read_waiting import STOPPED
from app.usecases.show_case import CaseView
from views.background_reading import ReadingStep
from views.context import Context
from views.icons import pixmap
from views.models.case_reading import contradicting_pair, document_title, kind_name
from views.parts.basics import StatePane
from views.parts.rendition import shape_of
from views.stored_words import note_words, sign_words
from views.strings import tr
from views.widgets import label, shortcut

_DOCUMENT = Qt.ItemDataRole.UserRole
_HIGH = 58
_LEFT, _RIGHT = 52, 8  # pixels beside the words of a row
_ICONS = {
    "bank_statement": "bank",
    "credit_report": "gauge",
    "call_transcript": "call",
    "image": "image",
    "application_table": "table",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One document as the list draws it."""

    document: Document
    title: str
    note: str
    stance: Stance
    waiting: WaitingDocument | None = None  # it is not read yet, or could not be
    share: float | None = None  # of its pages, those that are done while it is read


def entries_of(view: CaseView) -> list[Entry]:
    """Documents with their lines; one whose reading contradicts another's is named with it, in amber."""
    facts = Counter(fact.source.document for fact in view.facts if fact.source.document)
    waits = {each.sha256: each for each in view.waiting}
    against = contradicted_documents(view)
    made = []
    for document in view.documents:
        title = document_title(document, view.documents)
        if (waiting := waits.get(document.sha256)) is not None:
            stance = Stance.ADVERSE if waiting.state is WaitingState.FAILED else Stance.NEUTRAL
            made.append(Entry(document, title, waiting_note(document, waiting), stance, waiting))
            continue
        others = [document_title(other, view.documents) for other in against.get(document.sha256, ())]
        note = document_note(document, facts[document.sha256])
        warnings = [tr("case.note.differs", other=tr("case.source.join").join(others))] if others else []
        warnings += warnings_of(document)
        made.append(
            Entry(document, title, " · ".join([note, *warnings]), Stance.ADVERSE if warnings else Stance.NEUTRAL)
        )
    return made


def waiting_note(document: Document, waiting: WaitingDocument) -> str:
    """``TIFF · 12 pages · waiting to be read``, or why it could not be."""
    parts = _form(document)
    if waiting.state is WaitingState.WAITING:
        return " · ".join([*parts, tr("reading.background.waiting")])
    return " · ".join([*parts, tr("reading.background.unread", why=waiting_why(waiting))])


def waiting_why(waiting: WaitingDocument) -> str:
    """Why a document is not read, in the language shown where the reason is one of Caseworth's own."""
    return tr("reading.background.stopped") if waiting.why == STOPPED else waiting.why


def warnings_of(document: Document) -> list[str]:
    """That its kind is doubtful, and signs that the file was changed after it was made."""
    count = len(document.signs)
    found = [tr("reading.kind.sign" if count == 1 else "reading.kind.signs", count=count)] if count else []
    if document.kind_confidence < DOUBTFUL and document.kind != UNKNOWN:
        percent = round(100 * document.kind_confidence)
        found.insert(0, tr("reading.kind.probably", kind=kind_name(document.kind), percent=percent))
    return found


def document_note(document: Document, facts: int) -> str:
    """``PDF · 2 pages · 18 facts``, or what the reader noted; of several documents ``Passport 1, Payslip 2–3``."""
    parts = _form(document)
    if document.segments:
        named = (f"{kind_name(each.kind)} {_page_range(each)}" for each in document.segments)
        parts.append(tr("case.source.join").join(named))
    elif document.note and document.note.upper() != parts[0]:
        parts.append(note_words(document.note))
    elif facts:
        parts.append(tr("case.documents.facts_one" if facts == 1 else "case.documents.facts", count=facts))
    else:
        parts.append(tr("case.note.unread"))
    return " · ".join(parts)


def _form(document: Document) -> list[str]:
    """``PDF``, ``2 pages``"""
    several = [tr("case.documents.pages", count=document.pages)] if document.pages and document.pages > 1 else []
    return [format_name(document), *several]


def _page_range(segment: Segment) -> str:
    return f"{segment.first}" if segment.first == segment.last else f"{segment.first}–{segment.last}"


def format_name(document: Document) -> str:
    """The file's format in a word: ``PDF``, ``CSV``, ``camt.053``."""
    if document.kind == "bank_statement" and document.media_type.endswith("xml"):
        return "camt.053"
    ending = document.name.rpartition(".")[2].upper()
    return ending if 0 < len(ending) <= 5 and ending != document.name.upper() else document.media_type


def contradicted_documents(view: CaseView) -> dict[str, list[Document]]:
    """The documents whose readings a document's own contradicts, by its SHA-256.

    Only the one that proves is named, not the one that merely states: the first of the finding's two facts.
    """
    by_digest = {document.sha256: document for document in view.documents}
    found: dict[str, list[Document]] = {}
    for finding in view.findings:
        pair = contradicting_pair(view, finding) if finding.relation == "contradicts" else None
        if pair is None or pair[0].source.kind is not SourceKind.DOCUMENT:
            continue
        proves, states = (fact.source.document or "" for fact in pair)
        if proves in by_digest and states in by_digest and proves != states:
            held = found.setdefault(proves, [])
            if by_digest[states] not in held:
                held.append(by_digest[states])
    return found


class DocumentList(QFrame):
    """The column at the left; choosing a document opens it beside the report."""

    chosen = Signal(str)  # SHA-256
    kind_asked = Signal(str)  # SHA-256 of a document whose kind shall change
    again_asked = Signal(str)  # SHA-256 of a document that could not be read
    stop_asked = Signal(str)  # SHA-256 of a document that shall not be read

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.setObjectName("paper")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.heading = label("", "heading")
        self.list = QListWidget()
        self.list.setItemDelegate(_DocumentDelegate(context, self.list))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.list.setMouseTracking(True)
        self.list.setWordWrap(True)  # so that the rows are measured anew at another width
        self.list.setResizeMode(QListWidget.ResizeMode.Adjust)
        self.list.setProperty("role", "bare")
        self.list.itemClicked.connect(self._on_item)
        self.list.itemActivated.connect(self._on_item)
        self.list.currentItemChanged.connect(self._on_current)
        self._context = context
        self._step: ReadingStep | None = None  # of the document that is being read
        self._view: CaseView | None = None
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.customContextMenuRequested.connect(self._on_menu)
        shortcut("F2", self.list, self.ask_kind)
        self.empty = StatePane()
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 14, 10, 10)
        column.setSpacing(8)
        column.addWidget(self.heading)
        column.addWidget(self.list, 1)
        column.addWidget(self.empty, 1)

    def show_case(self, view: CaseView) -> None:
        """List the documents; the one that was chosen stays chosen."""
        chosen = self.current()
        self._view = view
        self.list.blockSignals(True)
        self.list.clear()
        for entry in entries_of(view):
            item = QListWidgetItem(entry.title)
            self._fill(item, self._moving(entry))
            self.list.addItem(item)
        self.list.blockSignals(False)
        self.mark(chosen)
        count = len(view.documents)
        self.heading.setText(
            tr("case.documents.heading_one" if count == 1 else "case.documents.heading", count=count).upper()
        )
        self.list.setAccessibleName(tr("case.documents.list"))
        self.empty.show_empty(tr("case.documents.empty"), tr("case.documents.empty_more"))
        self.list.setVisible(count > 0)
        self.empty.setVisible(count == 0)

    def show_reading(self, step: ReadingStep | None) -> None:
        """Say how far the document is that is being read; None: it is done."""
        self._step = step
        entries = entries_of(self._view) if self._view is not None else []
        for at, entry in enumerate(entries):
            shown: Entry = self.list.item(at).data(_DOCUMENT)
            if (moved := self._moving(entry)) != shown:
                self._fill(self.list.item(at), moved)
        self.list.doItemsLayout()

    def _moving(self, entry: Entry) -> Entry:
        """The entry, with how far it is where it is the one that is being read."""
        step = self._step
        if entry.waiting is None or step is None or self._view is None:
            return entry
        if (step.case_id, step.sha256) != (self._view.case.id, entry.document.sha256):
            return entry
        note = " · ".join([format_name(entry.document), step.words])
        return replace(entry, note=note, stance=Stance.NEUTRAL, share=step.share)

    def _fill(self, item: QListWidgetItem, entry: Entry) -> None:
        item.setData(_DOCUMENT, entry)
        item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{entry.title}, {entry.note}")
        signs = [sign_words(sign.words) for sign in entry.document.signs]
        item.setToolTip("\n".join([entry.document.name, entry.note, *signs]))

    def ask_kind(self) -> None:
        """Ask for another kind of the chosen document."""
        sha256 = self.current()
        if sha256 is not None:
            self.kind_asked.emit(sha256)

    def menu_of(self, sha256: str) -> QMenu:
        """What can be done with a document."""
        menu = QMenu(self)
        change = menu.addAction(tr("reading.kind.change"), lambda: self.kind_asked.emit(sha256))
        change.setShortcut("F2")
        decided = self._view is None or self._view.decision is not None
        change.setEnabled(not decided)
        waiting = next((each for each in self._view.waiting if each.sha256 == sha256), None) if self._view else None
        if waiting is not None and waiting.state is WaitingState.WAITING:
            menu.addAction(tr("reading.background.stop"), lambda: self.stop_asked.emit(sha256))
        elif waiting is not None:
            menu.addAction(tr("reading.background.again"), lambda: self.again_asked.emit(sha256)).setEnabled(
                not decided
            )
        return menu

    def _on_menu(self, at: QPoint) -> None:
        item = self.list.itemAt(at)
        if item is not None:
            menu = self.menu_of(item.data(_DOCUMENT).document.sha256)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(self.list.viewport().mapToGlobal(at))

    def current(self) -> str | None:
        """SHA-256 of the chosen document."""
        items = self.list.selectedItems()
        entry: Entry | None = items[0].data(_DOCUMENT) if items else None
        return entry.document.sha256 if entry else None

    def mark(self, sha256: str | None) -> None:
        """Choose a document without opening it."""
        self.list.blockSignals(True)
        rows = [at for at in range(self.list.count()) if self.list.item(at).data(_DOCUMENT).document.sha256 == sha256]
        self.list.setCurrentRow(rows[0] if rows else -1)
        self.list.blockSignals(False)
        self.list.viewport().update()

    def _on_item(self, item: QListWidgetItem) -> None:
        self.chosen.emit(item.data(_DOCUMENT).document.sha256)

    def _on_current(self, item: QListWidgetItem | None, previous: QListWidgetItem | None) -> None:
        # Qt makes the first item current when the list gets the focus; only moving from one to another opens.
        if item is not None and previous is not None and self.list.hasFocus():
            self._on_item(item)


class _DocumentDelegate(QStyledItemDelegate):
    """Paints a small sheet, the title, and the note in the colour of its stance."""

    def __init__(self, context: Context, parent: QListWidget) -> None:
        super().__init__(parent)
        self._context = context

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        spacing = QFontMetricsF(self._context.theme.font(11)).lineSpacing()
        return QSize(200, _HIGH + round(spacing * (self._lines(index.data(_DOCUMENT)) - 1)))

    def _lines(self, entry: Entry) -> int:
        """Lines the note takes, three at most."""
        view: QListWidget = self.parent()  # type: ignore[assignment]
        room = QRectF(0, 0, view.viewport().width() - _LEFT - _RIGHT, 1000)
        metrics = QFontMetricsF(self._context.theme.font(11))
        high = metrics.boundingRect(room, int(Qt.TextFlag.TextWordWrap), entry.note).height()
        return min(4, max(1, round(high / metrics.lineSpacing())))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        entry: Entry = index.data(_DOCUMENT)
        box = QRectF(option.rect).adjusted(0, 1, 0, -1)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._ground(painter, box, option.state)
        self._sheet(painter, QRectF(box.left() + 8, box.top() + 7, 34, 42), entry.document)
        self._words(painter, box.adjusted(_LEFT, 8, -_RIGHT, -6), entry)
        if entry.share is not None:
            self._bar(
                painter, QRectF(box.left() + _LEFT, box.bottom() - 6, box.width() - _LEFT - _RIGHT, 3), entry.share
            )
        painter.restore()

    def _bar(self, painter: QPainter, room: QRectF, share: float) -> None:
        """How much of a document is read."""
        theme = self._context.theme
        painter.setPen(Qt.PenStyle.NoPen)
        for colour, wide in (("line", 1.0), ("accent", max(share, 0.04))):
            painter.setBrush(theme.colour(colour))
            painter.drawRoundedRect(QRectF(room.left(), room.top(), room.width() * wide, room.height()), 1.5, 1.5)

    def _ground(self, painter: QPainter, box: QRectF, state: QStyle.StateFlag) -> None:
        theme = self._context.theme
        selected = bool(state & QStyle.StateFlag.State_Selected)
        if not selected and not state & QStyle.StateFlag.State_MouseOver:
            return
        focused = selected and bool(state & QStyle.StateFlag.State_HasFocus)
        painter.setPen(QPen(theme.colour("accent"), 1) if focused else Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("chip" if selected else "hover"))
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)

    def _sheet(self, painter: QPainter, sheet: QRectF, document: Document) -> None:
        theme = self._context.theme
        painter.setPen(QPen(theme.colour("line_strong"), 1))
        painter.setBrush(theme.colour("card"))
        painter.drawRoundedRect(sheet.adjusted(0.5, 0.5, -0.5, -0.5), 2, 2)
        icon = _ICONS.get(document.kind) or {"picture": "image", "table": "table"}.get(shape_of(document))
        if icon:
            picture = pixmap(icon, theme.colours.soft, 18, width=1.4)
            painter.drawPixmap(QPointF(sheet.center().x() - 9, sheet.center().y() - 9), picture)
            return
        painter.setPen(QPen(theme.colour("line_strong"), 2))
        for at in range(4):
            y = sheet.top() + 8 + 6 * at
            painter.drawLine(QPointF(sheet.left() + 6, y), QPointF(sheet.right() - (6 if at < 3 else 14), y))

    def _words(self, painter: QPainter, room: QRectF, entry: Entry) -> None:
        theme = self._context.theme
        painter.setFont(theme.font(13, 500))
        painter.setPen(theme.colour("ink"))
        title = painter.fontMetrics().elidedText(entry.title, Qt.TextElideMode.ElideRight, round(room.width()))
        painter.drawText(QRectF(room.left(), room.top(), room.width(), 19), Qt.AlignmentFlag.AlignVCenter, title)
        painter.setFont(theme.font(11))
        ink = {Stance.ADVERSE: "amber", Stance.FAVOURABLE: "favourable", Stance.NEUTRAL: "soft"}[entry.stance]
        painter.setPen(theme.colour(ink))
        below = QRectF(room.left(), room.top() + 20, room.width(), room.height() - 20)
        painter.drawText(below, int(Qt.TextFlag.TextWordWrap) | int(Qt.AlignmentFlag.AlignTop), entry.note)
