"""What the bars beside the sentences mean."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.domain.sentences import Author
from views.context import Context
from views.strings import tr

_TOKENS = ((Author.RULE, "rule"), (Author.MODEL, "accent"), (Author.PERSON, "person"))
_GAP = 16.0


class Legend(QWidget):
    """Rule, model and person with the colours of their bars."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.set_texts()

    def set_texts(self) -> None:
        """Set the words in the language in force."""
        self.setAccessibleName(", ".join(text for _, text in self._entries()))
        self.updateGeometry()
        self.update()

    def _entries(self) -> list[tuple[str, str]]:
        return [(token, tr(f"case.author.{author}")) for author, token in _TOKENS]

    def sizeHint(self) -> QSize:
        metrics = QFontMetricsF(self._context.theme.font(12))
        return QSize(round(sum(metrics.horizontalAdvance(text) + 9 + _GAP for _, text in self._entries())), 20)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._context.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.font(12))
        metrics, x = QFontMetricsF(painter.font()), 0.0
        for token, text in self._entries():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour(token))
            painter.drawRoundedRect(QRectF(x, 4, 3, 12), 1.5, 1.5)
            painter.setPen(theme.colour("soft"))
            painter.drawText(
                QRectF(x + 9, 0, metrics.horizontalAdvance(text) + 2, 20), Qt.AlignmentFlag.AlignVCenter, text
            )
            x += metrics.horizontalAdvance(text) + 9 + _GAP
        painter.end()
