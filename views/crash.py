"""The crash dialog: where in the program it happened, and nothing of the data it happened on."""

from __future__ import annotations

import platform
import sys
import traceback
from pathlib import Path
from types import TracebackType

from PySide6.QtWidgets import QApplication, QDialog, QPlainTextEdit, QVBoxLayout, QWidget

from app import __version__
from views.strings import tr
from views.widgets import button, ending, label, row

QUIT = 2


def crash_report(error: BaseException) -> str:
    """Type of the error and the places in the code that led to it.

    The message of the error and the values of variables are left out, for they may hold an applicant's data; so are
    folders of the machine.
    """
    lines = [f"Caseworth {__version__}, Python {platform.python_version()}, {platform.system()} {platform.machine()}"]
    link: BaseException | None = error
    while link is not None:
        lines.append(f"{type(link).__module__}.{type(link).__qualname__}".removeprefix("builtins."))
        lines += [
            f"  {_place(frame.filename)}:{frame.lineno} in {frame.name}"
            for frame in traceback.extract_tb(link.__traceback__)
        ]
        link = link.__cause__ or link.__context__
    return "\n".join(lines)


def _place(file: str) -> str:
    """The file by its last two parts."""
    return "/".join(Path(file).parts[-2:])


class CrashDialog(QDialog):
    """Shows the report, lets the person copy it, and go on or close; ``exec()`` returns ``QUIT`` to close."""

    def __init__(self, error: BaseException, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("crash.title"))
        self.setMinimumWidth(620)
        self.report = QPlainTextEdit(crash_report(error), readOnly=True)
        self.report.setAccessibleName(tr("crash.title"))
        self.report.setMinimumHeight(200)
        text = label(tr("crash.text"))
        text.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.setSpacing(12)
        for each in (label(tr("crash.title"), "title"), text, self.report):
            layout.addWidget(each)
        self.go_on = button(tr("crash.go_on"), self.accept, "primary")
        self.go_on.setDefault(True)
        layout.addLayout(
            row(
                button(tr("crash.copy"), self._on_copy),
                0,
                button(tr("crash.quit"), lambda: self.done(QUIT)),
                self.go_on,
            )
        )

    def _on_copy(self) -> None:
        QApplication.clipboard().setText(self.report.toPlainText())


class CrashHook:
    """Takes over ``sys.excepthook`` for the window's life; at most one dialog at a time."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self.parent = parent
        self._before = sys.excepthook
        self._showing = False

    def install(self) -> None:
        sys.excepthook = self._on_exception

    def remove(self) -> None:
        sys.excepthook = self._before

    def show(self, error: BaseException) -> None:
        """Tell of a fault; the report also goes to stderr, for a desk started from a terminal."""
        print(crash_report(error), file=sys.stderr)
        if self._showing:
            return
        self._showing = True
        try:
            with ending(CrashDialog(error, self.parent)) as dialog:
                if dialog.exec() == QUIT:
                    QApplication.exit(1)
        finally:
            self._showing = False

    def _on_exception(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if isinstance(error, KeyboardInterrupt):
            QApplication.exit(130)
        else:
            self.show(error)
