"""The limit on its scale: the base of the grade, each document's step above it, what is still open, the wish."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPainterPath, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.domain.case_limit import CaseLimit
from views import format as fmt
from views.context import Context
from views.strings import tr

_TRACK_TOP, _TRACK_HIGH = 24.0, 16.0
_GAP = 1.5  # pixels between steps


class LimitPicture(QWidget):
    """A bar from zero to the most the policy could give; marks above it, a legend below."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self._limit: CaseLimit | None = None
        self._requested: Decimal | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_limit(self, limit: CaseLimit, requested: Decimal | None) -> None:
        """Draw a limit that is known."""
        self._limit, self._requested = limit, requested
        self.setAccessibleName(self.words())
        self.update()

    def words(self) -> str:
        """The picture for the screen reader."""
        if self._limit is None:
            return ""
        shown = {name: fmt.money(getattr(self._limit, name), self._limit.currency) for name in _NAMED}
        return tr("limit.picture", **shown)

    def sizeHint(self) -> QSize:
        return QSize(480, 72)

    def minimumSizeHint(self) -> QSize:
        return QSize(240, 72)

    def paintEvent(self, event: QPaintEvent) -> None:
        limit = self._limit
        if limit is None or limit.base is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        track = QRectF(0, _TRACK_TOP, self.width(), _TRACK_HIGH)
        self._paint_track(painter, track, limit)
        self._paint_marks(painter, track, limit)
        self._paint_legend(painter, limit)
        painter.end()

    def _scale(self, limit: CaseLimit) -> Decimal:
        base = limit.base or Decimal(0)
        ends = [base + (limit.cap or limit.uplift), limit.wish, self._requested, Decimal(1)]
        return max(end for end in ends if end is not None)

    def _x(self, amount: Decimal, track: QRectF, limit: CaseLimit) -> float:
        return track.left() + track.width() * float(amount / self._scale(limit))

    def _paint_track(self, painter: QPainter, track: QRectF, limit: CaseLimit) -> None:
        theme = self._context.theme
        rounded = QPainterPath()
        rounded.addRoundedRect(track, 4, 4)
        painter.save()
        painter.setClipPath(rounded)
        painter.fillRect(track, theme.colour("line"))
        for left, right, token in self._pieces(limit):
            x0, x1 = self._x(left, track, limit), self._x(right, track, limit)
            painter.fillRect(QRectF(x0, track.top(), max(1.0, x1 - x0 - _GAP), track.height()), theme.colour(token))
        if limit.wish is not None:
            x = self._x(limit.wish, track, limit)
            veil = theme.colour("card")
            veil.setAlphaF(0.62)
            painter.fillRect(QRectF(x, track.top(), track.right() - x, track.height()), veil)
        painter.restore()

    def _pieces(self, limit: CaseLimit) -> Iterator[tuple[Decimal, Decimal, str]]:
        """From, to and colour of each piece, from the left."""
        at = limit.base or Decimal(0)
        yield Decimal(0), at, "accent"
        for step in limit.steps:
            if step.amount > 0:
                yield at, at + step.amount, "favourable"
                at += step.amount
        end = (limit.base or Decimal(0)) + (limit.cap or Decimal(0))
        if end > at:
            yield at, end, "favourable_wash"

    def _paint_marks(self, painter: QPainter, track: QRectF, limit: CaseLimit) -> None:
        """A mark at the request and at the wish, their words above the track; the wish's stands first."""
        marks = [("mark_wish", limit.wish, "amber"), ("mark_requested", self._requested, "ink")]
        font = self._context.theme.font(11, 500)
        metrics = QFontMetricsF(font)
        painter.setFont(font)
        taken: list[QRectF] = []
        for name, amount, token in marks:
            if amount is None:
                continue
            colour, x = self._context.theme.colour(token), self._x(amount, track, limit)
            x = min(max(x, track.left() + 5), track.right() - 5)
            painter.setPen(QPen(colour, 1.6))
            painter.drawLine(QPointF(x, track.top() - 1), QPointF(x, track.bottom() + 2))
            painter.setBrush(colour)
            painter.setPen(Qt.PenStyle.NoPen)
            tip = [QPointF(x - 4, track.top() - 6), QPointF(x + 4, track.top() - 6), QPointF(x, track.top() - 1)]
            painter.drawPolygon(QPolygonF(tip))
            text = f"{tr(f'limit.{name}')} {fmt.amount_only(amount)}"
            wide = metrics.horizontalAdvance(text) + 2
            box = QRectF(min(max(x - wide / 2, 0.0), self.width() - wide), 0, wide, 16)
            for other in taken:
                if box.intersects(other.adjusted(-8, 0, 8, 0)):
                    box.moveLeft(
                        other.right() + 12 if other.right() + 12 + wide <= self.width() else other.left() - 12 - wide
                    )
            taken.append(box)
            painter.setPen(colour)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

    def _paint_legend(self, painter: QPainter, limit: CaseLimit) -> None:
        theme, x = self._context.theme, 0.0
        top = _TRACK_TOP + _TRACK_HIGH + 8
        names = [("mark_base", "accent")]
        names += [("mark_steps", "favourable")] if limit.uplift > 0 else []
        names += [("mark_room", "favourable_wash")] if limit.cap is not None and limit.cap > limit.uplift else []
        font = theme.font(11)
        metrics = QFontMetricsF(font)
        for name, token in names:
            painter.setPen(QPen(theme.colour("line_strong"), 1))
            painter.setBrush(theme.colour(token))
            painter.drawRoundedRect(QRectF(x + 0.5, top + 4.5, 9, 9), 2, 2)
            painter.setFont(font)
            painter.setPen(theme.colour("soft"))
            text = tr(f"limit.{name}")
            wide = metrics.horizontalAdvance(text) + 2
            painter.drawText(QRectF(x + 15, top, wide, 18), Qt.AlignmentFlag.AlignVCenter, text)
            x += wide + 33


_NAMED = ("amount", "base", "uplift")
