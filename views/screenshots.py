"""Every main screen as a picture, for people to look at: two sizes, light and dark, English and Chinese."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import chain, product
from pathlib import Path

import shiboken6
from PySide6.QtCore import QEventLoop, QPoint, QSize
from PySide6.QtGui import QColor, QPainter, QPixmap
from PySide6.QtWidgets import QApplication

from app.errors import EnvironmentFault
from views.context import Context
from views.main_window import MainWindow
from views.panels.report_panel import ReportPanel
from views.strings import LANGUAGES
from views.theme import apply_theme
from views.tour import details, find_stops, screens

SIZES = (QSize(1600, 1000), QSize(1280, 720))
THEMES = ("light", "dark")
SETTLE_SECONDS = 30.0
QUIET_ROUNDS = 6  # of the event loop, and
QUIET_SECONDS = 0.06  # without a task or an event before a picture is taken


def render_screens(app: QApplication, context: Context, folder: Path, *, brief: bool = False) -> Iterator[Path]:
    """Write the pictures and yield each file's path. Raises ``EnvironmentFault`` when the folder cannot be written.

    ``brief`` keeps to the main screens, large and light in English and small and dark in Chinese. The workspace's
    settings are as before when it is done.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise EnvironmentFault(f"{folder} cannot be made: {exc.strerror}.", remedy="Name another folder.") from exc
    language, theme = context.language, context.settings.value("ui.theme")
    window = MainWindow(context)
    window.show()
    window.start()
    try:
        yield from _in_every_dress(app, window, folder, brief=brief)
    finally:
        window.set_language(language)
        window.set_theme(theme)
        _settle(app, context)
        window.close()
        shiboken6.delete(window)


def _in_every_dress(app: QApplication, window: MainWindow, folder: Path, *, brief: bool) -> Iterator[Path]:
    """The main screens in every dress; what is only a state of one in the first and the last."""
    context = window.context
    stops = find_stops(context)
    dresses = list(product(LANGUAGES, THEMES, SIZES))
    if brief:
        dresses = [dresses[0], dresses[-1]]
    for language, theme, size in dresses:
        window.set_language(language)
        window.set_theme(theme)
        apply_theme(app, context.theme)
        window.resize(size)
        walks = [screens(window, stops)]
        if not brief and (language, theme, size) in (dresses[0], dresses[-1]):
            walks.append(details(window, stops))
        for screen, show in chain.from_iterable(walks):
            show()
            _settle(app, context)
            yield _save(window, folder / f"{screen}-{size.width()}x{size.height()}-{theme}-{language}.png")


def _grab(window: MainWindow) -> QPixmap:
    """The window, with the dialog before it where one is open."""
    picture = window.grab()
    dialog = QApplication.activeModalWidget()
    if dialog is None:
        return picture
    before = dialog.grab()
    painter = QPainter(picture)
    painter.fillRect(picture.rect(), QColor(0, 0, 0, 70))
    place = QPoint((window.width() - dialog.width()) // 2, (window.height() - dialog.height()) // 2)
    painter.drawPixmap(place, before)
    painter.setPen(QColor(128, 128, 128, 120))
    painter.drawRect(before.rect().translated(place).adjusted(-1, -1, 0, 0))
    painter.end()
    return picture


def _save(window: MainWindow, file: Path) -> Path:
    if not _grab(window).save(str(file)):
        raise EnvironmentFault(f"{file} cannot be written.", remedy="Check the folder and the space on the disk.")
    return file


def _built(app: QApplication) -> bool:
    """Whether every report has all its sentences on the screen."""
    return all(each.settled() for top in app.topLevelWidgets() for each in top.findChildren(ReportPanel))


def _settle(app: QApplication, context: Context) -> None:
    """Run the event loop until nothing is on its way any more."""
    ends = time.monotonic() + SETTLE_SECONDS
    quiet_since, rounds = time.monotonic(), 0
    while time.monotonic() < ends:
        app.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
        if not (context.tasks.idle() and _built(app)):
            quiet_since, rounds = time.monotonic(), 0
        elif rounds > QUIET_ROUNDS and time.monotonic() - quiet_since > QUIET_SECONDS:
            return
        rounds += 1
        time.sleep(0.005)
