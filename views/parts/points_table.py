"""The points of every bin of a scorecard: cases, bad rate, weight of evidence, points, the neutral and the best."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QScrollArea, QSizePolicy, QWidget

from app.domain.scorecard import Bin, Characteristic, Scorecard
from views import format as fmt
from views import stored_words
from views.context import Context
from views.parts.plot import share, wash
from views.strings import tr

HEAD, LINE, GAP = 34, 27, 10
TITLES = 26
COUNTED = ("cases", "share", "bad_rate", "woe", "points")
WIDTHS = {"cases": 76, "share": 74, "bad_rate": 170, "woe": 190, "points": 150}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table: a characteristic's head, or one of its bins."""

    row: Characteristic
    top: int
    bin: Bin | None = None


class PointsTable(QWidget):
    """Painted, not made of widgets; arrow keys walk over the characteristics, Enter or a double click opens one."""

    opened = Signal(str)  # characteristic

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self._card: Scorecard | None = None
        self._lines: list[Line] = []
        self._current = 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_card(self, card: Scorecard) -> None:
        """Show a scorecard; another one from its first characteristic on."""
        if self._card is None or self._card.sha256 != card.sha256:
            self._current = 0
        self._card = card
        self._lines = list(_lines(card))
        self.setAccessibleName(tr("scores.tab.points"))
        self._say()
        self.updateGeometry()
        self.update()

    def current(self) -> str:
        """Name of the characteristic the arrow keys chose."""
        return self._card.characteristics[self._current].name if self._card else ""

    def words(self, row: Characteristic) -> str:
        """A characteristic in words, for the screen reader."""
        bins = "; ".join(f"{self._bin_words(row, entry)}: {entry.points}" for entry in row.bins)
        ends = tr("scores.neutral_best", neutral=row.neutral_points, best=row.maximum_points)
        return f"{self._label(row)}, {ends}: {bins}"

    def _say(self) -> None:
        if self._card is not None:
            self.setAccessibleDescription(self.words(self._card.characteristics[self._current]))

    def _label(self, row: Characteristic) -> str:
        return fmt.fact_label(row.name, self._context.desk.workspace.catalogue, self._context.language)

    def _bin_words(self, row: Characteristic, entry: Bin) -> str:
        catalogue = self._context.desk.workspace.catalogue
        return stored_words.bin_words(row.name, entry.label, catalogue, self._context.language)

    def sizeHint(self) -> QSize:
        last = self._lines[-1].top + LINE + GAP if self._lines else 60
        return QSize(900, last + 8)

    def minimumSizeHint(self) -> QSize:
        return QSize(720, self.sizeHint().height())

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_titles(painter)
        for line in self._lines:
            box = QRectF(0, line.top, self.width(), LINE if line.bin else HEAD)
            if not box.intersects(QRectF(event.rect())):
                continue
            if line.bin is None:
                self._paint_head(painter, box, line.row)
            else:
                self._paint_bin(painter, box, line.row, line.bin)
        painter.end()

    def _cells(self, box: QRectF) -> dict[str, QRectF]:
        """Where the counted columns lie; the label has what they leave."""
        left, cells = box.right() - sum(WIDTHS.values()) - 12, {}
        cells["label"] = QRectF(box.left() + 24, box.top(), max(60, left - box.left() - 30), box.height())
        for name in COUNTED:
            cells[name] = QRectF(left, box.top(), WIDTHS[name] - 14, box.height())
            left += WIDTHS[name]
        return cells

    def _paint_titles(self, painter: QPainter) -> None:
        theme = self._context.theme
        painter.setFont(theme.font(11, 600))
        painter.setPen(theme.colour("soft"))
        for name, cell in self._cells(QRectF(0, 0, self.width(), TITLES)).items():
            side = Qt.AlignmentFlag.AlignLeft if name == "label" else Qt.AlignmentFlag.AlignRight
            box = cell.adjusted(-16, 0, 0, 0) if name == "label" else cell
            painter.drawText(box, int(side | Qt.AlignmentFlag.AlignVCenter), tr(f"scores.column.{name}"))

    def _paint_head(self, painter: QPainter, box: QRectF, row: Characteristic) -> None:
        theme = self._context.theme
        chosen = self._card is not None and self._card.characteristics[self._current] is row
        painter.setPen(QPen(theme.colour("line"), 1))
        painter.drawLine(QPointF(0, box.top()), QPointF(box.right(), box.top()))
        if chosen and self.hasFocus():
            painter.setPen(QPen(theme.colour("accent"), 1))
            painter.setBrush(theme.colour("selected"))
            painter.drawRoundedRect(box.adjusted(0.5, 3.5, -0.5, -3.5), 4, 4)
        painter.setFont(theme.font(13, 600))
        painter.setPen(theme.colour("ink"))
        text = painter.fontMetrics().elidedText(self._label(row), Qt.TextElideMode.ElideRight, int(box.width() * 0.5))
        painter.drawText(box.adjusted(8, 0, 0, 0), int(Qt.AlignmentFlag.AlignVCenter), text)
        painter.setFont(theme.font(11))
        painter.setPen(theme.colour("soft"))
        parts = [tr("scores.iv", value=f"{float(_iv(self._card, row)):.3f}")] if _iv(self._card, row) else []
        parts.append(tr("scores.neutral_best", neutral=row.neutral_points, best=row.maximum_points))
        side = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(box.adjusted(0, 0, -26, 0), int(side), "  ·  ".join(parts))

    def _paint_bin(self, painter: QPainter, box: QRectF, row: Characteristic, entry: Bin) -> None:
        theme, cells, cases = self._context.theme, self._cells(box), entry.good + entry.bad
        total = sum(each.good + each.bad for each in row.bins) or 1
        right = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        painter.setFont(theme.font(12))
        painter.setPen(theme.colour("ink"))
        label = cells["label"]
        text = self._bin_words(row, entry)
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(label.width()))
        painter.drawText(label, int(Qt.AlignmentFlag.AlignVCenter), shown)
        painter.setPen(theme.colour("soft" if cases else "struck"))
        painter.drawText(cells["cases"], right, fmt.number(cases))
        painter.drawText(cells["share"], right, share(cases / total))
        if cases:
            self._paint_rate(painter, cells["bad_rate"], entry.bad / cases)
        self._paint_woe(painter, cells["woe"], float(entry.woe))
        self._paint_points(painter, cells["points"], row, entry)

    def _paint_rate(self, painter: QPainter, cell: QRectF, rate: float) -> None:
        theme = self._context.theme
        track = QRectF(cell.left() + 8, cell.center().y() - 3, cell.width() - 62, 6)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("line"))
        painter.drawRoundedRect(track, 3, 3)
        painter.setBrush(wash(theme, "adverse", 0.8))
        painter.drawRoundedRect(QRectF(track.left(), track.top(), max(2.0, track.width() * rate), 6), 3, 3)
        painter.setPen(theme.colour("ink"))
        painter.drawText(cell, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), share(rate))

    def _paint_woe(self, painter: QPainter, cell: QRectF, woe: float) -> None:
        theme = self._context.theme
        most = (
            max([0.5, *(abs(float(entry.woe)) for row in self._card.characteristics for entry in row.bins)])
            if (self._card)
            else 1.0
        )
        track = QRectF(cell.left() + 8, cell.center().y() - 3, cell.width() - 66, 6)
        middle = track.center().x()
        painter.setPen(QPen(theme.colour("line_strong"), 1))
        painter.drawLine(QPointF(middle, track.top() - 3), QPointF(middle, track.bottom() + 3))
        end = middle + woe / most * track.width() / 2
        painter.fillRect(
            QRectF(min(middle, end), track.top(), abs(end - middle), 6),
            wash(theme, "favourable" if woe > 0 else "adverse", 0.8),
        )
        painter.setPen(theme.colour("ink"))
        text = f"{woe:+.3f}".replace("-", "\u2212") if woe else "0"
        painter.drawText(cell, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), text)

    def _paint_points(self, painter: QPainter, cell: QRectF, row: Characteristic, entry: Bin) -> None:
        theme = self._context.theme
        low = min([0, *(each.points for each in row.bins)])
        high = max([1, *(each.maximum_points for each in self._card.characteristics)]) if self._card else 1
        track = QRectF(cell.left() + 8, cell.center().y() - 4, cell.width() - 48, 8)
        at = [track.left() + (value - low) / (high - low) * track.width() for value in (0, entry.points)]
        tone = "adverse" if entry.points < row.neutral_points else "favourable"
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("line"))
        best = track.left() + (row.maximum_points - low) / (high - low) * track.width()
        painter.drawRoundedRect(QRectF(track.left(), track.top(), best - track.left(), 8), 4, 4)
        painter.setBrush(theme.colour(tone))
        painter.drawRoundedRect(QRectF(min(at), track.top(), max(2.0, abs(at[1] - at[0])), 8), 4, 4)
        neutral = track.left() + (row.neutral_points - low) / (high - low) * track.width()
        painter.setPen(QPen(theme.colour("ink"), 2))
        painter.drawLine(QPointF(neutral, track.top() - 3), QPointF(neutral, track.bottom() + 3))
        painter.setFont(theme.font(12, 600))
        painter.setPen(theme.colour("ink"))
        side = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(cell, int(side), str(entry.points).replace("-", "\u2212"))

    # Choosing

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._choose(self._place_at(event.position().y()))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self._place_at(event.position().y()) is not None:
            self.opened.emit(self.current())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(key, 0)
        if step and self._card:
            self._choose(min(len(self._card.characteristics) - 1, max(0, self._current + step)))
            self._reveal()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._card:
            self.opened.emit(self.current())
        else:
            super().keyPressEvent(event)

    def _place_at(self, y: float) -> int | None:
        line = next((each for each in reversed(self._lines) if each.top <= y), None)
        if line is None or self._card is None:
            return None
        return self._card.characteristics.index(line.row)

    def _choose(self, place: int | None) -> None:
        if place is not None:
            self._current = place
            self._say()
            self.update()

    def _reveal(self) -> None:
        """Scroll so far that the chosen characteristic is seen."""
        heads = [line.top for line in self._lines if line.bin is None]
        area: QWidget | None = self.parentWidget()
        while area is not None and not isinstance(area, QScrollArea):
            area = area.parentWidget()
        if isinstance(area, QScrollArea):
            area.ensureVisible(10, heads[self._current], 0, 80)


def _lines(card: Scorecard) -> Iterator[Line]:
    top = TITLES
    for row in card.characteristics:
        yield Line(row, top)
        top += HEAD
        for entry in row.bins:
            yield Line(row, top, entry)
            top += LINE
        top += GAP


def _iv(card: Scorecard | None, row: Characteristic) -> str:
    if card is None:
        return ""
    entries = card.document["characteristics"]
    return next((str(each.get("information_value", "")) for each in entries if each["name"] == row.name), "")
