"""Changes reach the views that show them, hidden ones at their next look, and none that is gone."""

from __future__ import annotations

import shiboken6
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.domain.changes import Changes
from views.refresh import Refresh


def watched(qtbot: QtBot, refresh: Refresh, flags: Changes) -> tuple[QWidget, list[str | None]]:
    widget = QWidget()
    qtbot.addWidget(widget)
    reloads: list[str | None] = []
    refresh.watch(widget, flags, reloads.append)
    return widget, reloads


def test_a_visible_view_reloads_on_its_own_flag_only(qtbot: QtBot) -> None:
    refresh = Refresh()
    widget, reloads = watched(qtbot, refresh, Changes.SCORE | Changes.POLICY)
    widget.show()
    refresh.broadcast(Changes.FACTS, "C-1")
    assert reloads == []
    refresh.broadcast(Changes.POLICY | Changes.FACTS, "C-1")
    assert reloads == ["C-1"]


def test_nothing_changed_tells_nobody(qtbot: QtBot) -> None:
    refresh = Refresh()
    with qtbot.assertNotEmitted(refresh.changed):
        refresh.broadcast(Changes.NOTHING)


def test_a_hidden_view_reloads_once_when_it_is_shown(qtbot: QtBot) -> None:
    refresh = Refresh()
    widget, reloads = watched(qtbot, refresh, Changes.CASES)
    refresh.broadcast(Changes.CASES, "C-1")
    refresh.broadcast(Changes.CASES, "C-1")
    assert reloads == []
    widget.show()
    assert reloads == ["C-1"]
    widget.hide()
    widget.show()
    assert reloads == ["C-1"]


def test_changes_of_several_cases_while_hidden_become_one_of_all(qtbot: QtBot) -> None:
    refresh = Refresh()
    widget, reloads = watched(qtbot, refresh, Changes.CASES)
    refresh.broadcast(Changes.CASES, "C-1")
    refresh.broadcast(Changes.CASES, "C-2")
    widget.show()
    assert reloads == [None]


def test_a_view_that_is_gone_is_not_called(qtbot: QtBot) -> None:
    refresh = Refresh()
    widget = QWidget()
    reloads: list[str | None] = []
    refresh.watch(widget, Changes.CASES, reloads.append)
    widget.show()
    shiboken6.delete(widget)
    refresh.broadcast(Changes.CASES)
    assert reloads == []
