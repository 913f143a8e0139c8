"""The document viewer: its states, which answer counts, sharpness, pages drawn ahead, rows of tables."""

from __future__ import annotations

import io
import os
import signal
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.domain.case import Document
from app.domain.pages import DrawnPage, Excerpt, TextLines
from app.errors import Cancelled, EnvironmentFault, InputError
from app.ports import Progress
from data.readers.pages import Pages
from tests.data.readers.pdfs import long_pdf, slow_pdf
from tests.views.case_desk import PAGES
from tests.views.case_fixture import case_view, workspace
from tests.views.case_stage import context_for
from views.context import Context
from views.panels.document_viewer import DocumentViewer
from views.parts.rendition import Place
from views.strings import texts, use_language
from views.tasks import Tasks

Settle = Callable[[], None]


@dataclass
class ScriptedPages:
    """Draws pages of 100 by 200 points when told to go on; keeps what it was asked for."""

    pages: int = 3
    wait: bool = False
    failure: Exception | None = None
    asked: list[tuple[str, int, int]] = field(default_factory=list)
    cancels: int = 0
    go: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        """It needs no start."""

    def draw(
        self, sha256: str, content: Callable[[], bytes], page: int, width: int, *, sheet: object, progress: Progress
    ) -> DrawnPage:
        self.asked.append((sha256, page, width))
        while self.wait and not self.go.wait(0.01):
            progress(0, None, "")
        if self.failure is not None:
            raise self.failure
        return DrawnPage(page, self.pages, 100.0, 200.0, width, 2 * width, bytes(8 * width * width))

    def excerpt(self, *_: Any, **__: Any) -> Excerpt:
        raise AssertionError

    def lines(self, *_: Any, **__: Any) -> TextLines:
        return TextLines(("words",), total=1)

    def cancel(self) -> None:
        self.cancels += 1

    def close(self) -> None:
        """Nothing to end."""


@dataclass
class Room:
    """A shown viewer, and documents put before it."""

    viewer: DocumentViewer
    context: Context
    pages: Any
    settle: Settle
    contents: dict[str, bytes]

    def document(self, name: str, content: bytes = b"", media: str = "application/pdf") -> Document:
        sha256 = f"{abs(hash((name, content))):064x}"
        self.contents[sha256] = content
        return Document(sha256, name, "document", media, 1)

    def show(self, document: Document, place: Place | None = None, *, settle: bool = True) -> None:
        self.viewer.show_place(document, place or Place(), document.name)
        if settle:
            self.settle()

    @property
    def part(self) -> Any:
        return self.viewer._stack.currentWidget()


@pytest.fixture
def room(qtbot: QtBot, tasks: Tasks, settle: Settle) -> Iterator[Callable[..., Room]]:
    """``room(pages)``: a viewer before the scripted reader, or the real one (``PAGES``)."""

    def make(pages: Any = None, language: str = "en", theme: str = "light") -> Room:
        held = workspace(case_view())
        context = context_for(held, tasks, language, theme)
        context.desk.pages = pages or ScriptedPages()
        viewer = DocumentViewer(context)
        qtbot.addWidget(viewer)
        viewer.resize(500, 600)
        viewer.show()
        settle()
        return Room(viewer, context, context.desk.pages, settle, held._state.contents)

    yield make
    use_language("en")


# States


def test_it_loads_until_the_page_is_there(room: Callable[..., Room]) -> None:
    at = room(ScriptedPages(wait=True))
    at.show(at.document("a.pdf"), settle=False)
    assert at.part is at.viewer.state
    assert at.viewer.state.bar.isVisible()
    assert at.viewer.state.stop.text() == "Cancel"
    at.pages.go.set()
    at.settle()
    assert at.part is at.viewer.page
    assert at.viewer.page_label.text() == "1 of 3"


def test_another_page_of_the_same_document_loads_only_when_it_is_late(room: Callable[..., Room], qtbot: QtBot) -> None:
    at = room(ScriptedPages(pages=99))
    at.show(at.document("a.pdf"))
    at.pages.wait = True
    at.show(at.viewer._document, Place(page=50), settle=False)  # type: ignore[arg-type]
    assert at.part is at.viewer.page
    qtbot.waitUntil(lambda: at.part is at.viewer.state, timeout=2000)
    at.pages.go.set()
    at.settle()
    assert at.part is at.viewer.page
    assert at.viewer.page_label.text() == "50 of 99"


