"""The pages of a document as a strip of small pictures; only those in sight are asked for, one after the other."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame

from views.context import Context
from views.parts.page_image import PageImage
from views.strings import tr

WIDE = 64  # pixels of a picture
_GAP = 10
_NUMBER = 16  # pixels below a picture
_MOST_KEPT = 200


class Thumbnails(QAbstractScrollArea):
    """``asked(page)`` is answered by ``show_picture``; up and down turn pages."""

    asked = Signal(int)
    chosen = Signal(int)

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self._pages = 0
        self._page = 1
        self._ratio = 1.414  # height to width of the pages, as the last picture told
        self._pictures: dict[int, QPixmap] = {}
        self._waiting = 0  # page that was asked for and has not come
        self._missing: set[int] = set()
        self._look = QTimer(self, singleShot=True, interval=40)
        self._look.timeout.connect(self._ask_next)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFixedWidth(WIDE + 34)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(tr("reading.thumbs.name"))
        self.verticalScrollBar().valueChanged.connect(lambda _: self._look.start())

    def show_document(self, pages: int) -> None:
        """Begin a document; nothing of the one before is kept."""
        self._pages, self._page, self._waiting = pages, 1, 0
        self._pictures.clear()
        self._missing.clear()
        self._set_range()
        self.viewport().update()
        self._look.start()

    def show_page(self, page: int) -> None:
        """Mark the page that is shown and bring it in sight."""
        self._page = page
        at, bar = self._rect(page), self.verticalScrollBar()
        top, bottom = at.top() - _GAP, at.bottom() + _NUMBER
        if top < 0:
            bar.setValue(bar.value() + top)
        elif bottom > self.viewport().height():
            bar.setValue(bar.value() + bottom - self.viewport().height())
        self.viewport().update()
        self._look.start()

    def show_picture(self, page: int, shown: PageImage | None) -> None:
        """The picture that was asked for; None where the page cannot be drawn."""
        if page != self._waiting:
            return
        self._waiting = 0
        if shown is None:
            self._missing.add(page)
        else:
            if not self._pictures:
                self._ratio = shown.image.height() / shown.image.width()
                self._set_range()
            ratio = self.devicePixelRatioF()
            picture = QPixmap.fromImage(shown.image.copy())
            picture.setDevicePixelRatio(ratio)
            self._pictures[page] = picture
            while len(self._pictures) > _MOST_KEPT:
                self._pictures.pop(max(self._pictures, key=lambda each: abs(each - page)))
        self.viewport().update()
        self._look.start()

    def pictures(self) -> set[int]:
        """Pages whose pictures are there."""
        return set(self._pictures)

    def _step(self) -> int:
        return round(WIDE * self._ratio) + _GAP + _NUMBER

    def _rect(self, page: int) -> QRect:
        """Where a page's picture is in the viewport."""
        top = _GAP + (page - 1) * self._step() - self.verticalScrollBar().value()
        return QRect((self.viewport().width() - WIDE) // 2, top, WIDE, round(WIDE * self._ratio))

    def _in_sight(self) -> range:
        top = self.verticalScrollBar().value()
        first = max(1, top // self._step() + 1)
        return range(first, min(self._pages, (top + self.viewport().height()) // self._step() + 1) + 1)

    def _ask_next(self) -> None:
        if self._waiting or not self.isVisible():
            return
        for page in self._in_sight():
            if page not in self._pictures and page not in self._missing:
                self._waiting = page
                self.asked.emit(page)
                return

    def _set_range(self) -> None:
        bar = self.verticalScrollBar()
        bar.setRange(0, max(0, _GAP + self._pages * self._step() - self.viewport().height()))
        bar.setPageStep(self.viewport().height())
        bar.setSingleStep(self._step() // 3)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._context.theme
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.fillRect(self.viewport().rect(), theme.colour("backdrop"))
        painter.setFont(theme.font(11))
        for page in self._in_sight():
            at = self._rect(page)
            picture = self._pictures.get(page)
            if picture is None:
                painter.fillRect(at, theme.colour("card"))
            else:
                fitted = picture.size().scaled(at.size(), Qt.AspectRatioMode.KeepAspectRatio)
                inside = QRect(at.topLeft(), fitted)
                inside.moveCenter(at.center())
                painter.drawPixmap(inside, picture)
            here = page == self._page
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.colour("accent" if here else "line_strong"), 2 if here else 1))
            painter.drawRoundedRect(QRectF(at).adjusted(-1, -1, 1, 1), 2, 2)
            painter.setPen(theme.colour("ink" if here else "soft"))
            painter.drawText(at.left(), at.bottom() + 3, WIDE, _NUMBER, Qt.AlignmentFlag.AlignCenter, str(page))
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        for page in self._in_sight():
            if self._rect(page).adjusted(-6, -4, 6, _NUMBER).contains(event.position().toPoint()):
                self.chosen.emit(page)
                return

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        by = steps.get(Qt.Key(event.key()))
        if by is not None:
            self.chosen.emit(min(max(1, self._page + by), self._pages))
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._set_range()
        self._look.start()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._set_range()
        self._look.start()

    def sizeHint(self) -> QSize:
        return QSize(WIDE + 34, 300)
