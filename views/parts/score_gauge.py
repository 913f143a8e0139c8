"""The score on its scale, with the zones in which policy declines, refers and approves."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.domain.score import Score
from views import format as fmt
from views.context import Context
from views.strings import tr


@dataclass(frozen=True, slots=True)
class Zones:
    """Points from which policy refers, and from which it approves."""

    refer: int
    approve: int


class ScoreGauge(QWidget):
    """Points, grade and PD over a track; ``large`` is the one of the scorecard tab."""

    def __init__(self, context: Context, *, large: bool = False) -> None:
        super().__init__()
        self._context = context
        self._large = large
        self._score: Score | None = None
        self._zones: Zones | None = None
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def show_score(self, score: Score | None, zones: Zones | None = None) -> None:
        """Show a score; without zones the track is plain."""
        self._score, self._zones = score, zones
        self.setAccessibleName(self.words())
        self.update()

    def words(self) -> str:
        """The line above the track."""
        score = self._score
        if score is None:
            return tr("case.gauge.none")
        return tr("case.gauge.words", points=score.points, grade=score.grade, pd=fmt.probability(score.pd))

    def sizeHint(self) -> QSize:
        return QSize(520, 84) if self._large else QSize(230, 52)

    def minimumSizeHint(self) -> QSize:
        return QSize(170, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        top = self._paint_words(painter)
        track = QRectF(0, top, self.width(), 12 if self._large else 8)
        self._paint_track(painter, track)
        self._paint_ends(painter, track)
        painter.end()

    def _paint_words(self, painter: QPainter) -> float:
        theme = self._context.theme
        big = theme.font(26 if self._large else 14, 600)
        small = theme.font(14 if self._large else 13)
        high = 40.0 if self._large else 20.0
        painter.setPen(theme.colour("ink"))
        if self._score is None:
            painter.setFont(small)
            painter.drawText(QRectF(0, 0, self.width(), high), Qt.AlignmentFlag.AlignVCenter, self.words())
            return high + 4
        points = str(self._score.points)
        baseline = high - (11 if self._large else 5)
        _draw(painter, big, 0, baseline, points)
        rest = tr("case.gauge.rest", grade=self._score.grade, pd=fmt.probability(self._score.pd))
        _draw(painter, small, QFontMetricsF(big).horizontalAdvance(points) + 10, baseline, rest)
        return high + 4

    def _paint_track(self, painter: QPainter, track: QRectF) -> None:
        theme = self._context.theme
        rounded = QPainterPath()
        rounded.addRoundedRect(track, track.height() / 2, track.height() / 2)
        painter.save()
        painter.setClipPath(rounded)
        painter.fillRect(track, theme.colour("line"))
        if self._score is not None and self._zones is not None:
            refer, approve = (self._at(points, track) for points in (self._zones.refer, self._zones.approve))
            for left, right, token in (
                (track.left(), refer, "band_decline"),
                (refer, approve, "band_refer"),
                (approve, track.right(), "band_approve"),
            ):
                painter.fillRect(QRectF(left, track.top(), right - left, track.height()), theme.colour(token))
        painter.restore()
        if self._score is not None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("ink"))
            x = self._at(self._score.points, track)
            painter.drawRoundedRect(QRectF(x - 1.5, track.top() - 4, 3, track.height() + 8), 1.5, 1.5)

    def _at(self, points: int, track: QRectF) -> float:
        assert self._score is not None
        low, high = self._score.minimum_points, self._score.maximum_points
        share = (points - low) / (high - low) if high > low else 0.5
        return track.left() + track.width() * min(1.0, max(0.0, share))

    def _paint_ends(self, painter: QPainter, track: QRectF) -> None:
        if self._score is None:
            return
        theme = self._context.theme
        painter.setPen(theme.colour("soft"))
        painter.setFont(theme.font(11))
        below = QRectF(0, track.bottom() + 3, self.width(), 16)
        left, middle, right = self._end_words()
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft, left)
        painter.drawText(below, Qt.AlignmentFlag.AlignRight, right)
        if middle and self._zones:
            centre = (self._at(self._zones.refer, track) + self._at(self._zones.approve, track)) / 2
            painter.drawText(below.translated(centre - below.center().x(), 0), Qt.AlignmentFlag.AlignHCenter, middle)

    def _end_words(self) -> tuple[str, str, str]:
        assert self._score is not None
        if self._zones is None:
            return str(self._score.minimum_points), "", str(self._score.maximum_points)
        return tr("case.gauge.decline"), tr("case.gauge.refer"), tr("case.gauge.approve")


def _draw(painter: QPainter, font: QFont, x: float, baseline: float, text: str) -> None:
    painter.setFont(font)
    painter.drawText(round(x), round(baseline), text)
