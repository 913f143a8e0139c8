"""The main window: top bar, rail, the screens, the notice, and dropping files anywhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from importlib import import_module
from itertools import chain
from pathlib import Path
from typing import Any

from PySide6 import QtWidgets
from PySide6.QtCore import QMimeData, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDragLeaveEvent, QDropEvent, QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QApplication, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from app.domain.case import Document
from app.domain.changes import Changes
from views.background_reading import BackgroundReading, ReadingStep
from views.context import Context
from views.desk_words import DeskWords, read_desk_words
from views.panels.palette import Entry, Palette
from views.panels.queue_panel import QueuePanel
from views.panels.rail import SCREENS, Rail
from views.panels.top_bar import TopBar
from views.strings import tr, use_language
from views.theme import apply_theme, theme_named
from views.widgets import EmptyState, Notice, column, frame, row, shortcut

SMALLEST = (1180, 680)
FIRST_SIZE = (1600, 1000)
PIECE_MS = 5  # between two stretches of work ahead, each of which ends with the piece that fills
STRETCH_SECONDS = 0.004


class MainWindow(QMainWindow):
    """One window on one desk. Screens are made when first shown; ``panel(name)`` gives one."""

    closed = Signal()

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.context = context
        self.setWindowTitle(tr("app.name"))
        self.setMinimumSize(*SMALLEST)
        self.resize(*FIRST_SIZE)
        self.setAcceptDrops(True)
        self._screens: dict[str, QWidget] = {}
        self._case_id = ""
        self._step: ReadingStep | None = None  # of the document that is being read
        self.top = TopBar(context)
        self.rail = Rail(context)
        self.notice = Notice(context.theme)
        self.stack = QStackedWidget()
        self._lay_out()
        self.palette_box = Palette(context, self, self.open_case)
        self.palette_box.set_sources(self._actions, self._documents)
        self.veil = _drop_veil(self)
        self._connect()
        self._add_shortcuts()
        self.reading = BackgroundReading(context, self)
        self.reading.told.connect(self.notice.show_word)
        self.show_screen("queue")

    def _lay_out(self) -> None:
        content = QWidget()
        inner = QVBoxLayout(content)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(0)
        inner.addWidget(self.notice)
        inner.addWidget(self.stack, 1)
        whole = QWidget()
        whole.setObjectName("paper")
        body = row(self.rail, spacing=0)
        body.addWidget(content, 1)
        layout = column(self.top, spacing=0)
        layout.addLayout(body, 1)
        whole.setLayout(layout)
        self.setCentralWidget(whole)

    def _connect(self) -> None:
        self.rail.chosen.connect(self.show_screen)
        self.top.find_pressed.connect(self.open_palette)
        self.top.model_pressed.connect(lambda: self.show_screen("models"))
        self.top.person_pressed.connect(lambda: self.show_screen("settings"))
        self.context.tasks.errored.connect(self.notice.show_error)
        self.context.desk.warn = self.context.tasks.errored.emit
        self.top.reading_pressed.connect(self._open_reading)
        self.context.refresh.reading_moved.connect(self._on_reading)
        self.context.refresh.language_changed.connect(lambda _: self._dress())
        self.context.refresh.theme_changed.connect(lambda _: self._dress())
        self.context.refresh.watch(self, Changes.SETTINGS, lambda _: self._read_words())
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._on_system_scheme)

    def _add_shortcuts(self) -> None:
        for number, name in enumerate(SCREENS, 1):
            shortcut(f"Ctrl+{number}", self, _later(self.show_screen, name), window_wide=True)
        shortcut("Ctrl+K", self, self.open_palette, window_wide=True)
        shortcut("Ctrl+I", self, lambda: self.show_screen("import"), window_wide=True)
        shortcut("Ctrl+,", self, lambda: self.show_screen("settings"), window_wide=True)
        shortcut("F5", self, lambda: self.context.refresh.broadcast(Changes.EVERYTHING), window_wide=True)
        shortcut("Ctrl+Q", self, self.close, window_wide=True)

    # Screens

    def panel(self, name: str) -> QWidget:
        """The screen of that name, made at the first call."""
        if name not in self._screens:
            self._screens[name] = made = self._make(name)
            self.stack.addWidget(made)
        elif name == "case":
            self._screens[name].finish()  # type: ignore[attr-defined]
        return self._screens[name]

    def show_screen(self, name: str) -> None:
        """Bring a screen to the front and give it the keyboard."""
        screen = self.panel("no_case" if name == "case" and not self._case_id else name)
        self.stack.setCurrentWidget(screen)
        self.rail.select(name)
        focus = getattr(screen, "table", screen)
        focus.setFocus()

    def open_case(self, case_id: str) -> None:
        """Show a case."""
        self._case_id = case_id
        self.show_screen("case")
        self._case_screen().open_case(case_id)
        self.context.settings.put("ui.last_case", case_id)

    def open_palette(self) -> None:
        """Open the command palette at the search field."""
        self.palette_box.open_at(self.top.search)

    def start(self) -> None:
        """Ask for the first data; the window may be shown already."""
        queue = self._queue()
        queue.answered.connect(self._go_on, Qt.ConnectionType.SingleShotConnection)
        queue.reload()

    def _go_on(self) -> None:
        """What can wait until the queue is on the screen: top bar, documents to read, the case screen ahead."""
        self._read_words()
        self._tell_of_upgrade()
        self.reading.wake()
        load = partial(import_module, "views.panels.case_screen")
        self.context.tasks.run(lambda _: load(), lambda _: self._make_case_ahead(), self, "documents")

    def _tell_of_upgrade(self) -> None:
        done = self.context.desk.upgrade
        if done is not None:
            self.notice.show_news(tr("start.upgraded"), tr("start.upgraded_more", place=str(done.backup)))

    def _make(self, name: str) -> QWidget:
        made: QWidget = {
            "queue": self._make_queue,
            "case": self._make_case,
            "no_case": self._make_no_case,
            "scores": self._make_scores,
            "policy": self._make_policy,
            "import": self._make_import,
            "rejects": self._make_rejects,
            "models": self._make_models,
            "inventory": self._make_inventory,
            "settings": self._make_settings,
        }[name]()
        return made

    def _make_queue(self) -> QWidget:
        panel = QueuePanel(self.context)
        panel.opened.connect(self.open_case)
        panel.import_wanted.connect(lambda: self.show_screen("import"))
        return panel

    def _make_case(self) -> QWidget:
        from views.panels.case_screen import CaseScreen

        screen = CaseScreen(self.context)
        screen.told.connect(self.notice.show_word)
        return screen

    def _make_case_ahead(self) -> None:
        """Build the case screen piece by piece while nobody waits for it."""
        from views.panels.case_screen import CaseScreen

        if "case" in self._screens:
            return
        self._screens["case"] = screen = CaseScreen(self.context, at_once=False)
        screen.told.connect(self.notice.show_word)
        self.stack.addWidget(screen)
        pieces = chain(_classes(), iter(screen.build_more, False))
        timer = QTimer(screen, interval=PIECE_MS)
        timer.timeout.connect(lambda: None if _work(pieces) else timer.stop())
        timer.start()

    def _make_no_case(self) -> QWidget:
        empty = EmptyState("case", self.context.theme)
        empty.acted.connect(lambda: self.show_screen("queue"))

        def dress(*_: object) -> None:
            empty.set_texts(tr("case.none"), tr("case.none_text"), tr("case.none_action"))
            empty.set_theme(self.context.theme)

        self.context.refresh.language_changed.connect(dress)
        self.context.refresh.theme_changed.connect(dress)
        dress()
        return empty

    def _make_scores(self) -> QWidget:
        from views.panels.scores_panel import ScoresPanel

        return ScoresPanel(self.context)

    def _make_policy(self) -> QWidget:
        from views.panels.policy_panel import PolicyPanel

        panel = PolicyPanel(self.context)
        panel.case_wanted.connect(self.open_case)
        return panel

    def _make_import(self) -> QWidget:
        from views.panels.import_panel import ImportPanel

        panel = ImportPanel(self.context)
        panel.rejects_wanted.connect(lambda: self.show_screen("rejects"))
        panel.case_wanted.connect(self.open_case)
        panel.queue_wanted.connect(lambda: self.show_screen("queue"))
        return panel

    def _make_rejects(self) -> QWidget:
        from views.panels.rejects_panel import RejectsPanel

        return RejectsPanel(self.context)

    def _make_models(self) -> QWidget:
        from views.panels.models_panel import ModelsPanel

        return ModelsPanel(self.context)

    def _make_inventory(self) -> QWidget:
        from views.panels.inventory_panel import InventoryPanel

        return InventoryPanel(self.context)

    def _make_settings(self) -> QWidget:
        from views.panels.settings_panel import SettingsPanel

        panel = SettingsPanel(self.context)
        panel.language_chosen.connect(self.set_language)
        panel.theme_chosen.connect(self.set_theme)
        return panel

    def _queue(self) -> QueuePanel:
        panel = self.panel("queue")
        assert isinstance(panel, QueuePanel)
        return panel

    def _case_screen(self) -> Any:
        return self.panel("case")

    # Language, theme, words

    def set_language(self, code: str) -> None:
        """Show everything in another language, at once and from the next start on."""
        use_language(code)
        self.context.language = code
        self.context.settings.put("ui.language", code)
        self.context.refresh.language_changed.emit(code)

    def set_theme(self, name: str) -> None:
        """Dress everything in ``"light"``, ``"dark"`` or ``"system"``."""
        self.context.settings.put("ui.theme", name)
        self.context.theme = theme_named(name)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        apply_theme(app, self.context.theme)
        self.context.refresh.theme_changed.emit(self.context.theme)

    def _on_system_scheme(self) -> None:
        if self.context.settings.value("ui.theme") == "system":
            self.set_theme("system")

    def _dress(self) -> None:
        self.setWindowTitle(tr("app.name"))
        self.top.dress()
        self.rail.dress()
        self.notice.set_theme(self.context.theme)
        self.veil.deleteLater()
        self.veil = _drop_veil(self)
        self._read_words()

    def _read_words(self) -> None:
        desk, settings = self.context.desk, self.context.settings
        wanted, currency = settings.value("model.default"), settings.value("currency")
        self.context.tasks.run(
            lambda _: read_desk_words(desk, wanted, currency), self._on_words, self, "read", key="words"
        )

    def _on_words(self, words: DeskWords) -> None:
        self.top.show_model(words.model, words.model_why)
        self.top.show_person(words.person, words.person_why)

    def _on_reading(self, step: ReadingStep | None) -> None:
        self._step = step
        self.top.show_reading(step)

    def _open_reading(self) -> None:
        """The case of the document that is being read, at that document."""
        if self._step is not None:
            step = self._step
            self.open_case(step.case_id)
            self._case_screen().show_document_of(step.case_id, step.sha256)

    # The palette's sources

    def _actions(self) -> Sequence[Entry]:
        screens = [
            Entry(name, tr("palette.go", screen=tr(f"rail.{name}")), "", _later(self.show_screen, name), f"Ctrl {at}")
            for at, name in enumerate(SCREENS, 1)
        ]
        dark = self.context.theme.dark
        other = "en" if self.context.language == "zh" else "zh"
        return [
            *screens,
            Entry("folder", tr("palette.import_files"), "", self._import_by_dialog),
            Entry(
                "sun" if dark else "moon",
                tr("palette.light" if dark else "palette.dark"),
                "",
                _later(self.set_theme, "light" if dark else "dark"),
            ),
            Entry("pen", tr("palette.language"), "", _later(self.set_language, other)),
        ]

    def _documents(self) -> Sequence[tuple[Document, Callable[[], object]]]:
        if "case" not in self._screens:
            return ()
        view = getattr(self._screens["case"], "view", None)
        return [(one, _later(self._show_document, one.sha256)) for one in view.documents] if view else ()

    def _show_document(self, sha256: str) -> None:
        self.show_screen("case")
        self._case_screen().show_document(sha256)

    def _import_by_dialog(self) -> None:
        self.show_screen("import")
        self.panel("import").choose_files()  # type: ignore[attr-defined]

    # Dropping files

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if _paths(event.mimeData()):
            event.acceptProposedAction()
            self._place_veil()
            self.veil.show()
            self.veil.raise_()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.veil.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        self.veil.hide()
        event.acceptProposedAction()
        self.import_paths(_paths(event.mimeData()))

    def import_paths(self, paths: Sequence[Path]) -> None:
        """Offer files and folders to the import screen."""
        self.show_screen("import")
        self.panel("import").offer(list(paths))  # type: ignore[attr-defined]

    def _place_veil(self) -> None:
        self.veil.setGeometry(self.rect().adjusted(24, 24, -24, -24))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_veil()

    # Closing

    def closeEvent(self, event: QCloseEvent) -> None:
        """Close at once; what runs is cancelled and leaves nothing half-done."""
        self._queue().model.close()
        self.closed.emit()
        super().closeEvent(event)


def _later(act: Callable[..., object], *values: object) -> Callable[[], object]:
    return lambda: act(*values)


def _paths(data: QMimeData) -> list[Path]:
    """The local files and folders of a drag."""
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]


def _drop_veil(window: MainWindow) -> QWidget:
    """What covers the window while files hang over it."""
    empty = EmptyState("drop", window.context.theme)
    empty.set_texts(tr("import.drop"), tr("import.drop_text"))
    veil = frame(column(empty), "veil")
    veil.setObjectName("dropveil")
    veil.setParent(window)
    veil.hide()
    return veil


def _classes() -> Iterator[object]:
    """The classes of QtWidgets. PySide makes each when it is named, and all at once at the first ``viewport()``."""
    return (getattr(QtWidgets, name) for name in dir(QtWidgets))


def _work(pieces: Iterator[object]) -> bool:
    """Work for a short while; False when nothing is left."""
    ends = time.perf_counter() + STRETCH_SECONDS
    return any(time.perf_counter() >= ends for _ in pieces)
