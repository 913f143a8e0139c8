"""Every main screen as a picture, for people to look at: two sizes, light and dark, English and Chinese."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEventLoop, QSize
from PySide6.QtWidgets import QApplication

from app.bootstrap import samples_folder
from app.domain.mapping import MappingProposal
from app.errors import EnvironmentFault
from app.ports import QueueQuery, Stores
from views.context import Context
from views.import_jobs import Table, survey
from views.main_window import MainWindow
from views.panels.case_screen import TABS
from views.theme import apply_theme

SIZES = (QSize(1600, 1000), QSize(1280, 720))
SETTLE_SECONDS = 30.0
QUIET_SECONDS = 0.06  # without a task or an event before a picture is taken
NOTHING = "\u2060no case has this text\u2060"


def render_screens(app: QApplication, context: Context, folder: Path) -> Iterator[Path]:
    """Write the pictures and yield each file's path. Raises ``EnvironmentFault`` when the folder cannot be written.

    The workspace's settings are as before when it is done.
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
        yield from _in_every_dress(app, window, folder)
    finally:
        window.set_language(language)
        window.set_theme(theme)
        _settle(app, context)
        window.close()


def _in_every_dress(app: QApplication, window: MainWindow, folder: Path) -> Iterator[Path]:
    context = window.context
    case_id = _telling_case(context)
    table = _sample_table(context)
    for language in ("en", "zh"):
        window.set_language(language)
        for theme in ("light", "dark"):
            window.set_theme(theme)
            apply_theme(app, context.theme)
            for size in SIZES:
                window.resize(size)
                name = f"{size.width()}x{size.height()}-{theme}-{language}"
                for screen, show in _screens(window, case_id, table):
                    show()
                    _settle(app, context)
                    yield _save(window, folder / f"{screen}-{name}.png")


def _screens(
    window: MainWindow, case_id: str | None, table: Table | None
) -> Iterator[tuple[str, Callable[[], object]]]:
    """Name and way to each screen, in the order they are shown."""
    yield from _queue_screens(window)
    if case_id is not None:
        yield "case", partial(window.open_case, case_id)
        case: Any = window.panel("case")
        for tab in TABS:
            yield f"case-{tab.replace('_', '-')}", partial(case.show_tab, tab)
    importing: Any = window.panel("import")
    yield "import", partial(window.show_screen, "import")
    if table is not None:
        yield "import-mapping", partial(importing.show_mapping, table)
        importing.mapping.left_out.emit()
    for name in ("rejects", "models", "settings"):
        yield name, partial(window.show_screen, name)


def _queue_screens(window: MainWindow) -> Iterator[tuple[str, Callable[[], object]]]:
    queue: Any = window.panel("queue")
    window.show_screen("queue")
    yield "queue", queue.reload
    yield "queue-nothing-found", partial(queue.look_for, NOTHING)
    queue.look_for("")
    yield "queue-empty", partial(queue.stack.setCurrentWidget, queue.empty)
    queue.reload()
    yield "palette", window.open_palette
    window.palette_box.hide()


def _telling_case(context: Context) -> str | None:
    """A case with several documents and a report, else the first there is."""
    with context.desk.workspace.read() as stores:
        queue = context.desk.workspace.queue(QueueQuery(sort="id", descending=True))
        try:
            cases = queue.page(0, 50)
        finally:
            queue.close()
        told = max(cases, key=lambda case: _weight(stores, case.id), default=None)
    return told.id if told else None


def _weight(stores: Stores, case_id: str) -> tuple[int, int, int]:
    documents = stores.documents.of_case(case_id)
    findings = stores.findings.of_case(case_id)
    return int(stores.reports.get(case_id) is not None), len(documents), len(findings)


def _sample_table(context: Context) -> Table | None:
    """The real applications that ship, as if their columns were met for the first time."""
    file = samples_folder() / "credit_data.csv"
    if not file.is_file():
        return None
    found = survey(context.desk, [file], lambda *_: None).tables
    if not found:
        return None
    proposal: MappingProposal = replace(found[0].proposal, remembered=False)
    return replace(found[0], proposal=proposal)


def _save(window: MainWindow, file: Path) -> Path:
    if not window.grab().save(str(file)):
        raise EnvironmentFault(f"{file} cannot be written.", remedy="Check the folder and the space on the disk.")
    return file


def _settle(app: QApplication, context: Context) -> None:
    """Run the event loop until nothing is on its way any more."""
    ends = time.monotonic() + SETTLE_SECONDS
    quiet_since = time.monotonic()
    while time.monotonic() < ends:
        app.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
        if not context.tasks.idle():
            quiet_since = time.monotonic()
        elif time.monotonic() - quiet_since > QUIET_SECONDS:
            return
        time.sleep(0.005)
