"""The window over a real, encrypted workspace: import a table, mend its reject, open a case, cancel an import."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.bootstrap import create_desk, open_desk, samples_folder
from views.app import close_context, make_context
from views.context import Context
from views.main_window import MainWindow
from views.strings import use_language
from views.theme import apply_theme, theme_named

HEADER = "Reference,Name,Income,Home,Amount,Term"
GOOD = ("A-1,Ada Lund,3100,rent,12000,36", "A-2,Bo Ek,2450.50,owner,8000,24")
BAD = "A-3,Cy Holm,1900,rent,plenty,12"


def passphrase(new: bool) -> str:
    return "correct horse battery"


@pytest.fixture
def context(qapp: QApplication, tmp_path: Path) -> Iterator[Context]:
    create_desk(tmp_path / "ws", person="Vera Holm", passphrase=passphrase, use_keyring=False).close()
    use_language("en")
    desk = open_desk(tmp_path / "ws", passphrase=passphrase)
    made = make_context(desk)
    faults: list[BaseException] = []
    made.tasks.crashed.connect(faults.append)
    apply_theme(qapp, made.theme)
    yield made
    close_context(made)
    desk.close()
    use_language("en")
    apply_theme(qapp, theme_named("light"))
    for fault in faults:
        raise fault


@pytest.fixture
def window(qtbot: QtBot, context: Context) -> MainWindow:
    made = MainWindow(context)
    qtbot.addWidget(made)
    made.show()
    made.start()
    return made


@pytest.fixture
def quiet(qtbot: QtBot, context: Context) -> Callable[[], None]:
    def wait() -> None:
        for _ in range(3):
            qtbot.waitUntil(context.tasks.idle, timeout=60_000)
            QApplication.processEvents()

    return wait


def table_in(folder: Path, *lines: str) -> Path:
    file = folder / "applications.csv"
    file.write_text("\n".join((HEADER, *lines)) + "\n", encoding="utf-8")
    return file


def test_a_table_goes_in_and_its_reject_after_it(window: MainWindow, quiet: Callable[[], None], tmp_path: Path) -> None:
    panel: Any = window.panel("import")
    queue: Any = window.panel("queue")
    window.import_paths([table_in(tmp_path, *GOOD, BAD)])
    quiet()
    assert panel.stack.currentWidget() is panel.mapping
    panel.mapping.confirm.click()
    quiet()
    assert panel.stack.currentWidget() is panel.result
    assert (panel.outcome.cases, panel.outcome.rejected) == (2, 1)
    panel.see_rejects.click()
    quiet()
    rejects: Any = window.panel("rejects")
    assert rejects.raw.toPlainText() == BAD
    assert "“plenty” is not a number" in rejects._why.text()
    rejects.raw.setPlainText(BAD.replace("plenty", "5000"))
    rejects.again.click()
    quiet()
    assert rejects.model.rowCount() == 0
    window.show_screen("queue")
    quiet()
    assert queue.model.rowCount() == 3
    assert {queue.model.case_at(row).applicant for row in range(3)} == {"Ada Lund", "Bo Ek", "Cy Holm"}


def test_the_next_file_of_that_shape_is_not_asked_about(
    window: MainWindow, quiet: Callable[[], None], tmp_path: Path
) -> None:
    panel: Any = window.panel("import")
    window.import_paths([table_in(tmp_path, GOOD[0])])
    quiet()
    panel.mapping.confirm.click()
    quiet()
    window.import_paths([table_in(tmp_path, GOOD[1])])
    quiet()
    assert panel.stack.currentWidget() is panel.result
    assert panel.outcome.cases == 1


def test_a_folder_becomes_a_case_that_opens(window: MainWindow, quiet: Callable[[], None], tmp_path: Path) -> None:
    folder = tmp_path / "good"
    shutil.copytree(samples_folder() / "folders" / "good", folder)
    window.import_paths([folder])
    quiet()
    panel: Any = window.panel("import")
    assert panel.outcome.cases == 1
    assert panel.outcome.documents >= 5
    panel.lead_on.click()
    quiet()
    case: Any = window.panel("case")
    assert case.view is not None
    assert case.view.case.id == panel.outcome.case_ids[0]
    assert window.rail.selected() == "case"
    assert case.view.score is not None
    documents = window._documents()
    assert len(documents) == len(case.view.documents)
    documents[-1][1]()


def test_a_cancelled_import_leaves_nothing(
    qtbot: QtBot, window: MainWindow, quiet: Callable[[], None], tmp_path: Path, context: Context
) -> None:
    lines = (
        f"B-{number},Name {number},{2000 + number % 900},rent,{5000 + number % 9000},36" for number in range(150_000)
    )
    window.import_paths([table_in(tmp_path, *lines)])
    quiet()
    panel: Any = window.panel("import")
    panel.mapping.confirm.click()
    qtbot.waitUntil(lambda: panel._step.text().strip() != "", timeout=30_000)
    panel.cancel.click()
    quiet()
    assert panel.stack.currentWidget() is panel.start
    assert panel.notice.message.text() == "Cancelled. Nothing was left half-done."
    with context.desk.workspace.read() as stores:
        assert stores.cases.count() == 0
    assert list((context.desk.workspace.path / "incoming").iterdir()) == []


def test_a_file_that_cannot_be_used_is_told(window: MainWindow, quiet: Callable[[], None], tmp_path: Path) -> None:
    empty = tmp_path / "empty.csv"
    empty.touch()
    window.import_paths([empty])
    quiet()
    panel: Any = window.panel("import")
    assert panel.notice.isVisible()
    assert "The file is empty." in panel.notice.message.text()
    assert panel.stack.currentWidget() is panel.start


def test_settings_outlive_the_window(
    window: MainWindow, quiet: Callable[[], None], tmp_path: Path, context: Context
) -> None:
    window.set_theme("dark")
    window.set_language("zh")
    context.settings.put("person.name", "Bo Ek")
    quiet()
    window.close()
    close_context(context)
    context.desk.close()
    with open_desk(tmp_path / "ws", passphrase=passphrase) as again:
        assert again.person == "Bo Ek"
        kept = make_context(again)
        assert (kept.language, kept.theme.name) == ("zh", "dark")
        close_context(kept)
