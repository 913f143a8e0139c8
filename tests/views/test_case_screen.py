"""The case screen as a whole: opening, tabs, keys, states, languages."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLineEdit, QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot

from app.domain.changes import Changes
from app.domain.facts import Stance
from tests.views.case_fixture import CASE_ID, POLICY, SCORE, SHA, case_view, fact_id
from tests.views.case_stage import Stage
from views.panels.case_header import affordability
from views.panels.case_screen import TABS
from views.panels.document_list import contradicted_documents, document_note, entries_of
from views.parts.zones import zones_of
from views.theme import apply_theme, theme_named

PICTURES = Path(__file__).resolve().parents[2] / "build" / "screenshots"


def test_opening_a_case_fills_head_documents_and_bar(stage: Callable[..., Stage], qtbot: QtBot) -> None:
    at = stage()
    with qtbot.waitSignal(at.screen.case_changed) as changed:
        at.screen.open_case(CASE_ID)
    at.settle()
    screen = at.screen
    assert changed.args == [CASE_ID]
    assert screen.header.applicant.text() == "Sample applicant 418"
    assert "C-2026-000418 · Instalment loan · Branch Lund" in screen.header.identity.text()
    assert screen.header.requested.value.text() == "12,000.00 EUR · 36 months"
    assert screen.header.affordability.value.text() == "47 % of net income, limit 40 %"
    assert screen.header.affordability.value.property("role") == "value-adverse"
    assert screen.header.contradictions.text() == "1 contradiction open"
    assert screen.header.unconfirmed.text() == "3 of 35 facts to confirm"
    assert screen.documents.list.count() == 7
    assert screen.documents.heading.text() == "FILE · 7 DOCUMENTS"
    assert screen.bar.policy.value.text() == "Refer: affordability 4.2"
    assert screen.bar.fits.value.text() == "8,500.00 EUR · 36 months · 9.9 %"
    assert screen.bar.gauge.words() == "Score 612, grade C, probability of default 8.1 %"


def test_the_evidence_opens_at_the_weightiest_reading(stage: Callable[..., Stage]) -> None:
    at = stage()
    at.open()
    fact = at.screen.evidence.fact()
    assert fact is not None
    assert fact.name == "income.net_monthly_documented"
    assert at.screen.documents.current() == SHA["payslip"]


def test_zones_are_those_of_the_policy_that_judged_the_case(stage: Callable[..., Stage]) -> None:
    at = stage()
    card = at.desk.scorecard()
    stricter = json.loads(json.dumps(at.desk.policy.document).replace(">= 30", ">= 12"))
    then = at.desk.policies._policy(stricter, "instalment-loan")
    with at.workspace.transaction() as stores:
        stores.policies.keep_policy(then.sha256, stricter)
        stores.policies.put(CASE_ID, replace(POLICY, sha256=then.sha256))
        stores.scores.put(CASE_ID, replace(SCORE, sha256=card.sha256))
    at.open()
    judged, now = zones_of(stricter, card), zones_of(at.desk.policy.document, card)
    assert judged is not None
    assert judged != now
    assert at.screen.jobs.zones == judged
    with at.workspace.transaction() as stores:
        stores.policies.keep_policy(at.desk.policy.sha256, at.desk.policy.document)
        stores.policies.put(CASE_ID, replace(POLICY, sha256=at.desk.policy.sha256))
    at.context.refresh.broadcast(Changes.POLICY, CASE_ID)
    at.settle()
    assert at.screen.jobs.zones == now  # judged anew, under the policy of today


def test_every_tab_fills_when_it_is_looked_at(stage: Callable[..., Stage]) -> None:
    at = stage()
    at.open()
    screen = at.screen
    assert screen.overview.facts.rowCount() == 0
    for name in TABS:
        at.show_tab(name)
    assert screen.overview.facts.rowCount() > 35
    assert len(screen.scorecard.chart.rows()) == 8
    assert screen.cash_flow.model.rowCount() == 254
    assert screen.history.events.rowCount() == 6
    assert screen.history.chain.text() == "The audit chain holds"


def test_number_keys_change_the_tab(stage: Callable[..., Stage], qtbot: QtBot) -> None:
    at = stage()
    at.open()
    at.screen.activateWindow()
    at.screen.documents.list.setFocus()
    for key, name in ((Qt.Key.Key_1, "overview"), (Qt.Key.Key_4, "cash_flow"), (Qt.Key.Key_2, "report")):
        qtbot.keyClick(at.screen.documents.list, key)
        at.settle()
        assert at.screen.pages.currentWidget() is getattr(at.screen, name)


def test_a_case_that_is_not_there_says_so_and_can_be_tried_again(stage: Callable[..., Stage], qtbot: QtBot) -> None:
    at = stage()
    at.screen.open_case("C-1999-000001")
    at.settle()
    assert at.screen.view is None
    assert at.screen.state.isVisible()
    assert "There is no case C-1999-000001" in at.screen.state.detail.text()
    assert at.screen.state.retry.isVisible()
    assert at.errors == []
    qtbot.mouseClick(at.screen.state.retry, Qt.MouseButton.LeftButton)
    assert at.screen.state.bar.isVisible()
    at.settle()
    at.open(CASE_ID)
    assert at.screen.header.isVisible()


def test_an_empty_case_shows_empty_states_everywhere(stage: Callable[..., Stage]) -> None:
    bare = case_view(
        documents=(), facts=(), findings=(), score=None, policy=None, report=None, first_opinion=None, transactions=()
    )
    at = stage(replace(bare, case=replace(bare.case, applicant="", amount=None, term_months=None)))
    at.open()
    screen = at.screen
    assert screen.header.applicant.text() == "Unnamed applicant"
    assert screen.header.requested.isHidden()
    assert screen.documents.empty.isVisible()
    assert screen.evidence.viewer.state.title.text() == "Nothing chosen"
    for name in TABS:
        at.show_tab(name)
    at.show_tab("overview")
    assert screen.overview.no_facts.isVisible()
    at.show_tab("scorecard")
    assert screen.scorecard.state.isVisible()
    at.show_tab("cash_flow")
    assert screen.cash_flow.state.isVisible()
    assert screen.bar.gauge.words() == "Not scored yet"


def test_a_broadcast_change_reloads_only_this_case(stage: Callable[..., Stage]) -> None:
    at = stage()
    at.open()
    with at.workspace.transaction() as stores:
        stores.cases.update_head(replace(at.screen.view.case, applicant="Renamed"))  # type: ignore[union-attr]
    at.context.refresh.broadcast(Changes.CASES, "C-2026-000001")
    at.settle()
    assert at.screen.header.applicant.text() == "Sample applicant 418"
    at.context.refresh.broadcast(Changes.CASES, CASE_ID)
    at.settle()
    assert at.screen.header.applicant.text() == "Renamed"


def test_language_and_theme_change_in_place(stage: Callable[..., Stage]) -> None:
    from views.strings import use_language

    at = stage()
    at.open()
    use_language("zh")
    at.context.language = "zh"
    at.context.refresh.language_changed.emit("zh")
    at.settle()
    assert at.screen.tabs.tabText(1) == "报告"
    assert at.screen.evidence.confirm.accessibleName() == "确认"
    assert at.screen.header.requested.caption.text() == "申请"
    assert at.screen.report.counts.text() == "24 句 · 模型撰写 19 句 · 4 句退回规则 · 您撰写 1 句"


SIZES = [("en", "light", 1600), ("zh", "dark", 1280), ("en", "dark", 1280)]


@pytest.mark.parametrize(("language", "theme", "width"), SIZES)
def test_every_tab_fits_its_window(
    qapp: QApplication, stage: Callable[..., Stage], language: str, theme: str, width: int
) -> None:
    apply_theme(qapp, theme_named(theme))
    at = stage(language=language, theme=theme)
    high = 1000 if width == 1600 else 720
    at.screen.resize(width - 56, high - 48)
    at.open()
    PICTURES.mkdir(parents=True, exist_ok=True)
    for name in TABS:
        at.show_tab(name)
        assert at.screen.width() == width - 56, f"{name} forces the window wider"
        assert at.screen.height() == high - 48, f"{name} forces the window taller"
        assert at.screen.grab().save(str(PICTURES / f"case-{name}-{theme}-{language}.png"))


def test_inputs_and_buttons_have_accessible_names(stage: Callable[..., Stage]) -> None:
    at = stage()
    at.open()
    for name in TABS:
        at.show_tab(name)
    nameless = [
        widget
        for kind in (QAbstractButton, QLineEdit, QPlainTextEdit, QComboBox)
        for widget in at.screen.findChildren(kind)
        if widget.isVisibleTo(at.screen) and not widget.accessibleName() and not _words(widget)
    ]
    assert nameless == []


def _words(widget: QWidget) -> str:
    """What a screen reader reads for want of a name; parts of Qt's own widgets are theirs to name."""
    own = widget.parentWidget()
    if (
        isinstance(own, QLineEdit | QComboBox)
        or widget.objectName().startswith("qt_")
        or "Corner" in type(widget).__name__
    ):
        return "part of another"
    return str(getattr(widget, "text", lambda: "")()) if isinstance(widget, QAbstractButton) else ""


