"""The evidence: every figure at its place, computations down to their documents, confirming and correcting."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot

from app.domain.facts import Fact, SourceKind
from tests.views import case_files as files
from tests.views.case_fixture import CASE_ID, DOCUMENTS, FACTS, SHA, case_view, contents, fact_id
from tests.views.case_stage import Stage
from views.models.case_reading import (
    SourceWords,
    figure_stance,
    group_of,
    grouped,
    links_of,
    needs_confirmation,
    open_contradictions,
    standing_fact,
    stem,
)
from views.models.facts_model import Mark, fact_rows, finding_rows
from views.models.transactions_model import COLUMNS
from views.panels.document_viewer import DocumentViewer
from views.panels.fact_dialog import FactDialog
from views.parts.chip import FigureChip


def show(at: Stage, name: str) -> Fact:
    at.screen.show_fact(fact_id(name))
    at.settle()
    fact = at.screen.evidence.fact()
    assert fact is not None
    return fact


def test_a_reading_is_boxed_on_its_page(stage: Callable[..., Stage]) -> None:
    at = stage()
    at.open()
    show(at, "income.net_monthly_documented")
    viewer = at.screen.evidence.viewer
    marked = viewer.page.marked()
    assert marked is not None
    sheet = viewer.page._sheet
    scale = sheet.wide / files.PAGE_WIDTH
    left, top, right, bottom = files.NET_PAY_BOX
    assert marked.center().x() == pytest.approx(sheet.left() + (left + right) / 2 * scale, abs=1)
    assert marked.center().y() == pytest.approx(14 + (top + bottom) / 2 * scale, abs=1)
    assert "payslip-2026-10.pdf" in viewer.title.text()


def test_pages_turn_and_the_mark_stays_on_its_own(stage: Callable[..., Stage], qtbot: QtBot) -> None:
    at = stage()
    at.open()
    show(at, "request.amount")
    viewer = at.screen.evidence.viewer
    assert viewer.page_label.text() == "1 of 2"
    assert viewer.page.marked() is not None
    qtbot.keyClick(viewer.page, Qt.Key.Key_PageDown)
    at.settle()
    assert viewer.page_label.text() == "2 of 2"
    assert viewer.page.marked() is None
    assert not viewer.next_page.isEnabled()
    viewer.page.zoom(1.5)
    assert viewer.page._sheet.wide > viewer.page.viewport().width()


def test_the_card_tells_agreement_contradiction_and_use(stage: Callable[..., Stage]) -> None:
    at = stage()
    at.open()
    show(at, "income.net_monthly_documented")
    card = at.screen.evidence.card
    assert card.name.text() == "Documented net monthly income"
    assert card.value.text() == "2,450.00 EUR"
    lines = {key: line.text.text() for key, line in card.lines.items() if not line.isHidden()}
    assert lines["source"] == "Payslip, page 1, confidence 0.99"
    assert lines["agrees"] == "Median salary received: 2,450.00 EUR"
    assert lines["contradicts"] == "Stated net monthly income: 3,100.00 EUR"
    assert lines["feeds"] == "Stated above documented income, Net monthly income used, 1 sentence"


def test_a_computation_walks_down_to_its_document_and_back(stage: Callable[..., Stage], qtbot: QtBot) -> None:
    at = stage()
    at.open()
    evidence = at.screen.evidence
    show(at, "ratio.dsr_after_pct")
    chips = [part for part in evidence.card.inputs.parts() if isinstance(part, FigureChip)]
    assert [chip.fact for chip in chips] == list(FACTS["ratio.dsr_after_pct"].source.inputs)
    qtbot.mouseClick(chips[2], Qt.MouseButton.LeftButton)
    at.settle()
    assert evidence.fact() == FACTS["income.net_monthly"]
    inner = evidence.card.inputs.parts()[0]
    assert isinstance(inner, FigureChip)
    inner.click()
    at.settle()
    assert evidence.fact() == FACTS["income.net_monthly_documented"]
    assert at.screen.documents.current() == SHA["payslip"]
    evidence.go_back()
    evidence.go_back()
    at.settle()
    assert evidence.fact() == FACTS["ratio.dsr_after_pct"]


def marked(viewer: DocumentViewer) -> list[str]:
    """Texts of the lines of a document that are marked."""
    return [extra.cursor.block().text() for extra in viewer.lines.extraSelections()]


def test_a_path_and_a_statement_row_are_marked(stage: Callable[..., Stage]) -> None:
    at = stage()
    at.open()
    viewer = at.screen.evidence.viewer
    show(at, "history.oldest_account_months")
    assert "opened_on" in marked(viewer)[0]
    show(at, "income.net_monthly_banked")
    assert "Ntry" in marked(viewer)[0]
    assert len(marked(viewer)) == 6


def test_a_persons_fact_says_who(stage: Callable[..., Stage]) -> None:
    at = stage()
    at.open()
    show(at, "applicant.dependants")
    lines = at.screen.evidence.card.lines
    assert lines["source"].text.text() == "Given by A. Lind"
    assert lines["confirmed"].text.text() == "A. Lind"
    assert not at.screen.evidence.confirm.isEnabled()


def test_a_bank_entry_opens_its_statement(stage: Callable[..., Stage]) -> None:
    at = stage()
    at.open()
    at.show_tab("cash_flow")
    panel = at.screen.cash_flow
    panel.filter.setText("hyra")
    assert panel.model.rowCount() == 6
    panel.table.selectRow(0)
    at.settle()
    assert any("HYRA LUND" in line for line in marked(at.screen.evidence.viewer))
    panel.direction.setCurrentIndex(1)
    assert panel.model.rowCount() == 0
    salary = next(part for part in panel.recurring.parts() if "LÖN" in part.accessibleName())
    salary.click()  # type: ignore[attr-defined]
    at.settle()
    assert panel.filter.text() == ""
    assert "LÖN ORION LOGISTICS AB" in "".join(marked(at.screen.evidence.viewer))


def test_entries_tell_their_class_and_counterparty(stage: Callable[..., Stage]) -> None:
    at = stage()
    at.open()
    at.show_tab("cash_flow")
    model = at.screen.cash_flow.model
    at.screen.cash_flow.filter.setText("rent")
    assert model.rowCount() == 6
    told = [model.index(0, COLUMNS.index(name)).data() for name in ("text", "party", "purpose")]
    assert told == ["HYRA LUND BOSTÄDER", "Hyra Lund Bostäder", "Rent"]
    at.screen.resize(900, 620)
    at.settle()
    assert at.screen.cash_flow.table.isColumnHidden(COLUMNS.index("party"))


def test_a_missing_original_is_told_and_can_be_tried_again(stage: Callable[..., Stage], qtbot: QtBot) -> None:
    at = stage()
    at.desk.pages.close()  # it would hold the document from an earlier test
    del at.workspace._state.contents[SHA["payslip"]]
    at.open()
    viewer = at.screen.evidence.viewer
    assert viewer.state.isVisible()
    assert "is missing" in viewer.state.detail.text()
    at.workspace._state.contents[SHA["payslip"]] = contents()[SHA["payslip"]]
    qtbot.mouseClick(viewer.state.retry, Qt.MouseButton.LeftButton)
    at.settle()
    assert viewer.page.isVisible()


def test_a_damaged_pdf_does_not_take_the_desk_down(stage: Callable[..., Stage]) -> None:
    at = stage()
    at.desk.pages.close()  # it would hold the document from an earlier test
    at.workspace._state.contents[SHA["payslip"]] = b"%PDF-1.4 and no more"
    at.open()
    assert "not a readable PDF" in at.screen.evidence.viewer.state.detail.text()


def test_c_confirms_the_fact_on_the_card(stage: Callable[..., Stage], qtbot: QtBot) -> None:
    at = stage()
    at.open()
    show(at, "employment.type")
    assert at.screen.header.unconfirmed.text() == "3 of 35 facts to confirm"
    at.screen.activateWindow()
    at.screen.documents.list.setFocus()
    qtbot.keyClick(at.screen.documents.list, Qt.Key.Key_C)
    at.settle()
    fact = at.screen.evidence.fact()
    assert fact is not None
    assert (fact.name, fact.confirmed_by) == ("employment.type", "A. Lind")
    assert fact.supersedes == fact_id("employment.type")
    assert at.screen.header.unconfirmed.text().startswith("2 of")
    assert not at.screen.evidence.confirm.isEnabled()
    assert at.errors == []


def correcting(at: Stage, name: str) -> FactDialog:
    show(at, name)
    at.screen.evidence.correct.click()
    dialog = at.screen.jobs.dialog
    assert isinstance(dialog, FactDialog)
    return dialog


def test_a_correction_needs_value_and_reason_and_supersedes(stage: Callable[..., Stage]) -> None:
    at = stage()
    at.open()
    dialog = correcting(at, "income.net_monthly_stated")
    dialog.value.setText("2450")  # type: ignore[union-attr]
    dialog.submit()
    assert dialog.error.text() == "Say how you know, such as a letter or a call."
    dialog.reason.setText("Call of 19 November")
    dialog.submit()
    at.settle()
    view = at.screen.view
    assert view is not None
    fact = view.named("income.net_monthly_stated")
    assert fact is not None
    assert (fact.value, fact.source.kind, fact.source.person) == (Decimal(2450), SourceKind.PERSON, "A. Lind")
    assert at.screen.header.contradictions.isHidden()
    at.show_tab("history")
    assert "3,100.00 EUR" in [at.screen.history.facts._rows[n][1] for n in range(at.screen.history.facts.rowCount())]


def test_a_value_the_catalogue_refuses_is_told_in_the_dialog(stage: Callable[..., Stage]) -> None:
    at = stage()
    at.open()
    dialog = correcting(at, "income.net_monthly_stated")
    dialog.value.setText("a lot")  # type: ignore[union-attr]
    dialog.reason.setText("Call")
    dialog.submit()
    at.settle()
    assert dialog.isVisible()
    assert dialog.error.text()
    assert at.errors == []
    dialog.reject()


def test_a_category_is_chosen_not_typed(stage: Callable[..., Stage]) -> None:
    at = stage()
    at.open()
    dialog = correcting(at, "employment.type")
    assert isinstance(dialog.value, QComboBox)
    assert dialog.value.currentText() == "Permanent job"
    assert dialog.typed() == "fixed"
    dialog.reject()


def test_what_only_follows_cannot_be_corrected(stage: Callable[..., Stage]) -> None:
    at = stage()
    at.open()
    for name in ("ratio.dsr_after_pct", "limit.dsr_pct", "score.points"):
        show(at, name)
        assert not at.screen.evidence.correct.isEnabled()
    show(at, "income.net_monthly")
    assert at.screen.evidence.correct.isEnabled()


# Reading a case


def test_facts_are_grouped_in_the_order_a_case_is_read() -> None:
    from tests.doubles import load_catalogue

    groups = grouped(case_view().facts, load_catalogue())
    assert [name for name, _ in groups] == ["request", "income", "debts", "history", "cashflow", "score"]
    assert [fact.name for fact in groups[0][1]][:2] == ["applicant.name", "applicant.dependants"]
    assert sum(len(facts) for _, facts in groups) == len(FACTS)
    assert group_of("lender.own_fact") == "other"


def test_a_contradiction_is_settled_by_a_person() -> None:
    view = case_view()
    assert [finding.code for finding in open_contradictions(view)] == ["income.contradiction"]
    stated = FACTS["income.net_monthly_stated"]
    settled = replace(view, facts=tuple(replace(f, confirmed_by="B") if f.id == stated.id else f for f in view.facts))
    assert open_contradictions(settled) == []


def test_readings_of_one_thing_share_a_stem() -> None:
    assert stem("income.net_monthly_stated") == stem("income.net_monthly_banked") == stem("income.net_monthly")
    assert stem("debt.instalments_seen") == "debt.instalments"
    assert stem("history.accounts") == "history.accounts"


def test_links_name_computations_clauses_and_sentences() -> None:
    view = case_view()
    links = links_of(view, FACTS["ratio.dsr_after_pct"])
    assert links.clauses == ("affordability 4.2",)
    assert links.in_score
    assert links.sentences == 3
    assert not links.agrees
    assert not links.contradicts
    income = links_of(view, FACTS["income.net_monthly"])
    assert {fact.name for fact in income.computed} == {"ratio.dsr_after_pct", "offer.amount", "offer.dsr_pct"}


def test_only_unsure_readings_ask_for_a_person() -> None:
    asks = {fact.name for fact in case_view().facts if needs_confirmation(fact)}
    assert asks == {"debt.outstanding", "employment.type", "employment.seniority_years"}


def test_a_superseded_fact_is_found_by_the_one_that_took_its_place() -> None:
    view = case_view()
    old = FACTS["employment.type"]
    new = replace(old, id="fnew", supersedes=old.id)
    later = replace(view, facts=tuple(new if fact.id == old.id else fact for fact in view.facts))
    assert standing_fact(later, old.id) == new
    assert standing_fact(later, "gone", "employment.type") == new
    assert standing_fact(later, "gone") is None


def test_the_stated_side_of_a_contradiction_is_the_adverse_one() -> None:
    view = case_view()
    assert figure_stance(view, fact_id("income.net_monthly_documented")) == "neutral"
    assert figure_stance(view, fact_id("income.net_monthly_stated")) == "adverse"
    assert figure_stance(view, fact_id("income.salary_months_seen")) == "favourable"


def test_sources_are_told_in_one_line() -> None:
    from tests.doubles import load_catalogue

    words = SourceWords(case_view(), load_catalogue(), "en")
    assert words.line(FACTS["request.amount"]) == "Application form, page 1, confidence 0.98"
    assert words.line(FACTS["limit.dsr_pct"]) == "Policy, affordability 4.2"
    assert words.line(FACTS["history.enquiries_3m"]) == "Bureau report, $.enquiries"
    assert words.document("0" * 64) == "a document not in this file"
    assert len(DOCUMENTS) == 7


def test_rows_of_the_overview_say_everything_aloud(stage: Callable[..., Stage]) -> None:
    at = stage()
    view = at.open()
    rows = fact_rows(view, at.context)
    by_title = {row.title: row for row in rows}
    assert by_title["Dependants"].mark is Mark.CONFIRMED
    assert by_title["Employment"].mark is Mark.ASKS
    assert by_title["Employment"].value == "Permanent job"
    assert by_title["Income and work"].heading
    findings = {row.title: row for row in finding_rows(view, at.context)}
    exceeds = findings["Instalments exceed the limit"]
    assert exceeds.detail == "affordability 4.2 · Policy limit of instalments to income 40 %"
    at.show_tab("overview")
    model = at.screen.overview.facts
    index = model.index_of(fact_id("employment.type"))
    assert model.data(index, Qt.ItemDataRole.AccessibleTextRole) == (
        "Employment, Permanent job, Application form, page 1, confidence 0.9, neutral, to be confirmed"
    )
    assert not model.flags(model.index(0)) & Qt.ItemFlag.ItemIsSelectable


def test_arrow_keys_in_the_overview_show_evidence(stage: Callable[..., Stage], qtbot: QtBot) -> None:
    at = stage()
    at.open()
    at.show_tab("overview")
    at.screen.activateWindow()
    facts = at.screen.overview.fact_list
    facts.setFocus()
    facts.setCurrentIndex(at.screen.overview.facts.index_of(fact_id("request.amount")))
    qtbot.keyClick(facts, Qt.Key.Key_Down)
    at.settle()
    fact = at.screen.evidence.fact()
    assert fact is not None
    assert fact.name == "request.term_months"
    assert fact.case_id == CASE_ID
    finding = at.screen.overview.findings.index_of("history.enquiries_high")
    at.screen.overview.finding_list.clicked.emit(finding)
    at.settle()
    assert at.screen.evidence.fact() == FACTS["history.enquiries_3m"]
    cards = at.screen.overview.contradictions.findChildren(FigureChip)
    assert [card.text() for card in cards] == ["2,450.00 EUR", "3,100.00 EUR"]
