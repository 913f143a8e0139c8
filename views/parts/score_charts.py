"""How well a scorecard ranks and how well its PD is met, as pictures: ROC, KS and calibration."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from views.context import Context
from views.models.validation import Band, RocPoint, widest
from views.parts.plot import Plot, share, wash
from views.strings import tr


class ScoreChart(QWidget):
    """What the three have in common: paints into the box it has, says in words what it shows."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        return QSize(360, 260)

    def minimumSizeHint(self) -> QSize:
        return QSize(190, 180)

    def say(self, name: str, words: str) -> None:
        """What a screen reader says."""
        self.setAccessibleName(name)
        self.setAccessibleDescription(words)

    def plot(self) -> Plot:
        raise NotImplementedError

    def draw(self, painter: QPainter, plot: Plot) -> None:
        raise NotImplementedError

    def hint(self, plot: Plot, x: float, y: float) -> str:
        """What stands at a place of the plot, in words."""
        return ""

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.draw(painter, self.plot())
        if self.hasFocus():
            painter.setPen(QPen(self._context.theme.colour("accent"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        painter.end()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        place = event.position()
        plot = self.plot()
        words = self.hint(plot, place.x(), place.y()) if plot.area.contains(place) else ""
        QToolTip.showText(event.globalPosition().toPoint(), words, self)


class RocChart(ScoreChart):
    """The share of bads declined over the share of goods declined, of one scorecard or of two."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._curves: list[tuple[str, Sequence[RocPoint]]] = []

    def show_curves(self, curves: Sequence[tuple[str, Sequence[RocPoint]]], words: str) -> None:
        """Show a curve a name, the first in the accent's colour; ``words`` tell their figures."""
        self._curves = list(curves)
        self.say(tr("scores.roc"), words)
        self.update()

    def plot(self) -> Plot:
        return Plot.within(QRectF(self.rect()), (0, 1), (0, 1))

    def draw(self, painter: QPainter, plot: Plot) -> None:
        theme = self._context.theme
        plot.paint_axes(painter, theme, words=share, up_words=share, title=tr("scores.goods_declined"))
        painter.setPen(QPen(theme.colour("line_strong"), 1, Qt.PenStyle.DashLine))
        painter.drawLine(plot.at(0, 0), plot.at(1, 1))
        for place, (_, curve) in reversed(list(enumerate(self._curves))):
            line = plot.line((point.goods, point.bads) for point in curve)
            if place == 0:
                _fill_under(painter, line, plot, wash(theme, "accent", 0.08))
            painter.setPen(QPen(theme.colour("accent" if place == 0 else "person"), 2))
            painter.drawPolyline(line)
        paint_legend(
            painter,
            self._context,
            plot,
            [(name, ("accent", "person")[at]) for at, (name, _) in enumerate(self._curves)],
        )

    def hint(self, plot: Plot, x: float, y: float) -> str:
        goods = plot.value_at(x)
        if not self._curves:
            return ""
        near = min(self._curves[0][1], key=lambda point: abs(point.goods - goods))
        return tr("scores.roc_hint", points=round(near.points), goods=share(near.goods), bads=share(near.bads))


class KsChart(ScoreChart):
    """The distributions of goods and bads over the points, and where they lie furthest apart."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._curve: Sequence[RocPoint] = ()

    def show_curve(self, curve: Sequence[RocPoint], words: str) -> None:
        self._curve = curve
        self.say(tr("scores.ks"), words)
        self.update()

    def plot(self) -> Plot:
        ends = (self._curve[0].points, self._curve[-1].points) if self._curve else (0.0, 1.0)
        return Plot.within(QRectF(self.rect()), ends, (0, 1))

    def draw(self, painter: QPainter, plot: Plot) -> None:
        theme = self._context.theme
        plot.paint_axes(
            painter, theme, words=lambda value: f"{value:.0f}", up_words=share, title=tr("scores.points_axis")
        )
        if not self._curve:
            return
        painter.setPen(QPen(theme.colour("favourable"), 2))
        painter.drawPolyline(plot.line((point.points, point.goods) for point in self._curve))
        painter.setPen(QPen(theme.colour("adverse"), 2))
        painter.drawPolyline(plot.line((point.points, point.bads) for point in self._curve))
        at = widest(self._curve)
        painter.setPen(QPen(theme.colour("ink"), 1.4, Qt.PenStyle.DashLine))
        painter.drawLine(plot.at(at.points, at.goods), plot.at(at.points, at.bads))
        self._paint_gap(painter, plot, at)
        paint_legend(painter, self._context, plot, [(tr("scores.bads"), "adverse"), (tr("scores.goods"), "favourable")])

    def _paint_gap(self, painter: QPainter, plot: Plot, at: RocPoint) -> None:
        theme = self._context.theme
        painter.setFont(theme.font(11, 600))
        painter.setPen(theme.colour("ink"))
        text = tr("scores.ks_at", ks=f"{at.bads - at.goods:.3f}", points=round(at.points))
        width = painter.fontMetrics().horizontalAdvance(text)
        x, y = plot.x(at.points) + 8, plot.y((at.goods + at.bads) / 2)
        left = x if x + width < plot.area.right() else plot.x(at.points) - 8 - width
        painter.fillRect(QRectF(left - 3, y - 9, width + 6, 18), wash(theme, "card", 0.85))
        painter.drawText(QPointF(left, y + 4), text)

    def hint(self, plot: Plot, x: float, y: float) -> str:
        if not self._curve:
            return ""
        points = plot.value_at(x)
        near = min(self._curve, key=lambda point: abs(point.points - points))
        return tr("scores.roc_hint", points=round(near.points), goods=share(near.goods), bads=share(near.bads))


class CalibrationChart(ScoreChart):
    """Bands of cases: the share that went bad over the PD expected, with intervals; of one scorecard or of two."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._sets: list[tuple[str, Sequence[Band]]] = []

    def show_bands(self, sets: Sequence[tuple[str, Sequence[Band]]], words: str) -> None:
        self._sets = list(sets)
        self.say(tr("scores.calibration"), words)
        self.update()

    def plot(self) -> Plot:
        highs = [max(band.expected, band.observed.high) for _, rows in self._sets for band in rows]
        top = min(1.0, max([0.05, *highs]) * 1.06)
        return Plot.within(QRectF(self.rect()), (0, top), (0, top))

    def draw(self, painter: QPainter, plot: Plot) -> None:
        theme = self._context.theme
        plot.paint_axes(painter, theme, words=share, up_words=share, title=tr("scores.expected_pd"))
        painter.setPen(QPen(theme.colour("line_strong"), 1, Qt.PenStyle.DashLine))
        painter.drawLine(plot.at(0, 0), plot.at(plot.up[1], plot.up[1]))
        for place, (_, rows) in enumerate(self._sets):
            self._paint_bands(painter, plot, rows, ("accent", "person")[place])
        if len(self._sets) > 1:
            names = [(name, ("accent", "person")[at]) for at, (name, _) in enumerate(self._sets)]
            paint_legend(painter, self._context, plot, names)

    def _paint_bands(self, painter: QPainter, plot: Plot, rows: Sequence[Band], token: str) -> None:
        theme = self._context.theme
        for band in rows:
            painter.setPen(QPen(wash(theme, token, 0.5), 1.4))
            painter.drawLine(plot.at(band.expected, band.observed.low), plot.at(band.expected, band.observed.high))
            painter.setPen(QPen(theme.colour("card"), 1.2))
            painter.setBrush(theme.colour(token))
            painter.drawEllipse(plot.at(band.expected, band.observed.value), 4.2, 4.2)

    def hint(self, plot: Plot, x: float, y: float) -> str:
        every = [band for _, rows in self._sets for band in rows]
        if not every:
            return ""
        expected = plot.value_at(x)
        near = min(every, key=lambda band: abs(band.expected - expected))
        return band_words(near)


def band_words(band: Band) -> str:
    """One band of the calibration in words."""
    return tr(
        "scores.band",
        cases=f"{band.cases:,}",
        expected=share(band.expected),
        observed=share(band.observed.value),
        low=share(band.observed.low),
        high=share(band.observed.high),
    )


def paint_legend(painter: QPainter, context: Context, plot: Plot, names: Sequence[tuple[str, str]]) -> None:
    """Names with their colours at the plot's lower right, where curves of a working scorecard are not."""
    theme = context.theme
    painter.setFont(theme.font(11))
    y = plot.area.bottom() - 10 - 16 * (len(names) - 1)
    widths = [painter.fontMetrics().horizontalAdvance(name) for name, _ in names]
    left = plot.area.right() - max([0, *widths]) - 26
    for name, token in names:
        painter.setPen(QPen(theme.colour(token), 3, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawLine(QPointF(left, y - 4), QPointF(left + 14, y - 4))
        painter.setPen(theme.colour("ink"))
        painter.drawText(QPointF(left + 20, y), name)
        y += 16


def _fill_under(painter: QPainter, line: QPolygonF, plot: Plot, colour: QColor) -> None:
    under = QPolygonF(line)
    under.append(plot.at(1, 0))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawPolygon(under)
    painter.setBrush(Qt.BrushStyle.NoBrush)
