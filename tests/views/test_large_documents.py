"""Opening large documents: what was drawn ahead stands there at once, and gives way to the page itself."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from pytestqt.qtbot import QtBot

from app.domain.pages import HEAVY, DrawnPage
from tests.views.case_fixture import SHA, case_view, contents
from tests.views.case_stage import Stage


class Held:
    """Pages whose drawing waits to be let go; what was drawn ahead is shown at once."""

    def __init__(self, pages: Any) -> None:
        self._pages = pages
        self.go = threading.Event()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._pages, name)

    def draw(self, *given: Any, **more: Any) -> DrawnPage:
        self.go.wait(10)
        drawn: DrawnPage = self._pages.draw(*given, **more)
        return drawn


def test_a_large_document_shows_the_page_that_was_drawn_ahead(stage: Callable[..., Stage], qtbot: QtBot) -> None:
    documents = tuple(replace(each, size=HEAVY) for each in case_view().documents)
    at = stage(case_view(documents=documents))
    sha256 = SHA["form"]
    kept = at.desk.pages.first_page(lambda: contents()[sha256], None)
    with at.workspace.transaction() as stores:
        stores.first_pages.put(sha256, None, kept)
    at.open()
    held = at.desk.pages = Held(at.desk.pages)
    at.screen.evidence.show_document(sha256)
    viewer = at.screen.evidence.viewer
    qtbot.waitUntil(lambda: viewer._shown == sha256, timeout=10_000)
    assert viewer._stack.currentWidget() is viewer.page
    assert viewer._task is not None
    assert viewer._task.running, "the page itself is still being drawn"
    early = viewer.page._sheet.page
    held.go.set()
    at.settle()
    assert viewer.page._sheet.page is not early
