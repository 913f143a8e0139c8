"""A sentence set in serif type whose figures are buttons among the words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetricsF, QHelpEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from views.context import Context
from views.parts.chip import FigureChip
from views.parts.sentence_runs import FigureRun, Run

SERIF_PX = 15.5
_LEADING = 1.6
_CLOSING = frozenset(".,;:!?)]}%’”»…、。，；：！？）】》」』")


@dataclass(slots=True)
class _Piece:
    """A word or a chip: what never breaks over a line."""

    text: str
    width: float
    chip: FigureChip | None = None
    problem: str | None = None
    space: float = 0.0  # before it, unless it begins a line
    glued: bool = False  # never begins a line
    at: QPointF = field(default_factory=QPointF)  # left end of its baseline


class FlowText(QWidget):
    """Words and chips flowing over lines; ``struck`` draws it crossed out and faint."""

    chosen = Signal(str)  # fact id

    def __init__(self, context: Context, *, struck: bool = False, px: float = SERIF_PX) -> None:
        super().__init__()
        self._context = context
        self._struck = struck
        self._font = _serif(context, px)
        self._pieces: list[_Piece] = []
        self._metrics = QFontMetricsF(self._font)
        self._line = self._metrics.height() * _LEADING / 1.25
        self._heights: dict[int, int] = {}  # by width
        self._placed = -1  # width the pieces were placed for
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def show_runs(self, runs: tuple[Run, ...]) -> None:
        """Set words and figures anew."""
        for chip in self.chips():
            chip.hide()
            chip.deleteLater()
        self._pieces = list(self._cut(runs))
        self._heights.clear()
        self._placed = -1
        self.setAccessibleName("".join(run.text for run in runs))
        self._place()
        self.updateGeometry()
        self.update()

    def chips(self) -> list[FigureChip]:
        """Its figures in reading order."""
        return [piece.chip for piece in self._pieces if piece.chip is not None]

    def text(self) -> str:
        return self.accessibleName()

    def flagged(self) -> list[str]:
        """Spans that are underlined because a check found them wrong."""
        return [piece.text for piece in self._pieces if piece.problem is not None]

    def _cut(self, runs: tuple[Run, ...]) -> Iterator[_Piece]:
        metrics = self._metrics
        blank = metrics.horizontalAdvance(" ")
        spaced = False
        for run in runs:
            if isinstance(run, FigureRun):
                chip = FigureChip(self._context, run.text, run.fact, run.stance, self)
                chip.chosen.connect(self.chosen)
                chip.show()
                yield _Piece(run.text, chip.sizeHint().width(), chip, space=blank if spaced else 2.0)
                spaced = False
                continue
            for word, before in _words(run.text):
                closing = word[0] in _CLOSING
                space = blank if spaced or before else 0.0
                yield _Piece(word, metrics.horizontalAdvance(word), None, run.problem, space, closing and not space)
                spaced = False
            spaced = run.text[-1:].isspace()

    def _flow(self, width: int) -> Iterator[tuple[_Piece, float, float]]:
        """Every piece with its left edge and the top of its line, for a width."""
        x, top = 0.0, 0.0
        for index, piece in enumerate(self._pieces):
            follows = self._pieces[index + 1] if index + 1 < len(self._pieces) else None
            needed = piece.width + (follows.width if follows and follows.glued else 0.0)
            if x > 0 and not piece.glued and x + piece.space + needed > width:
                x, top = 0.0, top + self._line
            x += piece.space if x > 0 else 0.0
            yield piece, x, top
            x += piece.width

    def _height(self, width: int) -> int:
        """Height the text takes at a width; remembered, for layouts ask often."""
        if width not in self._heights:
            top = max((top for _, _, top in self._flow(width)), default=0.0)
            self._heights[width] = round(top + self._line + 1)
        return self._heights[width]

    def _place(self) -> None:
        """Put words and chips where they belong at the present width."""
        if self._placed == self.width():
            return
        self._placed = self.width()
        for piece, x, top in self._flow(self.width()):
            piece.at = QPointF(x, top + (self._line + self._metrics.ascent() - self._metrics.descent()) / 2)
            if piece.chip is not None:
                high = piece.chip.sizeHint().height()
                piece.chip.setGeometry(round(x), round(top + (self._line - high) / 2), round(piece.width), high)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._height(width)

    def sizeHint(self) -> QSize:
        return QSize(400, self._height(self.width() if self.width() > 50 else 400))

    def minimumSizeHint(self) -> QSize:
        return QSize(120, 20)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._place()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._context.theme
        painter = QPainter(self)
        font = QFont(self._font)
        font.setStrikeOut(self._struck)
        painter.setFont(font)
        self._place()
        for piece in self._pieces:
            if piece.chip is not None:
                continue
            painter.setPen(theme.colour("struck" if self._struck else "ink"))
            gap = self._joined(piece)
            painter.drawText(piece.at - QPointF(gap, 0), (" " if gap else "") + piece.text)
            if piece.problem is not None:
                painter.setPen(QPen(theme.colour("amber"), 2, Qt.PenStyle.DotLine))
                under = piece.at + QPointF(0, 3)
                painter.drawLine(under, under + QPointF(piece.width, 0))
        painter.end()

    def _joined(self, piece: _Piece) -> float:
        """Width of the blank before a crossed-out word, so that the stroke runs through."""
        return piece.space if self._struck and piece.at.x() > 0 else 0.0

    def event(self, event: object) -> bool:
        if isinstance(event, QHelpEvent):
            problem = self._problem_at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), problem or "", self)
            return True
        return super().event(event)  # type: ignore[arg-type]

    def _problem_at(self, point: QPointF) -> str | None:
        high = self._metrics.height()
        for piece in self._pieces:
            if piece.problem and QRectF(piece.at.x(), piece.at.y() - high, piece.width, high * 1.3).contains(point):
                return piece.problem
        return None


def _serif(context: Context, px: float) -> QFont:
    font = context.theme.font(px, serif=True)
    font.setPixelSize(round(px))
    return font


def _words(text: str) -> Iterator[tuple[str, bool]]:
    """Pieces of a text that may stand on a line of their own, and whether a blank stood before each.

    Chinese breaks between any two characters, but closing punctuation stays with the character before it.
    """
    word, blank = "", False
    for char in text:
        if char.isspace():
            if word:
                yield word, blank
            word, blank = "", True
        elif _is_wide(char) and char not in _CLOSING:
            if word:
                yield word, blank
                blank = False
            word = char
        elif word and _is_wide(word[-1]) and char not in _CLOSING and word[-1] not in _CLOSING:
            yield word, blank
            word, blank = char, False
        else:
            word += char
    if word:
        yield word, blank


def _is_wide(char: str) -> bool:
    return "\u2e80" <= char <= "\u9fff" or "\uff00" <= char <= "\uffef"
