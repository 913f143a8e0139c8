"""Fixtures of the window's tests: a dressed application, a desk in memory, a context whose tasks are closed."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator

import pytest
import shiboken6
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.views.case_desk import PAGES
from tests.views.case_stage import stage  # noqa: F401
from tests.views.shell_desk import ShellDesk, filled_workspace
from views.context import Context
from views.refresh import Refresh
from views.settings import Settings
from views.strings import use_language
from views.tasks import Tasks
from views.theme import theme_named


@pytest.fixture(scope="session", autouse=True)
def no_window_outlives_the_tests(qapp: QApplication) -> Iterator[None]:
    """Destroy what tests left behind while Qt still stands; see ``views.widgets.ending``."""
    yield
    PAGES.close()
    gc.collect()
    for widget in QApplication.topLevelWidgets():
        if shiboken6.isValid(widget):
            shiboken6.delete(widget)


@pytest.fixture
def tasks(qapp: object) -> Iterator[Tasks]:
    """Lanes that are closed at the end; a fault in a task fails the test."""
    made = Tasks()
    faults: list[BaseException] = []
    made.crashed.connect(faults.append)
    yield made
    assert made.close(), "a worker did not stop"
    for fault in faults:
        raise fault


@pytest.fixture
def shell_context(tasks: Tasks) -> Iterator[Callable[..., Context]]:
    """``shell_context(workspace or count)`` makes a context in English and light."""

    def make(workspace: object = 0) -> Context:
        filled = filled_workspace(workspace) if isinstance(workspace, int) else workspace
        desk = ShellDesk(filled)
        settings = Settings(filled, tasks, keep=desk.keep_setting)  # type: ignore[arg-type]
        return Context(desk, tasks, Refresh(), settings, "en", theme_named("light"))

    use_language("en")
    yield make
    use_language("en")


@pytest.fixture
def settle(qtbot: QtBot, tasks: Tasks) -> Callable[[], None]:
    """Wait until every task has delivered its result."""

    def wait() -> None:
        for _ in range(3):  # a delivered result may start the next task on a timer
            qtbot.waitUntil(tasks.idle, timeout=10_000)
            QApplication.processEvents()

    return wait
