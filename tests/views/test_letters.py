"""Letters in the window: the clock, the dialog with its page, saving, what stands before a seal, settings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from docx import Document
from pytestqt.qtbot import QtBot

from app.domain.case import Decision, Outcome, Reason, Status
from app.domain.facts import Stance
from app.domain.notices import LetterKind, Notice, NoticeState, Trigger
from app.usecases.lender import keep_lender
from app.usecases.show_case import show_case
from tests.views.case_fixture import CASE, CASE_ID, case_view, fact_id
from tests.views.case_stage import Stage
from views.context import Context
from views.panels.decision_dialog import DecisionDialog
from views.panels.lender_form import LenderForm
from views.panels.letter_actions import ConflictDialog
from views.panels.letter_dialog import LetterDialog, kinds_for
from views.parts.notice_words import notice_tip, notice_words
from views.strings import tr, use_language

LENDER = {
    "name": "Nordlys Finance",
    "address": "1 Harbor Street",
    "phone": "555",
    "bureau_address": "PO",
    "bureau_phone": "8",
}
DUE = Notice(
    "us-ecoa-reg-b", "1", NoticeState.DUE, Trigger.COMPLETE, date(2026, 11, 20), date(2026, 12, 20), 29,
    LetterKind.ACTION, citation="12 CFR 1002.9(a)(1)(i)",
)  # fmt: skip


@pytest.fixture
def assessed(stage: Callable[..., Stage]) -> Stage:
    """The drawn case assessed by the shipped scorecard and policy, at a lender whose particulars are set."""
    at = stage()
    keep_lender(at.workspace, LENDER)  # type: ignore[arg-type]
    at.desk.assess(CASE_ID)
    at.open()
    return at


@pytest.fixture
def declined(assessed: Stage) -> Stage:
    decide(assessed)
    return assessed


def decide(at: Stage) -> Decision:
    view = show_case(CASE_ID, at.workspace)  # type: ignore[arg-type]
    reasons = at.desk.propose_reasons(view)
    decision = Decision(
        Outcome.DECLINE, None, "EUR", None, None, (), "Too much of the income.", reasons, "A. Lind", "underwriter",
        "authority 5.1", None, datetime(2026, 11, 21, 11, 0, tzinfo=UTC),
    )  # fmt: skip
    with at.workspace.transaction() as stores:
        stores.decisions.put(CASE_ID, decision)
        stores.cases.set_status(CASE_ID, Status.DECIDED)
    at.open()
    return decision


def dialog_of(at: Stage) -> LetterDialog:
    at.settle()
    dialog = at.screen.letters.dialog
    assert isinstance(dialog, LetterDialog)
    return dialog


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, ("Notice due", "20 Dec · 29 days", Stance.NEUTRAL)),
        ({"days_left": 5}, ("Notice due", "20 Dec · 5 days", Stance.ADVERSE)),
        ({"days_left": 1}, ("Notice due", "20 Dec · 1 day", Stance.ADVERSE)),
        ({"days_left": 0}, ("Notice due", "20 Dec · today", Stance.ADVERSE)),
        ({"days_left": -1, "state": NoticeState.OVERDUE}, ("Notice due", "20 Dec · 1 day overdue", Stance.ADVERSE)),
        ({"days_left": -3, "state": NoticeState.OVERDUE}, ("Notice due", "20 Dec · 3 days overdue", Stance.ADVERSE)),
        ({"state": NoticeState.GIVEN, "given_on": date(2026, 11, 22)}, ("Notice given", "22 Nov", Stance.FAVOURABLE)),
        ({"state": NoticeState.WAITING, "answer_by": date(2027, 1, 4)}, ("Answer awaited", "by 4 Jan", Stance.NEUTRAL)),
        ({"state": NoticeState.NONE, "days_left": None}, ("", "", Stance.NEUTRAL)),
    ],
)
def test_the_clock_in_words(changes: dict[str, object], words: tuple[str, str, Stance]) -> None:
    assert notice_words(replace(DUE, **changes), "en") == words  # type: ignore[arg-type]


def test_the_clock_says_what_it_rests_on_in_both_languages() -> None:
    assert notice_tip(DUE, "en") == "Runs from the complete application, 20 Nov 2026: 12 CFR 1002.9(a)(1)(i)."
    assert notice_words(None, "en") == ("", "", Stance.NEUTRAL)
    use_language("zh")
    assert notice_words(DUE, "zh")[1] == "12月20日 · 剩 29 天"
    use_language("en")


def test_the_head_of_a_case_shows_the_clock(assessed: Stage) -> None:
    received = CASE.received_on
    assert received is not None
    notice = assessed.screen.view.notice if assessed.screen.view else None
    assert notice is not None
    assert notice.since == received
    assert assessed.screen.header.notice.isVisible()
    assert assessed.screen.header.notice.caption.text() == "Notice due"
    assert "1002.9" in assessed.screen.header.notice.toolTip()


def test_a_decline_is_previewed_and_saved(declined: Stage, qtbot: QtBot, tmp_path: Path) -> None:
    told: list[str] = []
    decided = declined.desk.decided(CASE_ID)
    assert decided is not None
    declined.screen.told.connect(told.append)
    declined.screen.bar.letter.click()
    dialog = dialog_of(declined)
    assert dialog.chosen_kind() is LetterKind.ACTION
    qtbot.waitUntil(dialog.pdf.isEnabled, timeout=10_000)
    assert not dialog.answer_by.isVisibleTo(dialog)
    assert not dialog.draft.isVisibleTo(dialog)
    request = dialog.request()
    assert request is not None
    declined.screen.letters.write_to(dialog, request, tmp_path / "letter.docx")
    declined.settle()
    text = "\n".join(each.text for each in Document(str(tmp_path / "letter.docx")).paragraphs)
    assert decided.reasons
    assert all(reason.text in text for reason in decided.reasons)
    assert told
    assert "letter.docx" in told[0]
    view = show_case(CASE_ID, declined.workspace)  # type: ignore[arg-type]
    assert [event.what for event in view.events].count("letter.written") == 1
    assert declined.screen.header.notice.caption.text() == "Notice given"


def test_reasons_and_figures_of_a_letter_lead_to_their_facts(declined: Stage, qtbot: QtBot) -> None:
    decided = declined.desk.decided(CASE_ID)
    assert decided is not None
    declined.screen.letters.open_letter()
    dialog = dialog_of(declined)
    qtbot.waitUntil(lambda: bool(dialog.page._sheet.marks), timeout=20_000)
    marks = {mark.key: mark for mark in dialog.page._sheet.marks}
    assert {reason.fact for reason in decided.reasons} <= marks.keys()
    request = declined.screen.view.named("request.amount") if declined.screen.view else None
    assert request is not None
    assert request.id in marks, "what was asked for stands in the letter's head"
    dialog.page.mark_chosen.emit(request.id)
    declined.settle()
    assert declined.screen.evidence.fact() == request
    assert dialog.isVisible()


def test_pages_turn_and_the_language_changes(declined: Stage, qtbot: QtBot) -> None:
    declined.screen.letters.open_letter()
    dialog = dialog_of(declined)
    qtbot.waitUntil(dialog.pdf.isEnabled, timeout=10_000)
    assert dialog.count.text() == "1 of 2"
    dialog.forth.click()
    qtbot.waitUntil(lambda: dialog.count.text() == "2 of 2", timeout=10_000)
    assert not dialog.forth.isEnabled()
    before = dialog._pdf
    dialog.language.setCurrentIndex(dialog.language.findData("zh"))
    qtbot.waitUntil(lambda: dialog._pdf != before and dialog.pdf.isEnabled(), timeout=10_000)
    request = dialog.request()
    assert request is not None
    assert request.language == "zh"
    dialog.reject()


def test_ask_applicant_names_the_fact(assessed: Stage, qtbot: QtBot) -> None:
    assessed.screen.show_fact(fact_id("income.net_monthly_stated"))
    assessed.screen.evidence.ask.click()
    dialog = dialog_of(assessed)
    qtbot.waitUntil(dialog.pdf.isEnabled, timeout=10_000)
    request = dialog.request()
    assert request is not None
    assert request.kind is LetterKind.INCOMPLETE
    assert request.ask == ("A document that confirms: Stated net monthly income",)
    assert dialog.answer_by.text() == "2026-12-21"
    dialog.answer_by.setText("soon")
    dialog._load()
    assert dialog.error.isVisibleTo(dialog)
    assert not dialog.pdf.isEnabled()
    dialog.reject()


def test_a_letter_that_cannot_be_written_says_why(assessed: Stage, qtbot: QtBot) -> None:
    with assessed.workspace.transaction() as stores:
        stores.findings.replace(CASE_ID, [])
    assessed.screen.letters.open_letter()
    dialog = dialog_of(assessed)
    qtbot.waitUntil(lambda: dialog.state.title.text() == "The letter cannot be written", timeout=10_000)
    assert "Write beside what you need" in dialog.state.detail.text()
    dialog.reject()


def test_which_letters_a_case_calls_for() -> None:
    decided = Decision(
        Outcome.COUNTER_OFFER, Decimal(1), "EUR", 1, None, (), "r", (), "p", "r", "a", None, datetime.now(UTC)
    )
    assert kinds_for(case_view()) == (LetterKind.INCOMPLETE,)
    assert kinds_for(case_view(decision=decided)) == (LetterKind.COUNTER_OFFER,)
    assert kinds_for(case_view(decision=replace(decided, outcome=Outcome.APPROVE))) == ()
    assert kinds_for(case_view(decision=replace(decided, outcome=Outcome.REFER))) == (LetterKind.INCOMPLETE,)


def test_a_contradiction_is_told_before_the_seal(declined: Stage) -> None:
    sealed: list[bool] = []
    letters = declined.screen.letters
    letters.before_seal(lambda: sealed.append(True))
    assert sealed == [True]
    view = declined.screen.view
    assert view is not None
    assert view.decision is not None
    declined.desk.add_sentence(CASE_ID, "capacity", "Debts are comfortably affordable.")
    with declined.workspace.transaction() as stores:
        stores.decisions.put(CASE_ID, replace(view.decision, reasons=(Reason("C1-09", None, "Excessive obligations"),)))
    declined.open()
    letters.before_seal(lambda: sealed.append(True))
    dialog = letters.dialog
    assert isinstance(dialog, ConflictDialog)
    assert "comfortably affordable" in dialog.lines[0].text()
    dialog.back.click()
    assert sealed == [True]
    letters.before_seal(lambda: sealed.append(True))
    assert isinstance(letters.dialog, ConflictDialog)
    letters.dialog.seal.click()
    assert sealed == [True, True]


def test_the_decision_dialog_tells_what_the_report_contradicts(assessed: Stage) -> None:
    said = {"C1-10": "Income is well documented.", "C1-22": "Inquiries are a strength."}
    for text in said.values():
        assessed.desk.add_sentence(CASE_ID, "capacity", text)
    assessed.open()
    assessed.screen.jobs.decide("decline")
    dialog = assessed.screen.jobs.dialog
    assert isinstance(dialog, DecisionDialog)
    assessed.settle()
    code = next(code for code in dialog.reasons if code in said)
    dialog.reasons[code].setChecked(True)
    assert said[code] in dialog.conflict.text()
    assert dialog.conflict.isVisibleTo(dialog)
    assert dialog.despite.isVisibleTo(dialog)
    for box in dialog.reasons.values():
        box.setChecked(False)
    assert not dialog.conflict.isVisibleTo(dialog)
    assert not dialog.despite.isVisibleTo(dialog)
    dialog.reject()


def test_a_contradicted_decline_is_signed_only_with_a_reason_to_stand(assessed: Stage) -> None:
    assessed.desk.add_sentence(CASE_ID, "capacity", "Inquiries are a strength. Income is well documented.")
    assessed.open()
    assessed.screen.jobs.decide("decline")
    dialog = assessed.screen.jobs.dialog
    assert isinstance(dialog, DecisionDialog)
    assessed.settle()
    for code, box in dialog.reasons.items():
        box.setChecked(code in ("C1-10", "C1-22"))
    assert dialog.contradicted()
    dialog.reason.setPlainText("The instalments are too high.")
    dialog.seal.setChecked(False)
    dialog.submit()
    assert dialog.error.text() == tr("case.dialog.needs_despite")
    assert dialog.despite.hasFocus() or dialog.isVisible()
    assert decided(assessed) is None
    dialog.despite.setText("Both sentences stand in the report by mistake.")
    dialog.submit()
    assessed.settle()
    decision = decided(assessed)
    assert decision is not None
    assert decision.despite == "Both sentences stand in the report by mistake."
    sealed: list[bool] = []
    assessed.open()
    assessed.screen.letters.before_seal(lambda: sealed.append(True))
    assert sealed == [True], "what was said at the signature is not asked again at the seal"


def decided(at: Stage) -> Decision | None:
    with at.workspace.read() as stores:
        return stores.decisions.get(CASE_ID)


def test_the_lenders_particulars_are_kept(
    shell_context: Callable[..., Context], settle: Callable[[], None], qtbot: QtBot
) -> None:
    context = shell_context()
    form = LenderForm(context, 190)
    qtbot.addWidget(form)
    form.set_texts()
    settle()
    assert form.rulepack.currentData() == "us-ecoa-reg-b"
    assert form.agency.currentData() == "ftc"
    form.lines["name"].setText(" Nordlys ")
    form.lines["name"].editingFinished.emit()
    form.blocks["address"].setPlainText("1 Harbor\n Portland ")
    form.agency.setCurrentIndex(form.agency.findData("occ"))
    form.rulepack.setCurrentIndex(form.rulepack.findData("eu-consumer-credit"))
    settle()
    assert not form.agency.isEnabled()
    with context.desk.workspace.read() as stores:
        kept = {name: stores.settings.get(f"lender.{name}") for name in ("name", "address", "agency", "rulepack")}
    assert kept == {
        "name": "Nordlys",
        "address": "1 Harbor\nPortland",
        "agency": "occ",
        "rulepack": "eu-consumer-credit",
    }
    assert context.desk.letters.lender()[1] == "eu-consumer-credit"
