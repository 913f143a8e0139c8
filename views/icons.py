"""Line icons drawn from inline SVG in the theme's colours.

``icon("queue", theme)`` gives a ``QIcon`` (soft, accent when on or selected, struck when disabled) and
``pixmap("drop", colour, px)`` one picture. Names: the keys of ``PATHS``.
"""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QGuiApplication, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from views.theme import Theme

# Each on a 24 by 24 grid, stroked 1.6 wide with round ends.
PATHS: Mapping[str, str] = {
    "queue": "M4 6h16M4 12h16M4 18h10",
    "case": "M6 3h9l4 4v14H6zM15 3v4h4M9 12h7M9 16h5",
    "policy": "M4 5h16v14H4zM4 10h16M9.5 10v9M13 14.500l1.700 1.700 3-3.200",
    "scores": "M4 20V4M4 20h16M7.5 16c3 0 3-8 6-8s3 5 6 5",
    "import": "M12 3v12M7.5 10.5 12 15l4.5-4.5M4 16v4h16v-4",
    "rejects": "M12 4 2.8 20h18.4zM12 10v4.5M12 17.4v.2",
    "models": "M12 3l8 4.5v9L12 21l-8-4.5v-9zM12 12l8-4.5M12 12v9M12 12 4 7.5",
    "inventory": "M5 4h14v16H5zM8.5 8.500h7M8.5 12h7M8.5 15.500h3M14 16l1.500 1.500 2.500-3",
    "settings": "M4 7h9M19 7h1M4 17h1M11 17h9M16 4.5a2.5 2.5 0 1 1 0 5 2.5 2.5 0 0 1 0-5zM8 14.5a2.5 2.5 0 1 1 0 5"
    " 2.5 2.5 0 0 1 0-5z",
    "search": "M10.5 4a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13zM15.5 15.5 21 21",
    "rotate": "M19 12a7 7 0 1 1-2.2-5.1M19 3.500v4.500h-4.500",
    "expand": "M14 4h6v6M20 4l-6.5 6.5M10 20H4v-6M4 20l6.5-6.5",
    "shrink": "M20 10h-6V4M14 10l6.5-6.5M4 14h6v6M10 14l-6.5 6.5",
    "pages": "M8 3h11v14H8zM5 7v14h11",
    "document": "M6 3h9l4 4v14H6zM15 3v4h4",
    "table": "M4 5h16v14H4zM4 10h16M4 14.5h16M10 10v9",
    "bank": "M3 9.5 12 4l9 5.5zM5 10v8M10 10v8M14 10v8M19 10v8M3 20h18",
    "person": "M12 4a4 4 0 1 1 0 8 4 4 0 0 1 0-8zM4.5 20c.8-3.6 3.8-5.5 7.5-5.5s6.7 1.9 7.5 5.5",
    "image": "M4 5h16v14H4zM8.5 8.500a1.5 1.5 0 1 1 0 3 1.5 1.5 0 0 1 0-3zM4 17l5-4 3.5 2.500L16 12l4 4",
    "call": "M6 4h3l2 5-2.5 1.500a10 10 0 0 0 5 5L15 13l5 2v3c0 1.2-.8 2-2 2C11 20 4 13 4 6c0-1.2.8-2 2-2z",
    "check": "M5 12.500l4.5 4.500L19 7.5",
    "close": "M6 6l12 12M18 6 6 18",
    "plus": "M12 5v14M5 12h14",
    "folder": "M3 6h6l2 2.500h10V19H3z",
    "drop": "M12 4v11M7.5 10.5 12 15l4.5-4.500M4.5 19.500h15",
    "sun": "M12 8a4 4 0 1 1 0 8 4 4 0 0 1 0-8zM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4"
    "M18.7 5.3l-1.4 1.4M6.7 17.3l-1.4 1.4",
    "moon": "M19.5 14.500A8 8 0 0 1 9.5 4.500a8 8 0 1 0 10 10z",
    "lock": "M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3",
    "shield": "M12 3l7 2.500v6c0 4.3-2.8 7.7-7 9.5-4.2-1.8-7-5.2-7-9.500v-6z",
    "pen": "M4 20l1-4L16.5 4.500l3 3L8 19zM14 7l3 3",
    "export": "M12 15V4M7.5 8 12 3.5 16.5 8M4 16v4h16v-4",
    "undo": "M8 5 4 9l4 4M4 9h9a6 6 0 0 1 0 12h-3",
    "warning": "M12 4 2.8 20h18.400zM12 10v4.500M12 17.400v.2",
    "info": "M12 3.500a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17zM12 11v5.500M12 7.500v.2",
    "chevron": "M9 6l6 6-6 6",
    "gauge": "M4 17a8.5 8.5 0 1 1 16 0M12 16l4-5",
    "dot": "M12 5a7 7 0 1 1 0 14 7 7 0 0 1 0-14z",
    "flow": "M3 14c3 0 3-7 6-7s3 10 6 10 3-6 6-6",
}

FILLED = frozenset({"dot"})


def pixmap(name: str, colour: str, px: int = 16, *, width: float = 1.6) -> QPixmap:
    """One picture of the icon, sharp at the screen's scale; raises ``KeyError`` for an unknown name."""
    scale = QGuiApplication.primaryScreen().devicePixelRatio() if QGuiApplication.primaryScreen() else 1.0
    picture = QPixmap(round(px * scale), round(px * scale))
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    QSvgRenderer(QByteArray(_svg(name, colour, width).encode())).render(
        painter, QRectF(0, 0, picture.width(), picture.height())
    )
    painter.end()
    picture.setDevicePixelRatio(scale)
    return picture


def icon(name: str, theme: Theme, px: int = 20) -> QIcon:
    """The icon in all the states a button needs."""
    made = QIcon()
    colours = theme.colours
    for mode, state, colour in (
        (QIcon.Mode.Normal, QIcon.State.Off, colours.soft),
        (QIcon.Mode.Active, QIcon.State.Off, colours.ink),
        (QIcon.Mode.Normal, QIcon.State.On, colours.accent),
        (QIcon.Mode.Active, QIcon.State.On, colours.accent),
        (QIcon.Mode.Selected, QIcon.State.Off, colours.accent),
        (QIcon.Mode.Disabled, QIcon.State.Off, colours.line_strong),
    ):
        made.addPixmap(pixmap(name, colour, px), mode, state)
    return made


def icon_of(name: str, colour: str, px: int = 16) -> QIcon:
    """The icon in one colour, whatever the state."""
    return QIcon(pixmap(name, colour, px, width=2.4))


def _svg(name: str, colour: str, width: float) -> str:
    fill = colour if name in FILLED else "none"
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" '
        f'fill="{fill}" stroke="{colour}" stroke-width="{width}" stroke-linecap="round" stroke-linejoin="round">'
        f'<path d="{PATHS[name]}"/></svg>'
    )
