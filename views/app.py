"""From a workspace's path to a running window, and back to a closed workspace."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from datetime import datetime
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import shiboken6
from PySide6.QtCore import QEventLoop, QLocale, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QVBoxLayout, QWidget

from app.errors import Cancelled, EnvironmentFault, InputError, WorkbenchError
from views import single
from views.icons import pixmap
from views.strings import LANGUAGES, has_text, language, tr, use_language
from views.theme import apply_theme, theme_named
from views.unlock import Asker
from views.welcome import WelcomeDialog, can_be_made
from views.widgets import button, ending, error_text, label, row

if TYPE_CHECKING:
    from views.context import Context

SPLASH_AFTER_MS = 400
SPLASH_SIGNS = 44
CANCELLED = 130

OpenDesk = Callable[..., Any]
"""``open_desk(path, passphrase=ask, progress=tell)`` gives a ``Desk``; ``ask(new)`` asks the person."""


def run_desk(open_desk: OpenDesk, path: Path, *, screenshots: Path | None = None, brief: bool = False) -> int:
    """Open the workspace at ``path`` in a window and stay until it is closed; returns the exit status.

    Where there is no workspace yet, making one is offered first. With ``screenshots`` every main screen is rendered to
    a PNG in that folder instead, and nothing is asked.
    Raises ``WorkbenchError`` only then; otherwise the person is told in a dialog.
    """
    app = make_application()
    if screenshots is None and single.already_open(path):
        return _offer_front(path)
    try:
        if screenshots is None and can_be_made(path):
            open_desk = _creator(path)
        desk = _opened(open_desk, path, may_ask=screenshots is None)
    except Cancelled:
        return CANCELLED
    except WorkbenchError as error:
        if screenshots is not None:
            raise
        return _tell(error)
    try:
        return _render(app, desk, screenshots, brief=brief) if screenshots else _stay(app, desk, path)
    finally:
        desk.close()


def make_application() -> QApplication:
    """The application object, dressed, in the machine's language until the workspace says another."""
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    app.setApplicationName("Caseworth")
    app.setApplicationDisplayName("Caseworth")
    app.setDesktopFileName("caseworth")
    system = QLocale.system().name()[:2]
    use_language(system if system in LANGUAGES else "en")
    theme = theme_named("light")
    apply_theme(app, theme)
    app.setWindowIcon(QIcon(pixmap("case", theme.colours.accent, 64)))
    return app


def make_context(desk: Any) -> Context:
    """Tasks, refresh, settings, language and theme for a desk. Reads the settings."""
    from views.context import Context
    from views.refresh import Refresh
    from views.settings import Settings
    from views.tasks import Tasks

    tasks = Tasks(desk.workspace.interrupt)
    settings = Settings(
        desk.workspace,
        tasks,
        keep=desk.keep_setting,
        defaults={"person.name": desk.person, "person.role": desk.role, "ui.language": language()},
    )
    chosen = settings.value("ui.language")
    use_language(chosen)
    return Context(desk, tasks, Refresh(), settings, chosen, theme_named(settings.value("ui.theme")))


def close_context(context: Context) -> None:
    """Cancel what runs and wait for it."""
    context.tasks.close()


def _stay(app: QApplication, desk: Any, path: Path) -> int:
    """Show the window until it is closed."""
    from views.crash import CrashHook
    from views.main_window import MainWindow

    context = make_context(desk)
    apply_theme(app, context.theme)
    window = MainWindow(context)
    hook = CrashHook(window)
    hook.install()
    context.tasks.crashed.connect(hook.show)
    door = single.FrontDoor(path, window)
    door.listen()
    door.asked_to_front.connect(lambda: _to_front(window))
    window.show()
    window.start()
    try:
        return app.exec()
    finally:
        hook.remove()
        door.close()
        close_context(context)
        shiboken6.delete(window)  # see ``ending``


def _render(app: QApplication, desk: Any, folder: Path, *, brief: bool) -> int:
    from views.screenshots import render_screens

    context = make_context(desk)
    try:
        for file in render_screens(app, context, folder, brief=brief):
            print(file, file=sys.stderr)
    finally:
        close_context(context)
    return 0


def _to_front(window: QWidget) -> None:
    window.setWindowState((window.windowState() & ~Qt.WindowState.WindowMinimized) | Qt.WindowState.WindowActive)
    window.raise_()
    window.activateWindow()


# Opening