def test_cancelling_is_a_state_from_which_one_can_try_again(room: Callable[..., Room], qtbot: QtBot) -> None:
    at = room(ScriptedPages(wait=True))
    at.show(at.document("a.pdf"), settle=False)
    qtbot.waitUntil(lambda: bool(at.pages.asked), timeout=2000)
    qtbot.mouseClick(at.viewer.state.stop, Qt.MouseButton.LeftButton)
    at.settle()
    assert at.pages.cancels == 1
    assert at.viewer.state.title.text() == "Not opened: cancelled"
    assert not at.viewer.state.stop.isVisible()
    at.pages.go.set()
    qtbot.mouseClick(at.viewer.state.retry, Qt.MouseButton.LeftButton)
    at.settle()
    assert at.part is at.viewer.page


@pytest.mark.parametrize("language", ["en", "zh"])
def test_an_error_says_why_in_the_language_in_force(room: Callable[..., Room], language: str) -> None:
    at = room(ScriptedPages(failure=InputError("pdf.locked", "The PDF is …", remedy="x")), language)
    at.show(at.document("a.pdf"))
    words = texts(language)
    assert at.viewer.state.title.text() == words["case.viewer.no_page"]
    assert at.viewer.state.detail.text().startswith(words["case.viewer.why.pdf_locked"])
    at.pages.failure = EnvironmentFault("The original is missing.", remedy="Restore it.")
    at.show(at.document("b.pdf"))
    assert "The original is missing" in at.viewer.state.detail.text()


def test_every_reason_of_the_reader_has_words() -> None:
    """The fields of the errors that the reader's modules raise."""
    import re

    from data.readers import drawing, excerpts, pages
    from data.readers.layouts import pictures

    modules = (drawing, excerpts, pages, pictures)
    sources = "".join(Path(str(module.__file__)).read_text(encoding="utf-8") for module in modules)
    reasons = set(re.findall(r'"((?:pdf|picture|table|page|document)\.[a-z]+)"', sources))
    assert len(reasons) >= 10
    for language in ("en", "zh"):
        words = texts(language)
        assert [reason for reason in reasons if f"case.viewer.why.{reason.replace('.', '_')}" not in words] == []


# Which answer counts


def test_a_late_answer_does_not_overwrite_a_newer_one(room: Callable[..., Room], qtbot: QtBot) -> None:
    at = room(ScriptedPages(wait=True))
    first, second = at.document("first.pdf"), at.document("second.txt", b"words", "text/plain")
    at.show(first, settle=False)
    qtbot.waitUntil(lambda: bool(at.pages.asked), timeout=2000)
    at.show(second, settle=False)
    at.pages.go.set()
    at.settle()
    assert at.part is at.viewer.lines
    assert at.viewer.title.text() == "second.txt"


def test_nothing_comes_up_after_the_case_was_left(room: Callable[..., Room], qtbot: QtBot) -> None:
    at = room(ScriptedPages(wait=True))
    at.show(at.document("a.pdf"), settle=False)
    qtbot.waitUntil(lambda: bool(at.pages.asked), timeout=2000)
    at.viewer.show_nothing()
    at.pages.go.set()
    at.settle()
    assert at.viewer.state.title.text() == "Nothing chosen"


# Sharp, and ahead


def test_a_page_is_drawn_pixel_for_pixel_and_anew_when_it_is_zoomed(room: Callable[..., Room], qtbot: QtBot) -> None:
    at = room()
    at.show(at.document("a.pdf"))
    view = at.viewer.page
    assert view._sheet.page is not None
    assert view._sheet.page.image.width() == view.page_width()
    assert view._sheet.sheet().height() == 2 * view._sheet.wide
    view.zoom(2.0)
    qtbot.waitUntil(lambda: at.pages.asked[-1][2] == view.page_width(), timeout=3000)
    at.settle()
    assert view._sheet.page.image.width() == view.page_width()
    asked = len(at.pages.asked)
    view.zoom(None)
    qtbot.wait(250)
    at.settle()
    assert view._sheet.page.image.width() == view.page_width()
    assert len(at.pages.asked) == asked  # the width of before is kept


