"""Vintage curves: the share of each month's cases gone bad by months on book, a line a cohort."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from app.domain.backtest import Vintage
from app.domain.watching import Light
from views.context import Context
from views.models.watching import month_words, percent, spread
from views.parts.plot import Plot, share, wash
from views.parts.score_charts import ScoreChart
from views.strings import tr

_LEAST_MONTHS = 3


class VintageChart(ScoreChart):
    """Each cohort in the colour of its light, the older the paler; all months dashed; the chosen one on top."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._vintages: Sequence[Vintage] = ()
        self.chosen = ""  # month of a cohort; empty: all months

    def show_vintages(self, vintages: Sequence[Vintage]) -> None:
        """Show the cohorts; the first, without a month, is all of them."""
        self._vintages = vintages
        self.choose("")

    def choose(self, month: str) -> None:
        """Bring a cohort to the front."""
        self.chosen = month
        words = "; ".join(_told(row, row.curve[-1].months) for row in self._vintages if row.curve)
        self.say(tr("scores.watch.vintages"), words)
        self.update()

    def plot(self) -> Plot:
        points = [point for row in self._vintages for point in row.curve]
        last = max([_LEAST_MONTHS, *(point.months for point in points)])
        top = min(1.0, max([0.02, *(point.share.value for point in points)]) * 1.15)
        return Plot.within(QRectF(self.rect()), (0, last), (0, top))

    def draw(self, painter: QPainter, plot: Plot) -> None:
        theme = self._context.theme
        whole = lambda value: f"{value:g}" if value == int(value) else ""  # noqa: E731 - a label of an axis
        plot.paint_axes(painter, theme, words=whole, up_words=share, title=tr("scores.watch.months_on_book"))
        cohorts = [row for row in self._vintages if row.month]
        for place, row in enumerate(cohorts):
            if row.month != self.chosen:
                self._line(painter, plot, row, self._colour(row, place, len(cohorts)), 1.5)
        every = next((row for row in self._vintages if not row.month), None)
        if every is not None:
            self._line(painter, plot, every, theme.colour("ink"), 1.6, Qt.PenStyle.DashLine)
        front = next((row for row in self._vintages if row.month == self.chosen), None)
        if front is not None and front.month:
            self._line(painter, plot, front, self._colour(front, 1, 1), 3)
        if front is not None:
            self._name(painter, plot, front)

    def _colour(self, row: Vintage, place: int, count: int) -> QColor:
        theme, light = self._context.theme, row.reading.light if row.reading else Light.GREY
        if light in (Light.RED, Light.AMBER):
            return theme.colour("adverse" if light is Light.RED else "amber")
        return wash(theme, "accent", 0.3 + 0.6 * (place + 1) / max(count, 1))

    def _line(
        self,
        painter: QPainter,
        plot: Plot,
        row: Vintage,
        colour: QColor,
        width: float,
        style: Qt.PenStyle = Qt.PenStyle.SolidLine,
    ) -> None:
        """A step at each month in which cases went bad, from nothing at the start."""
        steps, before = [(0.0, 0.0)], 0.0
        for point in row.curve:
            steps += [(float(point.months), before), (float(point.months), point.share.value)]
            before = point.share.value
        painter.setPen(QPen(colour, width, style))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(plot.line(steps))
        if row.curve:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            painter.drawEllipse(plot.at(*steps[-1]), width + 0.8, width + 0.8)

    def _name(self, painter: QPainter, plot: Plot, row: Vintage) -> None:
        """The chosen cohort's name and last share, at the upper left, where a curve has not risen yet."""
        if not row.curve:
            return
        painter.setFont(self._context.theme.font(11, 600))
        painter.setPen(self._context.theme.colour("ink"))
        painter.drawText(QPointF(plot.area.left() + 8, plot.area.top() + 14), _told(row, row.curve[-1].months))

    def hint(self, plot: Plot, x: float, y: float) -> str:
        """The cohort whose line is nearest at that month."""
        if not self._vintages:
            return ""
        months = max(0, round(plot.value_at(x)))
        reached = [row for row in self._vintages if row.curve and row.curve[-1].months >= months]
        if not reached:
            return ""
        near = min(reached, key=lambda row: abs(plot.y(share_at(row, months)) - y))
        return _told(near, months)


def share_at(row: Vintage, months: int) -> float:
    """The share of a cohort gone bad by so many months on book."""
    return max((point.share.value for point in row.curve if point.months <= months), default=0.0)


def _told(row: Vintage, months: int) -> str:
    """A cohort's share by a month on book, with its interval."""
    known = [point for point in row.curve if point.months <= months]
    told = spread(known[-1].share, percent) if known else percent(0.0)
    return tr("scores.watch.vintage_at", month=month_words(row.month or None), share=told, months=months)
