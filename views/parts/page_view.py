"""A page on a ground, fitted to the width, with the place that counts marked by a box."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPen, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QScrollArea, QWidget

from views.context import Context
from views.parts.page_image import Box, PageImage
from views.strings import tr

ZOOM_STEP = 1.25
_MARGIN = 14


class _Sheet(QWidget):
    """Paints the page and its mark."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self.page: PageImage | None = None
        self.box: Box | None = None
        self.wide = 300

    def fit(self, wide: int) -> None:
        """Make the page that many pixels wide."""
        self.wide = max(120, wide)
        self.setMinimumSize(self.wide + 2 * _MARGIN, self.high() + 2 * _MARGIN)
        self.update()

    def high(self) -> int:
        if self.page is None:
            return 200
        return round(self.sheet().height())

    def left(self) -> float:
        """Where the page begins, centred on the ground, on a whole pixel of the screen so that it stays sharp."""
        ratio = self.devicePixelRatioF()
        return max(_MARGIN, round((self.width() - self.wide) / 2 * ratio) / ratio)

    def sheet(self) -> QRectF:
        """Where the page is; as high as its image is, pixel for pixel."""
        assert self.page is not None
        image = self.page.image
        return QRectF(self.left(), _MARGIN, self.wide, self.wide * image.height() / image.width())

    def marked(self) -> QRectF | None:
        """The box in this widget's pixels."""
        if self.page is None or self.box is None:
            return None
        scale = self.wide / self.page.size.width()
        at = self.page.placed(self.box)
        left, top = self.left() + at.left() * scale, _MARGIN + at.top() * scale
        return QRectF(left, top, at.width() * scale, at.height() * scale).adjusted(-3, -2, 3, 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._context.theme
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.colour("backdrop"))
        if self.page is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        sheet = self.sheet()
        for step in range(4):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(0, 0, 0, 10))
            painter.drawRoundedRect(sheet.adjusted(-step, 1 - step, step, 2 + step), 2, 2)
        painter.drawImage(sheet, self.page.image)
        marked = self.marked()
        if marked is not None:
            # The page is white in both themes, so the mark keeps the light theme's accent.
            painter.setBrush(QColor(20, 83, 91, 31))
            painter.setPen(QPen(QColor(theme.colours.accent) if not theme.dark else QColor("#14535B"), 2))
            painter.drawRoundedRect(marked, 3, 3)
        painter.end()


class PageView(QScrollArea):
    """Shows one page; Page Up and Page Down turn pages; plus, minus, 0 and the wheel with Ctrl zoom."""

    turned = Signal(int)  # by how many pages
    resized = Signal(int)  # the page's width in pixels of the screen changed

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._sheet = _Sheet(context)
        self._zoom = 1.0
        self.setWidget(self._sheet)
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(tr("case.viewer.page_name"))

    def show_page(self, page: PageImage, box: Box | None) -> None:
        """Show a page with a box in its points, scrolled so that the box is in sight."""
        self._sheet.page, self._sheet.box = page, box
        self._fit()
        self.reveal()

    def marked(self) -> QRectF | None:
        """Where the mark is drawn, in pixels of the sheet; None when the place has no box."""
        return self._sheet.marked()

    def page_width(self) -> int:
        """Pixels of the screen the page is wide."""
        return round(self._sheet.wide * self.devicePixelRatioF())

    def make_room(self, wide: int) -> None:
        """Fit to a width before the first page is shown, so that the page is asked for as wide as it will be."""
        if not self.isVisible():
            self._fit(wide)

    def reveal(self) -> None:
        """Scroll the mark into sight."""
        marked = self._sheet.marked()
        if marked is None:
            self.verticalScrollBar().setValue(0)
            return
        centre: QPoint = marked.center().toPoint()
        self.ensureVisible(centre.x(), centre.y(), round(marked.width() / 2) + 20, self.viewport().height() // 3)

    def zoom(self, factor: float | None) -> None:
        """Zoom by a factor; None fits the width again."""
        self._zoom = 1.0 if factor is None else min(4.0, max(1.0, self._zoom * factor))
        self._fit()
        self.reveal()
        self.resized.emit(self.page_width())

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
        return super().event(event)

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
        else:
            super().keyPressEvent(event)
