"""The program's icon, from the drawing that the window uses: ``python packaging/art.py SIZE FILE.png|FILE.svg``."""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def icon_svg() -> bytes:
    """The case's drawing in white on a ground of the accent colour."""
    from views.icons import PATHS
    from views.theme import LIGHT

    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<svg xmlns="http://www.w3.org/2000/svg" width="128" height="128" viewBox="0 0 128 128">\n'
        f'<rect x="4" y="4" width="120" height="120" rx="26" fill="{LIGHT.accent}"/>\n'
        f'<g transform="translate(20.800 20.800) scale(3.6)" fill="none" stroke="{LIGHT.on_accent}" stroke-width="1.6" '
        'stroke-linecap="round" stroke-linejoin="round">'
        f'<path d="{PATHS["case"]}"/></g>\n</svg>\n'
    ).encode()


def icon_png(size: int) -> bytes:
    """The icon as PNG, ``size`` pixels each way."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtCore import QBuffer, QByteArray, QRectF, Qt
    from PySide6.QtGui import QImage, QPainter
    from PySide6.QtSvg import QSvgRenderer

    picture = QImage(size, size, QImage.Format.Format_ARGB32)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    QSvgRenderer(QByteArray(icon_svg())).render(painter, QRectF(0, 0, size, size))
    painter.end()
    buffer = QBuffer()
    picture.save(buffer, "PNG")
    return bytes(buffer.data().data())


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    target = Path(sys.argv[2])
    target.write_bytes(icon_svg() if target.suffix == ".svg" else icon_png(int(sys.argv[1])))
