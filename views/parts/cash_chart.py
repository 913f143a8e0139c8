"""Bank entries drawn over time: the balance as a line, money in and out a month as bars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.domain.case import Transaction
from views import format as fmt
from views.context import Context
from views.strings import tr

_LEFT, _RIGHT, _GAP = 74.0, 12.0, 22.0


@dataclass(frozen=True, slots=True)
class Month:
    """Money in and out in one month; both positive."""

    first: date
    came_in: Decimal
    went_out: Decimal


def months_of(entries: Sequence[Transaction]) -> tuple[Month, ...]:
    """Totals a calendar month, in order."""
    totals: dict[date, list[Decimal]] = {}
    for entry in entries:
        sums = totals.setdefault(entry.booked_on.replace(day=1), [Decimal(0), Decimal(0)])
        sums[0 if entry.amount >= 0 else 1] += abs(entry.amount)
    return tuple(Month(first, *totals[first]) for first in sorted(totals))


def balances_of(entries: Sequence[Transaction]) -> tuple[tuple[date, Decimal], ...]:
    """Last balance of each day; between the balances a statement gives they follow from its amounts.

    Empty where a statement gives none, for then its level is not known.
    """
    last: dict[date, Decimal] = {}
    for document in dict.fromkeys(entry.document for entry in entries):
        of_one = [entry for entry in entries if entry.document == document]
        for entry, balance in zip(of_one, _running(of_one), strict=True):
            if balance is not None:
                last[entry.booked_on] = balance
    return tuple(sorted(last.items()))


def _running(entries: Sequence[Transaction]) -> list[Decimal | None]:
    """The balance after each entry of one statement: as given, else from the one before it, else from the one after."""
    balances = [entry.balance for entry in entries]
    for at in range(1, len(entries)):
        before = balances[at - 1]
        if balances[at] is None and before is not None:
            balances[at] = before + entries[at].amount
    for at in range(len(entries) - 2, -1, -1):
        after = balances[at + 1]
        if balances[at] is None and after is not None:
            balances[at] = after - entries[at + 1].amount
    return balances


class CashChart(QWidget):
    """The balance over the bars; says in words what it draws."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self._months: tuple[Month, ...] = ()
        self._balances: tuple[tuple[date, Decimal], ...] = ()
        self._currency = ""
        self._mark: date | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setMaximumHeight(260)

    def show_entries(
        self, months: tuple[Month, ...], balances: tuple[tuple[date, Decimal], ...], currency: str
    ) -> None:
        """Show totals and balances; the statement's currency stands at the axis."""
        self._months, self._balances, self._currency = months, balances, currency
        self._mark = None
        self.setAccessibleName(tr("case.cash.chart"))
        self.setAccessibleDescription("; ".join(self._words(month) for month in months))
        self.update()

    def mark(self, day: date | None) -> None:
        """Draw a line at a day: that of the chosen entry."""
        self._mark = day
        self.update()

    def _words(self, month: Month) -> str:
        came, went = (fmt.money(sum_, self._currency) for sum_ in (month.came_in, month.went_out))
        return tr("case.cash.month", month=f"{month.first:%Y-%m}", came=came, went=went)

    def sizeHint(self) -> QSize:
        return QSize(560, 250)

    def minimumSizeHint(self) -> QSize:
        return QSize(320, 138)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        inner = self.height() - _GAP - 34
        if self._balances:
            self._paint_balance(painter, QRectF(_LEFT, 16, self.width() - _LEFT - _RIGHT, inner * 0.52))
            top = 16 + inner * 0.52 + _GAP
        else:
            top = 16.0
        self._paint_bars(painter, QRectF(_LEFT, top, self.width() - _LEFT - _RIGHT, self.height() - top - 20))
        painter.end()

    def _paint_balance(self, painter: QPainter, area: QRectF) -> None:
        theme = self._context.theme
        values = [float(value) for _, value in self._balances]
        low, high = min(0.0, *values), max(0.0, *values) or 1.0
        line = QPolygonF([QPointF(self._x(day, area), _y(float(v), low, high, area)) for day, v in self._balances])
        zero = _y(0.0, low, high, area)
        self._paint_axis(painter, area, ((high, area.top()), (0.0, zero)), tr("case.cash.balance"))
        wash = theme.colour("accent")
        wash.setAlphaF(0.10)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(wash)
        under = QPolygonF(line)
        under.append(QPointF(line.last().x(), zero))
        under.append(QPointF(line.first().x(), zero))
        painter.drawPolygon(under)
        painter.setPen(QPen(theme.colour("accent"), 1.6))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(line)
        if low < 0:
            painter.save()
            painter.setClipRect(QRectF(area.left(), zero, area.width(), area.bottom() - zero + 2))
            painter.setPen(QPen(theme.colour("adverse"), 1.8))
            painter.drawPolyline(line)
            painter.restore()
        if self._mark is not None:
            x = self._x(self._mark, area)
            painter.setPen(QPen(theme.colour("amber"), 1.4))
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))

    def _x(self, day: date, area: QRectF) -> float:
        first, last = self._span()
        share = (day - first).days / max(1, (last - first).days)
        return area.left() + area.width() * min(1.0, max(0.0, share))

    def _span(self) -> tuple[date, date]:
        """Whole months, so that the line stands over its bars."""
        first = self._months[0].first
        last = self._months[-1].first
        return first, date(last.year + last.month // 12, last.month % 12 + 1, 1)

    def _paint_bars(self, painter: QPainter, area: QRectF) -> None:
        theme = self._context.theme
        if not self._months:
            return
        high = float(max(max(month.came_in, month.went_out) for month in self._months)) or 1.0
        self._paint_axis(painter, area, ((high, area.top()), (0.0, area.bottom())), tr("case.cash.bars"))
        slot = area.width() / len(self._months)
        wide = min(26.0, slot / 3.2)
        painter.setPen(Qt.PenStyle.NoPen)
        for index, month in enumerate(self._months):
            centre = area.left() + slot * (index + 0.5)
            for left, value, token in (
                (centre - wide - 1.5, month.came_in, "favourable"),
                (centre + 1.5, month.went_out, "adverse"),
            ):
                tall = float(value) / high * area.height()
                colour = theme.colour(token)
                colour.setAlphaF(0.75)
                painter.setBrush(colour)
                painter.drawRoundedRect(QRectF(left, area.bottom() - tall, wide, tall), 2, 2)
        self._paint_months(painter, area, slot)

    def _paint_months(self, painter: QPainter, area: QRectF, slot: float) -> None:
        theme = self._context.theme
        painter.setPen(theme.colour("soft"))
        painter.setFont(theme.font(11))
        every = max(1, round(54 / slot + 0.5))
        for index, month in enumerate(self._months):
            if index % every == 0:
                box = QRectF(area.left() + slot * index, area.bottom() + 3, max(slot, 54), 16)
                painter.drawText(box, Qt.AlignmentFlag.AlignHCenter, f"{month.first:%Y-%m}")

    def _paint_axis(self, painter: QPainter, area: QRectF, ticks: Sequence[tuple[float, float]], title: str) -> None:
        theme = self._context.theme
        painter.setFont(theme.font(11))
        for value, y in ticks:
            painter.setPen(QPen(theme.colour("line"), 1))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(theme.colour("soft"))
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(QRectF(0, y - 9, _LEFT - 8, 18), right, f"{value:,.0f}")
        painter.setPen(theme.colour("soft"))
        painter.drawText(QRectF(area.left(), area.top() - 16, area.width(), 14), Qt.AlignmentFlag.AlignLeft, title)


def _y(value: float, low: float, high: float, area: QRectF) -> float:
    return area.bottom() - (value - low) / (high - low) * area.height()
