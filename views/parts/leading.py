"""Figures that lead to the fact behind them, by click or by Enter, wherever they stand."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QLabel, QWidget

from views.strings import tr

_PRESS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)


class Leading(QObject):
    """Lets a widget tell the fact behind what it shows; ``figure`` is underlined while it can be pressed.

    Owned by the widget. A widget whose figure has no fact is left as it is.
    """

    chosen = Signal(str)  # fact id

    def __init__(self, widget: QWidget, figure: QLabel | None = None) -> None:
        super().__init__(widget)
        self._widget, self._figure = widget, figure
        self._fact = ""
        widget.installEventFilter(self)

    @property
    def fact(self) -> str:
        """Id of the fact; blank: nothing stands behind the figure."""
        return self._fact

    def lead_to(self, fact_id: str) -> None:
        """Lead to that fact from now on; blank: to none."""
        self._fact = fact_id
        self._widget.setCursor(Qt.CursorShape.PointingHandCursor if fact_id else Qt.CursorShape.ArrowCursor)
        self._widget.setFocusPolicy(Qt.FocusPolicy.TabFocus if fact_id else Qt.FocusPolicy.NoFocus)
        self._widget.setToolTip(tr("reading.leads") if fact_id else "")
        self._underline(on=False)

    def eventFilter(self, _: QObject, event: QEvent) -> bool:
        if not getattr(self, "_fact", ""):  # events still come while the widget is taken apart
            return False
        match event.type():
            case QEvent.Type.MouseButtonRelease:
                assert isinstance(event, QMouseEvent)
                inside = self._widget.rect().contains(event.position().toPoint())
                return self._press() if inside and event.button() is Qt.MouseButton.LeftButton else False
            case QEvent.Type.KeyPress:
                assert isinstance(event, QKeyEvent)
                return self._press() if Qt.Key(event.key()) in _PRESS else False
            case QEvent.Type.Enter | QEvent.Type.FocusIn:
                self._underline(on=True)
            case QEvent.Type.Leave | QEvent.Type.FocusOut:
                self._underline(on=False)
        return False

    def _press(self) -> bool:
        self.chosen.emit(self._fact)
        return True

    def _underline(self, *, on: bool) -> None:
        if self._figure is not None and self._figure.font().underline() != on:
            font = self._figure.font()
            font.setUnderline(on)
            self._figure.setFont(font)
