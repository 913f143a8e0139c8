"""A page on a ground, fitted to the width: what was read from it as boxes, what is looked for, what counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QTransform,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QScrollArea, QToolTip, QWidget

from views.context import Context
from views.parts.page_image import Box, PageImage
from views.strings import tr
from views.theme import LIGHT

ZOOM_STEP = 1.25
MOST_ZOOM = 6.0
_MARGIN = 14
_LEAST_DRAG = 4  # pixels on a side of a rectangle that is meant


@dataclass(frozen=True, slots=True)
class PageMark:
    """A box on a page that can be chosen; pages are white in both themes, so colours are those of the light one."""

    key: str
    box: Box
    colour: str  # token of the theme
    tip: str


class _Sheet(QWidget):
    """Paints the page, turned as the person wants it, and everything on it."""

    mark_chosen = Signal(str)
    drawn = Signal(object)  # Box of a rectangle that a person drew

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self.page: PageImage | None = None
        self.box: Box | None = None
        self.marks: tuple[PageMark, ...] = ()
        self.chosen = ""
        self.hits: tuple[Box, ...] = ()
        self.hit = -1  # index of the one looked at
        self.turn = 0  # degrees clockwise that a person turned the page
        self.wide = 300
        self._pressed: QPointF | None = None
        self._dragged: QRectF | None = None
        self.setMouseTracking(True)

    # -- geometry

    def fit(self, wide: int) -> None:
        """Make the page that many pixels wide."""
        self.wide = max(120, wide)
        self.setMinimumSize(self.wide + 2 * _MARGIN, self.high() + 2 * _MARGIN)
        self.update()

    def high(self) -> int:
        return 200 if self.page is None else round(self.sheet().height())

    def left(self) -> float:
        """Where the page begins, centred on the ground, on a whole pixel of the screen so that it stays sharp."""
        ratio = self.devicePixelRatioF()
        return max(_MARGIN, round((self.width() - self.wide) / 2 * ratio) / ratio)

    def image_wide(self) -> float:
        """Pixels of the screen that the page's own width takes, whichever way it is turned."""
        if self.page is None or self.turn in (0, 180):
            return self.wide
        return self.wide * self.page.image.width() / self.page.image.height()

    def sheet(self) -> QRectF:
        """Where the page is; as high as its image is, pixel for pixel."""
        assert self.page is not None
        image = self.page.image
        across, down = image.width(), image.height()
        if self.turn in (90, 270):
            across, down = down, across
        return QRectF(self.left(), _MARGIN, self.wide, self.wide * down / across)

    def _onto(self, size: QSizeF) -> QTransform:
        """From a page of that size, unturned, to this widget's pixels."""
        sheet = self.sheet()
        moved = QTransform.fromTranslate(sheet.center().x(), sheet.center().y())
        moved.rotate(self.turn)
        scale = self.image_wide() / size.width()
        moved.scale(scale, scale)
        moved.translate(-size.width() / 2, -size.height() / 2)
        return moved

    def placed(self, box: Box) -> QRectF:
        """A box of the page in this widget's pixels."""
        assert self.page is not None
        return self._onto(self.page.size).mapRect(self.page.placed(box))

    def box_of(self, at: QRectF) -> Box:
        """A rectangle in this widget's pixels as a box of the page, kept within it."""
        assert self.page is not None
        back, _ = self._onto(self.page.size).inverted()
        found = back.mapRect(at).intersected(QRectF(QPointF(0, 0), self.page.size))
        return (found.left(), found.top(), found.right(), found.bottom())

    def marked(self) -> QRectF | None:
        """The place that counts in this widget's pixels."""
        if self.page is None or self.box is None:
            return None
        return self.placed(self.box).adjusted(-3, -2, 3, 2)

    def mark_at(self, at: QPointF) -> PageMark | None:
        """The smallest box under a point."""
        if self.page is None:
            return None
        found = [mark for mark in self.marks if self.placed(mark.box).adjusted(-3, -2, 3, 2).contains(at)]
        return min(found, key=lambda mark: _area(mark.box), default=None)

    # -- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._context.theme.colour("backdrop"))
        if self.page is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        sheet = self.sheet()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(0, 0, 0, 10))
        for step in range(4):
            painter.drawRoundedRect(sheet.adjusted(-step, 1 - step, step, 2 + step), 2, 2)
        self._paint_page(painter, sheet)
        self._paint_hits(painter)
        for mark in self.marks:
            if mark.key != self.chosen:
                _frame(painter, self.placed(mark.box).adjusted(-2, -1, 2, 1), mark.colour, 1.2, 20)
        marked = self.marked()
        if marked is not None:
            chosen = next((mark for mark in self.marks if mark.key == self.chosen), None)
            _frame(painter, marked, chosen.colour if chosen else "accent", 2, 36)
        if self._dragged is not None:
            painter.setPen(QPen(QColor(LIGHT.ink), 1, Qt.PenStyle.DashLine))
            painter.setBrush(QColor(20, 83, 91, 24))
            painter.drawRect(self._dragged)
        painter.end()

    def _paint_page(self, painter: QPainter, sheet: QRectF) -> None:
        assert self.page is not None
        image = self.page.image
        if self.turn == 0:
            painter.drawImage(sheet, image)
            return
        painter.save()
        painter.setTransform(self._onto(QSizeF(image.size())), combine=True)
        painter.drawImage(QPointF(0, 0), image)
        painter.restore()

    def _paint_hits(self, painter: QPainter) -> None:
        for at, box in enumerate(self.hits):
            painter.setPen(QPen(QColor(LIGHT.amber), 1.5) if at == self.hit else Qt.PenStyle.NoPen)
            painter.setBrush(QColor(255, 196, 0, 110 if at == self.hit else 60))
            painter.drawRect(self.placed(box).adjusted(-1, -1, 1, 1))

    # -- the mouse

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            mark = self.mark_at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), mark.tip if mark else "", self)
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.page is not None:
            self._pressed = event.position()
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed is None:
            over = self.mark_at(event.position())
            on_page = self.page is not None and self.sheet().contains(event.position())
            shape = Qt.CursorShape
            self.setCursor(shape.PointingHandCursor if over else shape.CrossCursor if on_page else shape.ArrowCursor)
            return
        if (event.position() - self._pressed).manhattanLength() >= QApplication.startDragDistance():
            self._dragged = QRectF(self._pressed, event.position()).normalized().intersected(self.sheet())
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        dragged, pressed = self._dragged, self._pressed
        self._dragged = self._pressed = None
        self.update()
        if pressed is None or self.page is None:
            return
        if dragged is None:
            mark = self.mark_at(event.position())
            if mark is not None:
                self.mark_chosen.emit(mark.key)
        elif min(dragged.width(), dragged.height()) >= _LEAST_DRAG:
            self.drawn.emit(self.box_of(dragged))

    def drop_drag(self) -> bool:
        """Give up the rectangle that is being drawn; False when none is."""
        dragging = self._dragged is not None
        self._dragged = self._pressed = None
        self.update()
        return dragging


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def _frame(painter: QPainter, at: QRectF, token: str, width: float, wash: int) -> None:
    colour = QColor(getattr(LIGHT, token))
    painter.setPen(QPen(colour, width))
    colour.setAlpha(wash)
    painter.setBrush(colour)
    painter.drawRoundedRect(at, 3, 3)


