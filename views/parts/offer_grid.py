"""Amounts by terms as one picture: what fits policy, what is referred, what does not fit, and what was asked for."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.domain.offers import Cell, OfferGrid
from views import format as fmt
from views.context import Context
from views.strings import tr

LABEL, HEAD, ROW, GAP = 84.0, 26.0, 28.0, 2.0
NARROW = 66.0  # of a cell; the figures are smaller then
GROUND = {"fits": "favourable_wash", "refer": "amber_wash", "not": "adverse_wash"}
INK = {"fits": "favourable", "refer": "amber", "not": "soft"}
MARK = {"fits": "", "refer": "↑", "not": "×"}
_STEPS = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
    Qt.Key.Key_Home: (0, -999),
    Qt.Key.Key_End: (0, 999),
    Qt.Key.Key_PageUp: (-999, 0),
    Qt.Key.Key_PageDown: (999, 0),
}


def standing_of(cell: Cell) -> str:
    """``fits``, ``refer`` where it fits and a clause refers the case, or ``not``."""
    if not cell.fits:
        return "not"
    return "refer" if cell.referrals else "fits"


class OfferPicture(QWidget):
    """A cell under the mouse, or the one that the arrow keys chose, is told; a click or Enter takes it."""

    pointed = Signal(object)  # Cell
    chosen = Signal(object)  # Cell

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self._grid: OfferGrid | None = None
        self._current = (0, 0)  # row, column
        self._hovered: tuple[int, int] | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_grid(self, grid: OfferGrid) -> None:
        """Show the grid, the requested cell chosen, else the largest one that fits."""
        self._grid, self._hovered = grid, None
        self._current = self._first(grid)
        self.setAccessibleName(tr("offers.grid"))
        self.updateGeometry()
        self._tell()

    def pointed_at(self) -> Cell | None:
        """The cell that is told: under the mouse, else the chosen one."""
        grid = self._grid
        if grid is None or not grid.cells:
            return None
        line, column = self._hovered or self._current
        return grid.cells[line * len(grid.terms) + column]

    def words(self, cell: Cell) -> str:
        """A cell in words, for the screen reader."""
        currency = self._grid.currency if self._grid else ""
        price = cell.price
        return tr(
            "offers.cell",
            amount=fmt.money(cell.amount, currency),
            term=fmt.months(cell.term_months, self._context.language),
            instalment=fmt.money(price.instalment, currency) if price else tr("offers.no_price"),
            standing=tr(f"offers.{standing_of(cell)}"),
        )

    def _first(self, grid: OfferGrid) -> tuple[int, int]:
        asked = grid.requested
        if asked is not None and asked.amount in grid.amounts and asked.term_months in grid.terms:
            return grid.amounts.index(asked.amount), grid.terms.index(asked.term_months)
        fitting = [at for at, cell in enumerate(grid.cells) if cell.fits]
        return divmod(fitting[-1] if fitting else 0, len(grid.terms))

    def _tell(self) -> None:
        cell = self.pointed_at()
        self.update()
        if cell is not None:
            self.setAccessibleDescription(self.words(cell))
            self.pointed.emit(cell)

    def sizeHint(self) -> QSize:
        return QSize(600, round(HEAD + ROW * (len(self._grid.amounts) if self._grid else 0) + 2))

    def minimumSizeHint(self) -> QSize:
        return QSize(400, self.sizeHint().height())

    def box_of(self, line: int, column: int) -> QRectF:
        """Where a cell lies."""
        wide = (self.width() - LABEL) / max(1, len(self._grid.terms) if self._grid else 1)
        return QRectF(LABEL + column * wide, HEAD + line * ROW, wide - GAP, ROW - GAP)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        grid = self._grid
        if grid is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_heads(painter, grid)
        for at, cell in enumerate(grid.cells):
            line, column = divmod(at, len(grid.terms))
            self._paint_cell(painter, self.box_of(line, column), cell)
        self._paint_frames(painter, grid)
        painter.end()

    def _paint_heads(self, painter: QPainter, grid: OfferGrid) -> None:
        theme = self._context.theme
        right = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        line, column = self._hovered or self._current
        for at, term in enumerate(grid.terms):
            painter.setFont(theme.font(11, 600 if at == column else 400))
            painter.setPen(theme.colour("ink" if at == column else "soft"))
            box = self.box_of(0, at)
            head = QRectF(box.left(), 0, box.width(), HEAD - 4)
            painter.drawText(head, int(Qt.AlignmentFlag.AlignCenter), tr("offers.term", months=term))
        for at, amount in enumerate(grid.amounts):
            painter.setFont(theme.font(12, 600 if at == line else 400))
            painter.setPen(theme.colour("ink" if at == line else "soft"))
            painter.drawText(QRectF(0, HEAD + at * ROW, LABEL - 12, ROW - GAP), right, fmt.number(amount))
        painter.setFont(theme.font(11))
        painter.setPen(theme.colour("soft"))
        painter.drawText(QRectF(0, 0, LABEL - 12, HEAD - 4), right, tr("offers.amount", currency=grid.currency))

    def _paint_cell(self, painter: QPainter, box: QRectF, cell: Cell) -> None:
        theme, standing = self._context.theme, standing_of(cell)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour(GROUND[standing]))
        painter.drawRoundedRect(box, 3, 3)
        painter.setPen(theme.colour(INK[standing]))
        narrow = box.width() < NARROW
        painter.setFont(theme.font(9 if narrow else 10))
        painter.drawText(box.adjusted(4 if narrow else 7, 0, 0, 0), int(Qt.AlignmentFlag.AlignVCenter), MARK[standing])
        painter.setFont(theme.font(11 if narrow else 12, 600 if cell.fits else 400))
        text = whole(cell.price.instalment) if cell.price else "–"
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(box.adjusted(0, 0, -5 if narrow else -9, 0), int(right), text)

    def _paint_frames(self, painter: QPainter, grid: OfferGrid) -> None:
        """A frame around what was asked for, and one around the cell that is told."""
        theme, asked = self._context.theme, grid.requested
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if asked is not None and asked.amount in grid.amounts and asked.term_months in grid.terms:
            box = self.box_of(grid.amounts.index(asked.amount), grid.terms.index(asked.term_months))
            painter.setPen(QPen(theme.colour("ink"), 1.6))
            painter.drawRoundedRect(box.adjusted(0.8, 0.8, -0.8, -0.8), 3, 3)
            painter.setBrush(theme.colour("ink"))
            painter.setPen(Qt.PenStyle.NoPen)
            corner = box.topLeft()
            painter.drawPolygon([corner, corner + QPointF(9, 0), corner + QPointF(0, 9)])
            painter.setBrush(Qt.BrushStyle.NoBrush)
        if self._hovered is not None or self.hasFocus():
            painter.setPen(QPen(theme.colour("accent"), 2))
            painter.drawRoundedRect(self.box_of(*(self._hovered or self._current)).adjusted(-1, -1, 1, 1), 4, 4)

    # Choosing

    def _place_at(self, at: QPointF) -> tuple[int, int] | None:
        grid = self._grid
        if grid is None or not grid.cells or at.x() < LABEL or at.y() < HEAD:
            return None
        line = int((at.y() - HEAD) // ROW)
        column = int((at.x() - LABEL) * len(grid.terms) // max(1.0, self.width() - LABEL))
        inside = line < len(grid.amounts) and column < len(grid.terms)
        return (line, column) if inside else None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        place = self._place_at(event.position())
        if place != self._hovered:
            self._hovered = place
            shape = Qt.CursorShape.ArrowCursor if place is None else Qt.CursorShape.PointingHandCursor
            self.setCursor(shape)
            self._tell()

    def leaveEvent(self, event: QEvent) -> None:
        if self._hovered is not None:
            self._hovered = None
            self._tell()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        place = self._place_at(event.position())
        if event.button() is Qt.MouseButton.LeftButton and place is not None:
            self._current = place
            self._tell()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton and self._place_at(event.position()) == self._current:
            self._take()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        grid, key = self._grid, Qt.Key(event.key())
        if grid is not None and grid.cells and key in _STEPS:
            down, right = _STEPS[key]
            line, column = self._current
            self._hovered = None
            self._current = _within(line + down, len(grid.amounts)), _within(column + right, len(grid.terms))
            self._tell()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._hovered = None
            self._take()
        else:
            super().keyPressEvent(event)

    def _take(self) -> None:
        cell = self.pointed_at()
        if cell is not None:
            self.chosen.emit(cell)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()


def _within(place: int, count: int) -> int:
    return min(count - 1, max(0, place))


def whole(amount: Decimal) -> str:
    """An amount without its cents, as there is room for in a cell."""
    return fmt.number(amount.quantize(Decimal(1), rounding=ROUND_HALF_UP))