class _Opening(QObject):
    """Opens the workspace on a thread of its own, so that the splash lives and the passphrase can be asked for."""

    ended = Signal()
    moved = Signal(str)  # how far an upgrade is, in words

    def __init__(self, open_desk: OpenDesk, path: Path, ask: Callable[[bool], str]) -> None:
        super().__init__()
        self.desk: Any = None
        self.error: BaseException | None = None
        self._told = ""
        self._work: Callable[[], Any] = partial(open_desk, path, passphrase=ask, progress=self._tell)
        self._thread = threading.Thread(target=self._run, name="open", daemon=True)

    def wait(self) -> Any:
        """The desk; raises what went wrong."""
        loop = QEventLoop()
        self.ended.connect(loop.quit, Qt.ConnectionType.QueuedConnection)
        splash, words = _splash()
        self.moved.connect(words.setText, Qt.ConnectionType.QueuedConnection)
        timer = QTimer(singleShot=True, interval=SPLASH_AFTER_MS)
        timer.timeout.connect(splash.show)
        timer.start()
        self._thread.start()
        import_module("views.main_window")  # the key is derived and the database opened meanwhile
        loop.exec()
        self._thread.join()
        timer.stop()
        shiboken6.delete(splash)
        if self.error is not None:
            raise self.error
        return self.desk

    def _run(self) -> None:
        try:
            self.desk = self._work()
        except BaseException as error:  # noqa: BLE001  the thread edge: raised again on the UI thread
            self.error = error
        self.ended.emit()

    def _tell(self, done: int, total: int | None, what: str) -> None:
        key = f"start.{what}"
        if has_text(key):
            words = tr(key, percent=done * 100 // total if total else 0)
            if words != self._told:  # a few hundred times a second otherwise
                self._told = words
                self.moved.emit(words)


def _opened(open_desk: OpenDesk, path: Path, *, may_ask: bool) -> Any:
    """Open; of a workspace that a newer version has upgraded, offer the state before."""
    try:
        return _open(open_desk, path, may_ask=may_ask)
    except EnvironmentFault as error:
        from data.upgrade import NewerWorkspace

        if not may_ask or not isinstance(error, NewerWorkspace) or error.backup is None:
            raise
        if not _wants_back(error.folder, error.backup.made_at):
            raise Cancelled from None
        return _open(partial(_after_going_back, open_desk, error.backup.path.name), path, may_ask=True)


def _wants_back(folder: Path, made_at: datetime) -> bool:
    from views import format as fmt

    words = (tr("start.newer", folder=str(folder)), tr("start.newer_install"))
    back = tr("start.newer_back", made_at=fmt.moment(made_at, language()))
    return _dialog(tr("start.failed"), " ".join(words), back, tr("start.go_back"), tr("button.close"))


def _after_going_back(open_desk: OpenDesk, backup: str, path: Path, passphrase: Any, progress: Any) -> Any:
    from app.bootstrap.backups import restore

    remembered = cache(passphrase)
    restore(path, backup, remembered, progress)
    return open_desk(path, passphrase=remembered, progress=progress)


def _open(open_desk: OpenDesk, path: Path, *, may_ask: bool) -> Any:
    """Open, asking for the passphrase again while the one given is wrong."""
    asker = Asker()
    while True:
        asked = False

        def ask(new: bool) -> str:
            nonlocal asked
            asked = True
            if not may_ask:
                raise EnvironmentFault(
                    "The workspace's passphrase is needed, and nobody is there to ask.",
                    remedy="Name a file that holds it in CASEWORTH_PASSPHRASE_FILE.",
                )
            return asker.ask(new)

        try:
            return _Opening(open_desk, path, ask).wait()
        except WorkbenchError as error:
            wrong = asked and may_ask and "passphrase" in (getattr(error, "field", ""), *str(error).casefold().split())
            if isinstance(error, Cancelled) or not wrong:
                raise
            asker.problem = error.message


def _creator(path: Path) -> OpenDesk:
    """What makes the workspace in place of opening it; raises ``Cancelled`` when the person would rather not."""
    from app.bootstrap import create_desk

    with ending(WelcomeDialog(path)) as dialog:
        if dialog.exec() != QDialog.DialogCode.Accepted:
            raise Cancelled
        return partial(create_desk, person=dialog.person())


def _splash() -> tuple[QWidget, QLabel]:
    """The splash and the line that says what goes on."""
    splash = QWidget(None, Qt.WindowType.SplashScreen)
    splash.setObjectName("paper")
    layout = QVBoxLayout(splash)
    layout.setContentsMargins(40, 28, 40, 28)
    layout.addWidget(label(tr("app.name"), "brand"))
    words = label(tr("start.opening"), "soft")
    words.setMinimumWidth(words.fontMetrics().averageCharWidth() * SPLASH_SIGNS)
    layout.addWidget(words)
    return splash, words


# What a person may be told before there is a window


def _dialog(title: str, text: str, more: str, accept: str, reject: str = "") -> bool:
    dialog = QDialog()
    dialog.setWindowTitle(tr("app.name"))
    dialog.setFixedWidth(460)
    layout = QVBoxLayout(dialog)
    layout.setContentsMargins(24, 22, 24, 20)
    layout.setSpacing(12)
    layout.addWidget(label(title, "title"))
    for words, role in ((text, ""), (more, "soft")):
        line = label(words, role)
        line.setWordWrap(True)
        line.setVisible(bool(words))
        layout.addWidget(line)
    buttons = row(0)
    if reject:
        buttons.addWidget(button(reject, dialog.reject))
    yes = button(accept, dialog.accept, "primary")
    yes.setDefault(True)
    buttons.addWidget(yes)
    layout.addLayout(buttons)
    with ending(dialog):
        return dialog.exec() == QDialog.DialogCode.Accepted


def _offer_front(path: Path) -> int:
    if _dialog(tr("start.running"), tr("start.running_text"), "", tr("start.front"), tr("button.close")):
        single.bring_to_front(path)
    return 0


def _tell(error: WorkbenchError) -> int:
    """Show why the workspace cannot be opened; the status the command line gives for such an error."""
    message, remedy = error_text(error)
    print(f"caseworth: {error}", file=sys.stderr)
    _dialog(tr("start.failed"), message, remedy, tr("button.close"))
    return 3 if isinstance(error, EnvironmentFault) else 1 if isinstance(error, InputError) else 2
