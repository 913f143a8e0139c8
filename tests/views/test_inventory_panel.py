"""The inventory page: what is listed, filters, and the way from found to approved to retired."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from pytestqt.qtbot import QtBot

from app.domain.inventory import Act, PartKind, State
from views.context import Context
from views.panels.inventory_panel import InventoryPanel
from views.strings import tr, use_language

MakeContext = Callable[..., Context]
Settle = Callable[[], None]


@pytest.fixture
def page(qtbot: QtBot, shell_context: MakeContext, settle: Settle) -> InventoryPanel:
    panel = InventoryPanel(shell_context(3))
    qtbot.addWidget(panel)
    panel.resize(1200, 760)
    panel.show()
    settle()
    return panel


def choose(page: InventoryPanel, name: str) -> None:
    page.table.selectRow(next(at for at, entry in enumerate(page.shown) if entry.part.name == name))


def state(page: InventoryPanel, name: str) -> State:
    entry = next(entry for entry in page.entries if entry.part.name == name)
    return entry.state(page._context.desk.clock.now().date())


def act(page: InventoryPanel, settle: Settle, what: Act, **typed: str) -> None:
    page.open(what)
    assert page.dialog is not None
    for field, text in typed.items():
        getattr(page.dialog, field).setText(text)
    page.dialog.submit()
    settle()


def test_every_kind_of_part_that_ships_is_listed(page: InventoryPanel) -> None:
    kinds = {entry.part.kind for entry in page.shown}
    assert kinds >= {PartKind.MODEL, PartKind.PROMPTS, PartKind.PHRASES, PartKind.SCORECARD, PartKind.POLICY}
    assert page.table.rowCount() == len(page.entries)
    assert page.values["sha256"].text() == page.shown[0].part.sha256


def test_filters_narrow_the_table(page: InventoryPanel) -> None:
    page.kind.setCurrentIndex(page.kind.findData("policy"))
    assert [entry.part.name for entry in page.shown] == ["instalment-loan"]
    page.filter.setCurrentIndex(page.filter.findData("retired"))
    assert page.stack.currentWidget() is page.empty
    page.kind.setCurrentIndex(0)
    page.filter.setCurrentIndex(page.filter.findData("open"))
    assert all(entry.part.in_use for entry in page.shown)
    page.search.setText("report-sentences")
    assert {entry.part.kind for entry in page.shown} == {PartKind.PHRASES}
    assert page.shown[0].part.name == "report-sentences"


def test_from_found_to_approved_to_retired(page: InventoryPanel, settle: Settle) -> None:
    choose(page, "report-sentences")
    assert not page.buttons[Act.APPROVED].isEnabled()
    act(page, settle, Act.REGISTERED, owner="Risk", text="Rule sentences")
    assert page.dialog is None
    assert state(page, "report-sentences") is State.REGISTERED
    assert page.values["purpose"].text() == "Rule sentences"
    act(page, settle, Act.APPROVED, person="Bo Ek", text="read through")
    assert state(page, "report-sentences") is State.APPROVED
    assert "Bo Ek" in page.values["approved"].text()
    act(page, settle, Act.RETIRED, text="reworded")
    assert state(page, "report-sentences") is State.RETIRED
    assert "reworded" in page.values["approved"].text()
    assert not page.buttons[Act.RETIRED].isEnabled()


def test_who_registered_cannot_approve_and_is_told_in_the_dialog(page: InventoryPanel, settle: Settle) -> None:
    choose(page, "report-sentences")
    act(page, settle, Act.REGISTERED, owner="Risk", text="Rule sentences")
    page.open(Act.APPROVED)
    assert page.dialog is not None
    assert page.dialog.person.text() == ""
    page.dialog.person.setText(page._context.desk.person)
    page.dialog.submit()
    settle()
    assert not page.dialog.error.isHidden()
    assert page.dialog.keep.isEnabled()
    assert state(page, "report-sentences") is State.REGISTERED


def test_an_approval_may_have_a_last_day(page: InventoryPanel, settle: Settle) -> None:
    choose(page, "report-sentences")
    act(page, settle, Act.REGISTERED, owner="Risk", text="Rule sentences")
    page.open(Act.APPROVED)
    assert page.dialog is not None
    page.dialog.ends.setChecked(True)
    page.dialog.person.setText("Bo Ek")
    page.dialog.submit()
    settle()
    entry = page.entry()
    assert entry is not None
    assert entry.approval is not None
    assert isinstance(entry.approval.valid_to, date)


def test_the_page_speaks_chinese(page: InventoryPanel) -> None:
    use_language("zh")
    page._context.refresh.language_changed.emit("zh")
    assert page.buttons[Act.RETIRED].text() == "停用"
    assert page.table.horizontalHeaderItem(0).text() == tr("inventory.column.kind")
