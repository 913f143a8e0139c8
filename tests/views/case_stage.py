"""Fixtures of the case screen's tests: the drawn case on the real desk, its screen, and a way to wait for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from pytestqt.qtbot import QtBot

from app.errors import WorkbenchError
from app.usecases.show_case import CaseView
from tests.doubles import MemoryWorkspace
from tests.views.case_desk import CaseDesk
from tests.views.case_fixture import CASE_ID, case_view, workspace
from views.context import Context
from views.panels.case_screen import CaseScreen
from views.refresh import Refresh
from views.settings import Settings
from views.strings import use_language
from views.tasks import Tasks
from views.theme import theme_named


@dataclass
class Stage:
    """A shown case screen with everything it works with."""

    screen: CaseScreen
    context: Context
    desk: CaseDesk
    workspace: MemoryWorkspace
    settle: Callable[[], None]
    errors: list[WorkbenchError]

    def open(self, case_id: str = CASE_ID) -> CaseView:
        self.screen.open_case(case_id)
        self.settle()
        assert self.screen.view is not None
        return self.screen.view

    def show_tab(self, name: str) -> None:
        self.screen.show_tab(name)
        self.settle()


def context_for(held: MemoryWorkspace, tasks: Tasks, language: str = "en", theme: str = "light") -> Context:
    """A context over the real desk."""
    use_language(language)
    desk = CaseDesk(held)
    return Context(desk, tasks, Refresh(), Settings(held, tasks), language, theme_named(theme))  # type: ignore[arg-type]


@pytest.fixture
def stage(qtbot: QtBot, tasks: Tasks, settle: Callable[[], None]) -> Iterator[Callable[..., Stage]]:
    """``stage(view)`` shows the case screen over a workspace that holds ``view``; the case is not open yet."""

    def make(view: CaseView | None = None, language: str = "en", theme: str = "light") -> Stage:
        held = workspace(view or case_view())
        context = context_for(held, tasks, language, theme)
        errors: list[WorkbenchError] = []
        tasks.errored.connect(errors.append)
        screen = CaseScreen(context)
        qtbot.addWidget(screen)
        screen.resize(1500, 900)
        screen.show()

        def wait() -> None:
            settle()
            qtbot.waitUntil(screen.report.settled, timeout=10_000)
            settle()

        return Stage(screen, context, context.desk, held, wait, errors)

    yield make
    use_language("en")
