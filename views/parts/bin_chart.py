"""The bins of a characteristic as a picture that is edited: bars of cases, the bad rate as a line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from views.context import Context
from views.parts.plot import Plot, share, ticks, wash
from views.strings import tr

GRIP = 7  # pixels beside an edge at which it can be taken
BELOW = 62.0  # room for the labels
GAP = 0.16  # of a bar's place


@dataclass(frozen=True, slots=True)
class Bar:
    """One bin as it is drawn."""

    label: str
    share: float  # of the cases of the development sample
    cases: int
    bad_rate: float | None  # None without cases
    held_rate: float | None  # on the hold-out
    woe: float
    points: int | None
    fixed: bool
    main: bool  # an interval or a group, which merges and splits
    short: str = ""  # the label where there is little room


class BinChart(QWidget):
    """Click and Shift+click select; drag a bar onto another to merge; drag an edge; double-click splits.

    ``merge_wanted(first, last)``, ``split_wanted(place, share)`` with the share of the bin's cases left of the click
    (below 0: the best place), ``edge_wanted(edge, place, share, final)``, ``selected()``.
    """

    merge_wanted = Signal(int, int)
    split_wanted = Signal(int, float)
    edge_wanted = Signal(int, int, float, bool)
    selected = Signal()

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self.bars: Sequence[Bar] = ()
        self.first = self.last = 0
        self.editable = False
        self._ordered = True
        self._press: QPointF | None = None
        self._edge: int | None = None  # edge being dragged
        self._target: int | None = None  # bar under a dragged one
        self._edge_x: float | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_bars(self, bars: Sequence[Bar], *, ordered: bool, editable: bool) -> None:
        """Show bins; ``ordered`` ones have edges that move and merge with neighbours only."""
        self.bars, self._ordered, self.editable = bars, ordered, editable
        self.first, self.last = min(self.first, len(bars) - 1), min(self.last, len(bars) - 1)
        self.setAccessibleName(tr("scores.bins.chart"))
        self._say()
        self.update()

    def select(self, first: int, last: int | None = None) -> None:
        """Select a bin, or a row of them."""
        self.first, self.last = sorted((first, first if last is None else last))
        self._say()
        self.update()
        self.selected.emit()

    def words(self, bar: Bar) -> str:
        """One bin in words."""
        rate = "–" if bar.bad_rate is None else share(bar.bad_rate)
        return tr("scores.bins.bar", bin=bar.label, cases=f"{bar.cases:,}", share=share(bar.share), rate=rate)

    def _say(self) -> None:
        self.setAccessibleDescription("; ".join(self.words(bar) for bar in self.bars[self.first : self.last + 1]))

    def sizeHint(self) -> QSize:
        return QSize(760, 380)

    def minimumSizeHint(self) -> QSize:
        return QSize(420, 210)

    # Painting

    def _plot(self) -> Plot:
        top = max([0.05, *(bar.share for bar in self.bars)])
        box = QRectF(self.rect()).adjusted(0, 30, -34, -(BELOW - 34))
        return Plot.within(box, (0, max(1, len(self.bars))), (0, top * 1.15))

    def _rates(self, plot: Plot) -> Plot:
        """The same area with bad rates upwards."""
        rates = [rate for bar in self.bars for rate in (bar.bad_rate, bar.held_rate) if rate is not None]
        return Plot(plot.area, plot.across, (0, max([0.05, *rates]) * 1.15))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        plot, theme = self._plot(), self._context.theme
        plot.paint_axes(painter, theme, words=share, up_words=share, across_ticks=())
        for place, bar in enumerate(self.bars):
            self._paint_bar(painter, plot, place, bar)
        rates = self._rates(plot)
        self._paint_line(painter, rates, [bar.held_rate for bar in self.bars], dashed=True)
        self._paint_line(painter, rates, [bar.bad_rate for bar in self.bars], dashed=False)
        self._paint_right_axis(painter, rates)
        self._paint_captions(painter, plot)
        if self._edge_x is not None:
            painter.setPen(QPen(theme.colour("amber"), 2))
            painter.drawLine(QPointF(self._edge_x, plot.area.top()), QPointF(self._edge_x, plot.area.bottom()))
        painter.end()

    def _box(self, plot: Plot, place: int) -> QRectF:
        """The whole place of a bar, from top to bottom of the area."""
        left, right = plot.x(place), plot.x(place + 1)
        return QRectF(left, plot.area.top(), right - left, plot.area.height())

    def _paint_bar(self, painter: QPainter, plot: Plot, place: int, bar: Bar) -> None:
        theme, box = self._context.theme, self._box(plot, place)
        chosen = self.first <= place <= self.last
        if chosen:
            painter.setPen(QPen(theme.colour("accent"), 1) if self.hasFocus() else Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("selected"))
            painter.drawRoundedRect(box.adjusted(1.5, -17, -1.5, BELOW - 8), 5, 5)
        if place == self._target:
            painter.setPen(QPen(theme.colour("amber"), 2))
            painter.setBrush(theme.colour("amber_wash"))
            painter.drawRoundedRect(box.adjusted(2, 0, -2, 0), 5, 5)
        pad = box.width() * GAP
        column = QRectF(
            box.left() + pad, plot.y(bar.share), box.width() - 2 * pad, plot.area.bottom() - plot.y(bar.share)
        )
        painter.fillRect(column, wash(theme, "accent" if bar.main else "soft", 0.55 if chosen else 0.32))
        self._paint_words(painter, plot, box, bar)

    def _paint_words(self, painter: QPainter, plot: Plot, box: QRectF, bar: Bar) -> None:
        theme = self._context.theme
        centre = int(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        wide = int(box.width()) - 6
        painter.setFont(theme.font(11, 600))
        fits = not bar.short or painter.fontMetrics().horizontalAdvance(bar.label) <= wide
        lines = [
            (bar.label if fits else bar.short, 11, 600, "ink"),
            (f"{bar.cases:,}", 11, 400, "soft"),
            (_woe(bar.woe), 11, 400, "soft"),
        ]
        top = plot.area.bottom() + 6
        for text, px, weight, tone in lines:
            painter.setFont(theme.font(px, weight))
            painter.setPen(theme.colour(tone))
            shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, wide)
            painter.drawText(QRectF(box.left() + 3, top, wide, 16), centre, shown)
            top += 15
        if bar.points is not None:
            painter.setFont(theme.font(12, 600))
            painter.setPen(theme.colour("person" if bar.fixed else "ink"))
            text = f"{bar.points} \u2022" if bar.fixed else str(bar.points)
            painter.drawText(QRectF(box.left(), plot.area.top() - 15, box.width(), 16), centre, text)

    def _paint_captions(self, painter: QPainter, plot: Plot) -> None:
        """At the left, what the lines of figures under the bars are."""
        painter.setFont(self._context.theme.font(10))
        painter.setPen(self._context.theme.colour("soft"))
        right = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
        for place, key in enumerate(("cases", "woe")):
            box = QRectF(0, plot.area.bottom() + 21 + 15 * place, plot.area.left() - 8, 16)
            painter.drawText(box, right, tr(f"scores.column.{key}"))
        painter.drawText(QRectF(0, plot.area.top() - 14, plot.area.left() - 8, 16), right, tr("scores.column.points"))

    def _paint_line(self, painter: QPainter, plot: Plot, rates: Sequence[float | None], *, dashed: bool) -> None:
        theme = self._context.theme
        runs: list[list[QPointF]] = [[]]
        for place, rate in enumerate(rates):
            if rate is None or (place and self.bars[place].main != self.bars[place - 1].main):
                runs.append([])
            if rate is not None:
                runs[-1].append(plot.at(place + 0.5, rate))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        tone = wash(theme, "adverse", 0.45) if dashed else theme.colour("adverse")
        painter.setPen(QPen(tone, 1.4 if dashed else 2, Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine))
        for run in runs:
            painter.drawPolyline(QPolygonF(run))
        if dashed:
            return
        painter.setPen(QPen(theme.colour("card"), 1.2))
        painter.setBrush(theme.colour("adverse"))
        for point in [point for run in runs for point in run]:
            painter.drawEllipse(point, 4, 4)

    def _paint_right_axis(self, painter: QPainter, plot: Plot) -> None:
        theme = self._context.theme
        painter.setFont(theme.font(11))
        painter.setPen(theme.colour("adverse"))
        left = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for value in ticks(*plot.up, 5):
            painter.drawText(QRectF(plot.area.right() + 6, plot.y(value) - 8, 48, 16), left, share(value))
        above = QRectF(0, 2, self.width(), 14)
        painter.drawText(above, int(Qt.AlignmentFlag.AlignRight), tr("scores.column.bad_rate"))
        painter.setPen(theme.colour("soft"))
        painter.drawText(above, int(Qt.AlignmentFlag.AlignLeft), tr("scores.bins.share"))

    # The mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        place = self.place_at(event.position().x())
        if place is None or event.button() != Qt.MouseButton.LeftButton:
            return
        self._press = event.position()
        self._edge = self._edge_at(event.position().x())
        if self._edge is None:
            extend = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            anchor = self.first if place >= self.first else self.last
            self.select(anchor if extend else place, place)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        x = event.position().x()
        if self._press is None:
            near = self._edge_at(x) is not None
            self.setCursor(Qt.CursorShape.SplitHCursor if near else Qt.CursorShape.ArrowCursor)
            place = self.place_at(x)
            self.setToolTip("" if place is None else self.words(self.bars[place]))
        elif self._edge is not None:
            self._edge_x = x
            self._tell_edge(x, final=False)
            self.update()
        elif self.editable and abs(x - self._press.x()) > 12:
            place = self.place_at(x)
            legal = place is not None and self.bars[place].main and not self.first <= place <= self.last
            self._target = place if legal and self.bars[self.first].main else None
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        edge, target, moved = self._edge, self._target, self._edge_x is not None
        self._press = self._edge = self._target = self._edge_x = None
        if edge is not None and moved:
            self._edge = edge
            self._tell_edge(event.position().x(), final=True)
            self._edge = None
        elif target is not None:
            first, last = min(self.first, target), max(self.last, target)
            self.merge_wanted.emit(*((first, last) if self._ordered else (self.first, target)))
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        place = self.place_at(event.position().x())
        if place is not None and self.editable and self.bars[place].main:
            box = self._box(self._plot(), place)
            self.split_wanted.emit(place, (event.position().x() - box.left()) / box.width())

    def _tell_edge(self, x: float, *, final: bool) -> None:
        """An edge is dragged into a bar: into which, and how far."""
        place = self.place_at(x)
        if place is None or self._edge is None or place not in (self._edge, self._edge + 1):
            return
        box = self._box(self._plot(), place)
        self.edge_wanted.emit(self._edge, place, min(1.0, max(0.0, (x - box.left()) / box.width())), final)

    def place_at(self, x: float) -> int | None:
        """The bar a pixel lies in."""
        plot = self._plot()
        place = int(plot.value_at(x))
        inside = plot.area.left() <= x < plot.area.right()
        return place if inside and 0 <= place < len(self.bars) else None

    def _edge_at(self, x: float) -> int | None:
        """The edge near a pixel, counted from 0; only intervals have edges."""
        if not self.editable or not self._ordered:
            return None
        plot = self._plot()
        for edge in range(len(self.bars) - 1):
            if self.bars[edge + 1].main and abs(plot.x(edge + 1) - x) <= GRIP:
                return edge
        return None

    # The keyboard

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, modifiers = Qt.Key(event.key()), event.modifiers()
        step = {Qt.Key.Key_Right: 1, Qt.Key.Key_Left: -1}.get(key, 0)
        if step and modifiers & Qt.KeyboardModifier.AltModifier and self.editable and self._ordered:
            self._nudge(step)
        elif step and modifiers & Qt.KeyboardModifier.ShiftModifier:
            self.select(self.first, min(len(self.bars) - 1, max(self.first, self.last + step)))
        elif step:
            self.select(min(len(self.bars) - 1, max(0, (self.last if step > 0 else self.first) + step)))
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self.select(0 if key == Qt.Key.Key_Home else len(self.bars) - 1)
        else:
            super().keyPressEvent(event)

    def _nudge(self, step: int) -> None:
        """Move the lower edge of the chosen bin by a twentieth of the bin it is moved into."""
        edge = self.first - 1
        if edge >= 0 and self.bars[self.first].main:
            place = self.first if step > 0 else self.first - 1
            self.edge_wanted.emit(edge, place, 0.05 if step > 0 else 0.95, True)


def _woe(value: float) -> str:
    return f"{value:+.2f}".replace("-", "\u2212")
