"""A click on a figure, wherever it stands, shows the fact behind it at its place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from tests.views.case_fixture import CASE_ID, ENTRIES, SHA, case_view, fact_id
from tests.views.case_stage import Stage
from views.panels.case_screen import CaseScreen
from views.parts.basics import KeyValue
from views.parts.leading import Leading

FIGURES: dict[str, tuple[Callable[[CaseScreen], QWidget], str]] = {
    "what is asked for": (lambda screen: screen.header.requested, "request.amount"),
    "affordability": (lambda screen: screen.header.affordability, "ratio.dsr_after_pct"),
    "score in the foot": (lambda screen: screen.bar.gauge, "score.points"),
    "policy": (lambda screen: screen.bar.policy, "ratio.dsr_after_pct"),
    "what fits": (lambda screen: screen.bar.fits, "offer.amount"),
    "score": (lambda screen: screen.scorecard.gauge, "score.points"),
    "second reason": (
        lambda screen: screen.scorecard.reasons.findChildren(
            QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly
        )[1],
        "ratio.dsr_after_pct",
    ),
}


@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.parametrize("by", ["click", "key"])
def test_a_figure_leads_to_its_fact(stage: Callable[..., Stage], name: str, by: str) -> None:
    at = stage()
    at.open()
    at.show_tab("scorecard")
    find, fact = FIGURES[name]
    widget = find(at.screen)
    if by == "click":
        QTest.mouseClick(widget, Qt.MouseButton.LeftButton, pos=QPoint(4, 4))
    else:
        assert widget.focusPolicy() is Qt.FocusPolicy.TabFocus
        QTest.keyClick(widget, Qt.Key.Key_Return)
    at.settle()
    shown = at.screen.evidence.fact()
    assert shown is not None
    assert shown.id == fact_id(fact)
    assert at.screen.evidence.viewer._document is not None, "its leaves stand in a document"


def test_a_figure_without_a_fact_leads_nowhere(stage: Callable[..., Stage]) -> None:
    facts = tuple(fact for fact in case_view().facts if not fact.name.startswith("score."))
    at = stage(case_view(facts=facts))
    at.open()
    before = at.screen.evidence.fact()
    QTest.mouseClick(at.screen.bar.gauge, Qt.MouseButton.LeftButton)
    assert at.screen.bar.gauge.focusPolicy() is Qt.FocusPolicy.NoFocus
    assert at.screen.evidence.fact() == before


def test_a_press_that_leaves_the_figure_does_nothing(stage: Callable[..., Stage]) -> None:
    value = KeyValue()
    value.show_value("Asked for", "12,000 EUR")
    value.leads.lead_to("f-1")
    chosen: list[str] = []
    value.leads.chosen.connect(chosen.append)
    value.resize(120, 40)
    QTest.mousePress(value, Qt.MouseButton.LeftButton, pos=QPoint(10, 10))
    QTest.mouseRelease(value, Qt.MouseButton.LeftButton, pos=QPoint(10, 400))
    QTest.mouseClick(value, Qt.MouseButton.RightButton, pos=QPoint(10, 10))
    assert chosen == []
    QTest.mouseClick(value, Qt.MouseButton.LeftButton, pos=QPoint(10, 10))
    assert chosen == ["f-1"]
    assert isinstance(value.leads, Leading)


def test_an_entry_of_a_statement_on_pages_opens_its_line(stage: Callable[..., Stage]) -> None:
    box = (40.0, 120.0, 300.0, 132.0)
    entry = replace(ENTRIES[0], document=SHA["form"], page=2, box=box)
    at = stage()
    at.open(CASE_ID)
    at.screen.evidence.show_entry(entry)
    at.settle()
    viewer = at.screen.evidence.viewer
    assert (viewer._place.page, viewer._place.box) == (2, box)
    assert viewer.page.marked() is not None