def test_a_finer_screen_gets_more_pixels(
    room: Callable[..., Room], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = room()
    at.show(at.document("a.pdf"))
    wide = at.viewer.page._sheet.wide
    monkeypatch.setattr(type(at.viewer.page), "devicePixelRatioF", lambda _: 2.0)
    QApplication.sendEvent(at.viewer.page, QEvent(QEvent.Type.DevicePixelRatioChange))
    qtbot.waitUntil(lambda: (at.pages.asked[0][0], 1, 2 * wide) in at.pages.asked, timeout=3000)
    at.settle()
    assert at.viewer.page._sheet.page is not None
    assert at.viewer.page._sheet.page.image.width() == 2 * wide
    assert at.viewer.page._sheet.wide == wide


def test_neighbours_are_drawn_ahead_and_turned_to_at_once(room: Callable[..., Room]) -> None:
    at = room(ScriptedPages(pages=9))
    at.show(at.document("a.pdf"), Place(page=4))
    assert sorted(page for _, page, _ in at.pages.asked) == [3, 4, 5]
    at.viewer.turn(1)
    assert at.viewer.page_label.text() == "5 of 9"
    assert at.part is at.viewer.page
    at.settle()
    assert sorted(page for _, page, _ in at.pages.asked) == [3, 4, 5, 6]


def test_slow_pages_are_not_drawn_ahead(room: Callable[..., Room], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("views.panels.document_viewer.QUICK_SECONDS", -1.0)
    at = room(ScriptedPages(pages=9))
    at.show(at.document("a.pdf"), Place(page=4))
    assert [page for _, page, _ in at.pages.asked] == [4]


def test_a_page_drawn_ahead_gives_way_to_one_that_is_asked_for(room: Callable[..., Room], qtbot: QtBot) -> None:
    at = room(ScriptedPages(pages=9))
    other = at.document("b.pdf")
    at.show(at.document("a.pdf"), Place(page=4))
    at.pages.wait = True
    at.viewer.turn(1)
    qtbot.waitUntil(lambda: at.pages.asked[-1][1] == 6, timeout=2000)
    at.show(other, settle=False)
    qtbot.waitUntil(lambda: at.pages.asked[-1][0] == other.sha256, timeout=2000)
    at.pages.go.set()
    at.settle()
    assert at.viewer.title.text() == "b.pdf"


# With the real reader


def test_page_250_of_300_opens(room: Callable[..., Room]) -> None:
    at = room(PAGES)
    at.show(at.document("long.pdf", long_pdf(300)), Place(page=250, box=(20, 30, 120, 60)))
    assert at.viewer.page_label.text() == "250 of 300"
    image = at.viewer.page._sheet.page.image  # type: ignore[union-attr]
    assert image.pixelColor(50, 50).red() == pytest.approx(255 * 0.25, abs=1)
    assert at.viewer.page.marked() is not None


def test_a_reader_killed_while_it_draws_costs_one_error_and_never_the_desk(
    room: Callable[..., Room], qtbot: QtBot
) -> None:
    with Pages() as pages:
        at = room(pages)
        at.show(at.document("slow.pdf", slow_pdf()), settle=False)
        killed: list[int] = []

        def kill_both() -> bool:
            child = pages.pid
            if child is not None and child not in killed and len(killed) < 2:
                qtbot.wait(150)  # it draws
                killed.append(child)
                os.kill(child, signal.SIGKILL)
            return at.viewer.state.retry.isVisible()

        qtbot.waitUntil(kill_both, timeout=20_000)
        at.settle()
        assert len(killed) == 2
        assert at.viewer.state.title.text() == "The page cannot be shown"
        assert at.viewer.state.detail.text().startswith("The page reader crashed twice. It was started anew")
        at.show(at.document("good.pdf", long_pdf(2)))
        assert at.part is at.viewer.page
        assert pages.pid not in (None, *killed)


def table_rows(count: int) -> list[tuple[str, int]]:
    return [(f"A-{n}", 100 + n) for n in range(1, count + 1)]


def xlsx(count: int) -> bytes:
    book, out = openpyxl.Workbook(), io.BytesIO()
    assert book.active is not None
    for row in (("Reference", "Amount"), *table_rows(count)):
        book.active.append(row)
    book.save(out)
    return out.getvalue()


def parquet(count: int, folder: Path) -> bytes:
    path = folder / "t.parquet"
    with duckdb.connect() as db:
        db.execute(f"""COPY (SELECT 'A-' || r AS "Reference", 100 + r AS "Amount" FROM range(1, {count + 1}) t(r))
            TO '{path}' (FORMAT parquet)""")
    return path.read_bytes()


@pytest.mark.parametrize("form", ["xlsx", "parquet"])
def test_a_row_of_a_workbook_or_parquet_table_is_shown_and_marked(
    room: Callable[..., Room], form: str, tmp_path: Path
) -> None:
    at = room(PAGES)
    content, row = (xlsx(2000), 1501) if form == "xlsx" else (parquet(2000, tmp_path), 1500)
    at.show(at.document(f"applications.{form}", content, f"application/{form}"), Place(row=row, column="Amount"))
    table = at.viewer.table
    assert at.part is table
    index = table.selectionModel().selectedRows()[0]
    assert [index.siblingAtColumn(column).data() for column in range(2)] == ["A-1500", "1600"]
    assert table.model().headerData(index.row(), Qt.Orientation.Vertical) == str(row)
    assert table.viewport().rect().intersects(table.visualRect(index))


def test_a_damaged_table_is_told(room: Callable[..., Room]) -> None:
    at = room(PAGES)
    at.show(at.document("t.parquet", b"PAR1 and no more", "application/vnd.apache.parquet"))
    assert at.viewer.state.title.text() == "The document cannot be shown"
    assert at.viewer.state.detail.text().startswith("The file holds no readable table.")


def test_a_cancelled_read_is_no_error_of_the_window(room: Callable[..., Room]) -> None:
    at = room(ScriptedPages(failure=Cancelled()))
    errors: list[object] = []
    at.context.tasks.errored.connect(errors.append)
    at.show(at.document("a.pdf"))
    assert at.viewer.state.title.text() == "Not opened: cancelled"
    assert errors == []


def test_buttons_and_wheel_zoom_a_page_and_hide_for_what_is_none(room: Callable[..., Room], qtbot: QtBot) -> None:
    at = room()
    at.show(at.document("a.pdf"))
    wide = at.viewer.page._sheet.wide
    qtbot.mouseClick(at.viewer.larger, Qt.MouseButton.LeftButton)
    assert at.viewer.page._sheet.wide == pytest.approx(1.25 * wide, abs=1)
    qtbot.mouseClick(at.viewer.smaller, Qt.MouseButton.LeftButton)
    assert at.viewer.page._sheet.wide == wide
    for up, ctrl, wanted in ((120, True, 1.25 * wide), (-120, True, wide), (120, False, wide)):
        modifier = Qt.KeyboardModifier.ControlModifier if ctrl else Qt.KeyboardModifier.NoModifier
        middle = QPointF(at.viewer.page.viewport().rect().center())
        turned = QWheelEvent(
            middle, middle, QPoint(), QPoint(0, up), Qt.MouseButton.NoButton, modifier, Qt.ScrollPhase.NoScrollPhase,
            False,
        )  # fmt: skip
        QApplication.sendEvent(at.viewer.page.viewport(), turned)
        assert at.viewer.page._sheet.wide == pytest.approx(wanted, abs=1)
    at.show(at.document("a.txt", b"words", "text/plain"))
    assert not at.viewer.larger.isVisible()


def test_the_cell_that_counts_is_bold(room: Callable[..., Room]) -> None:
    at = room(PAGES)
    at.show(at.document("t.xlsx", xlsx(20), "application/xlsx"), Place(row=7, column="Amount"))
    model = at.viewer.table.model()
    row = at.viewer.table.selectionModel().selectedRows()[0].row()
    fonts = [model.data(model.index(row, column), Qt.ItemDataRole.FontRole) for column in (0, 1)]
    assert fonts[0] is None
    assert fonts[1].bold()


def test_a_page_is_shown_while_files_are_looked_through(room: Callable[..., Room], qtbot: QtBot) -> None:
    at = room()
    done = threading.Event()
    at.context.tasks.run(lambda _: done.wait(20), None, at.viewer, "documents")
    at.show(at.document("a.pdf"), settle=False)
    qtbot.waitUntil(lambda: at.part is at.viewer.page, timeout=5000)
    done.set()
    at.settle()