def test_only_the_screen_is_a_window(stage: Callable[..., Stage]) -> None:
    at = stage()
    at.open()
    for name in TABS:
        at.show_tab(name)
    shown = [each for each in QApplication.topLevelWidgets() if each.isVisible()]
    assert shown == [at.screen]


def test_the_affordability_is_coloured_by_its_limit() -> None:
    view = case_view()
    assert affordability(view) == ("47 % of net income, limit 40 %", Stance.ADVERSE)
    without = replace(view, facts=tuple(fact for fact in view.facts if fact.name != "limit.dsr_pct"))
    assert affordability(without) == ("47 % of net income", Stance.NEUTRAL)
    assert affordability(replace(view, facts=())) == ("", Stance.NEUTRAL)


def test_a_document_is_marked_where_its_reading_contradicts() -> None:
    view = case_view()
    against = contradicted_documents(view)
    assert {key: [other.sha256 for other in others] for key, others in against.items()} == {
        SHA["payslip"]: [SHA["form"]]
    }
    payslip = next(entry for entry in entries_of(view) if entry.document.sha256 == SHA["payslip"])
    assert payslip.stance is Stance.ADVERSE
    assert payslip.note.endswith("differs from: Application form")
    assert document_note(view.documents[0], 8) == "PDF · 2 pages · 18 facts"
    assert document_note(replace(view.documents[0], note=""), 1) == "PDF · 2 pages · 1 fact"
    assert document_note(replace(view.documents[4], note="PNG"), 0) == "PNG · no facts read"


def test_the_palette_can_ask_for_a_document(stage: Callable[..., Stage]) -> None:
    at = stage()
    at.open()
    at.screen.show_document(SHA["call"])
    at.settle()
    assert at.screen.documents.current() == SHA["call"]
    assert "75 percent" in at.screen.evidence.viewer.lines.toPlainText()
    assert at.screen.evidence.fact() is None
    assert fact_id("request.amount")