class PageView(QScrollArea):
    """Shows one page; Page Up and Page Down turn pages; plus, minus, 0 and the wheel with Ctrl zoom; R rotates.

    A rectangle drawn with the mouse is told as a box of the page.
    """

    turned = Signal(int)  # by how many pages
    resized = Signal(int)  # the page's width in pixels of the screen changed
    mark_chosen = Signal(str)
    drawn = Signal(object)  # Box

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._sheet = _Sheet(context)
        self._zoom = 1.0
        self.setWidget(self._sheet)
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(tr("case.viewer.page_name"))
        self._sheet.mark_chosen.connect(self.mark_chosen)
        self._sheet.drawn.connect(self.drawn)

    def show_page(self, page: PageImage, box: Box | None) -> None:
        """Show a page with a box in its points, scrolled so that the box is in sight."""
        self._sheet.page, self._sheet.box = page, box
        self._fit()
        self.reveal()

    def show_marks(self, marks: Sequence[PageMark], chosen: str) -> None:
        """Boxes of the page that is shown; the chosen one is drawn where ``show_page`` was told that it counts."""
        self._sheet.marks, self._sheet.chosen = tuple(marks), chosen
        self._sheet.update()

    def show_hits(self, hits: Sequence[Box], hit: int) -> None:
        """Places that were looked for on the page that is shown; ``hit`` is the index of the one to bring in sight."""
        self._sheet.hits, self._sheet.hit = tuple(hits), hit
        if 0 <= hit < len(hits) and self._sheet.page is not None:
            self._bring(self._sheet.placed(hits[hit]))
        self._sheet.update()

    def marks(self) -> tuple[PageMark, ...]:
        """The boxes on the page."""
        return self._sheet.marks

    def hits(self) -> tuple[Box, ...]:
        """The places that were found on the page."""
        return self._sheet.hits

    def marked(self) -> QRectF | None:
        """Where the mark is drawn, in pixels of the sheet; None when the place has no box."""
        return self._sheet.marked()

    def page_width(self) -> int:
        """Pixels of the screen the page is wide before it is turned."""
        return round(self._sheet.image_wide() * self.devicePixelRatioF())

    def make_room(self, wide: int) -> None:
        """Fit to a width before the first page is shown, so that the page is asked for as wide as it will be."""
        if not self.isVisible():
            self._fit(wide)

    def reveal(self) -> None:
        """Scroll the mark into sight."""
        marked = self._sheet.marked()
        if marked is None:
            self.verticalScrollBar().setValue(0)
        else:
            self._bring(marked)

    def _bring(self, at: QRectF) -> None:
        centre: QPoint = at.center().toPoint()
        self.ensureVisible(centre.x(), centre.y(), round(at.width() / 2) + 20, self.viewport().height() // 3)

    def zoom(self, factor: float | None) -> None:
        """Zoom by a factor; None fits the width again."""
        self._zoom = 1.0 if factor is None else min(MOST_ZOOM, max(1.0, self._zoom * factor))
        self._fit()
        self.reveal()
        self.resized.emit(self.page_width())

    def rotate(self) -> None:
        """Turn the page by 90 degrees clockwise, for looking at it; boxes turn with it."""
        self.set_turn((self._sheet.turn + 90) % 360)

    def set_turn(self, degrees: int) -> None:
        """Show pages turned by 0, 90, 180 or 270 degrees."""
        if degrees != self._sheet.turn:
            self._sheet.turn = degrees
            self._fit()
            self.reveal()
            self.resized.emit(self.page_width())

    @property
    def turn(self) -> int:
        """Degrees clockwise that a person turned the pages."""
        return self._sheet.turn

    def drop_drag(self) -> bool:
        """Give up the rectangle that is being drawn; False when none is."""
        return self._sheet.drop_drag()

    def _fit(self, wide: int | None = None) -> None:
        """Leave the scroll bar its room whether it shows or not, else the page would change its width with it."""
        whole = self.width() if wide is None else wide
        room = whole - 2 * _MARGIN - self.verticalScrollBar().sizeHint().width()
        self._sheet.fit(round(room * self._zoom))

    def sizeHint(self) -> QSize:
        return QSize(400, 372)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        before = self._sheet.wide
        self._fit()
        if self._sheet.wide != before:
            self.resized.emit(self.page_width())

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self.resized.emit(self.page_width())
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._rotates(event):
            event.accept()  # R is a key of the decision bar outside the page
            return True
        return super().event(event)

    def _rotates(self, event: QKeyEvent) -> bool:
        return event.key() == Qt.Key.Key_R and event.modifiers() == Qt.KeyboardModifier.NoModifier

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier and event.angleDelta().y():
            self.zoom(ZOOM_STEP if event.angleDelta().y() > 0 else 1 / ZOOM_STEP)
            event.accept()
        else:
            super().wheelEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        turns = {Qt.Key.Key_PageDown: 1, Qt.Key.Key_PageUp: -1}
        zooms = {
            Qt.Key.Key_Plus: ZOOM_STEP,
            Qt.Key.Key_Equal: ZOOM_STEP,
            Qt.Key.Key_Minus: 1 / ZOOM_STEP,
            Qt.Key.Key_0: None,
        }
        key = Qt.Key(event.key())
        if key in turns:
            self.turned.emit(turns[key])
        elif key in zooms:
            self.zoom(zooms[key])
        elif self._rotates(event):
            self.rotate()
        else:
            super().keyPressEvent(event)
