"""Letters over a real assessment: what they name was used, what they ask for is missing, and the audit chain knows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.case import Case, Decision, Outcome, Reason
from app.domain.facts import FactValue
from app.domain.notices import LetterKind, NoticeState
from app.domain.policy import Policy
from app.errors import InputError
from app.usecases.assess_case import assess_case
from app.usecases.lender import keep_lender
from app.usecases.notice_clock import LETTER_WRITTEN, notice_of_view
from app.usecases.record_decision import RecordDecision, propose_reasons, record_decision
from app.usecases.show_case import CaseView, show_case
from app.usecases.write_letter import LetterRequest, LetterResult, Office, compose_letter, write_letter
from data.letter_words import load_letter_words
from data.policy_files import policy_from_json
from data.rulepack_files import load_rulepack
from tests.doubles import FixedClock, MemoryWorkspace
from tests.underwriting import CATALOGUE, GOOD, add_case, add_payslip, add_report, engine, policy, report, scorecard

POLICY, CARD, ENGINE = policy(), scorecard(), engine()
CLOCK = FixedClock(datetime(2026, 11, 22, 12, 0, tzinfo=UTC))
LENDER = {
    "name": "Nordlys Finance",
    "address": "1 Harbor St\nPortland",
    "phone": "555",
    "bureau_address": "PO",
    "bureau_phone": "800",
}
OVER: dict[str, FactValue] = GOOD | {
    "debt.instalments_stated": Decimal("1900.00"),
    "income.net_monthly_stated": Decimal("3000.00"),
}


def _policy(document: Mapping[str, Any], name: str) -> Policy:
    return policy_from_json(json.dumps(document).encode(), name, CATALOGUE)


OFFICE = Office(load_rulepack, load_letter_words(), _policy, ENGINE)


class PlainMaker:
    """Sets a letter as its JSON."""

    def letter_pdf(self, letter: Mapping[str, Any]) -> bytes:
        return b"%PDF" + json.dumps(letter).encode()

    def letter_docx(self, letter: Mapping[str, Any]) -> bytes:
        return b"PK" + json.dumps(letter).encode()


@pytest.fixture
def workspace() -> MemoryWorkspace:
    held = MemoryWorkspace()
    keep_lender(held, LENDER)
    return held


def assessed(workspace: MemoryWorkspace, facts: Mapping[str, FactValue] = OVER) -> Case:
    case = add_case(workspace, facts)
    return reassessed(workspace, case)


def reassessed(workspace: MemoryWorkspace, case: Case) -> Case:
    assess_case(case.id, workspace, ENGINE, scorecard=CARD, policy=POLICY, clock=CLOCK)
    return show_case(case.id, workspace).case


def decided(workspace: MemoryWorkspace, case: Case, outcome: Outcome = Outcome.DECLINE, **more: Any) -> Decision:
    view = show_case(case.id, workspace)
    if outcome in (Outcome.DECLINE, Outcome.COUNTER_OFFER):
        more.setdefault("reason_codes", tuple(each.code for each in propose_reasons(view, CATALOGUE, POLICY)))
    record_decision(
        RecordDecision(case.id, outcome, "Instalments would take too much of the income.", **more),
        workspace, signer_person="Vera Prüfer", role="underwriter", policy=POLICY, engine=ENGINE, clock=CLOCK,
    )  # fmt: skip
    decision = show_case(case.id, workspace).decision
    assert decision is not None
    return decision


def write(workspace: MemoryWorkspace, case: Case, kind: str, out: Path, **more: Any) -> LetterResult:
    request = LetterRequest(case.id, LetterKind(kind), **more)
    return write_letter(request, out, workspace, office=OFFICE, maker=PlainMaker(), person="Vera Prüfer", clock=CLOCK)


def letter_texts(workspace: MemoryWorkspace, case: Case, kind: str, **more: Any) -> list[str]:
    letter, _ = compose_letter(LetterRequest(case.id, LetterKind(kind), **more), workspace, office=OFFICE, clock=CLOCK)
    return letter.texts()


def clock_of(view: CaseView) -> Any:
    received = view.case.received_on
    assert received is not None
    return notice_of_view(view, load_rulepack("us-ecoa-reg-b", received), CLOCK.at.date())


def test_a_decline_is_written_and_noted(workspace: MemoryWorkspace, tmp_path: Path) -> None:
    case = assessed(workspace)
    decision = decided(workspace, case)
    result = write(workspace, case, "action", tmp_path / "letter.pdf")
    assert hashlib.sha256((tmp_path / "letter.pdf").read_bytes()).hexdigest() == result.sha256
    view = show_case(case.id, workspace)
    event = next(event for event in view.events if event.what == LETTER_WRITTEN)
    assert (event.person, event.detail["sha256"], event.detail["kind"]) == ("Vera Prüfer", result.sha256, "action")
    assert event.detail["reasons"] == [reason.code for reason in decision.reasons]
    assert clock_of(view).state is NoticeState.GIVEN
    texts = result.letter.texts()
    assert {reason.text for reason in decision.reasons} <= set(texts)
    assert any("Federal Trade Commission" in text and "Equal Credit Opportunity Act" in text for text in texts)
    assert str(view.score.points if view.score else 0) in texts


def test_every_key_factor_was_scored(workspace: MemoryWorkspace) -> None:
    case = assessed(workspace)
    decided(workspace, case)
    view = show_case(case.id, workspace)
    assert view.score is not None
    texts = letter_texts(workspace, case, "action")
    at = texts.index(OFFICE.words["en"]["score.factors"])
    scored = [POLICY.reasons[row.reason_code]["en"] for row in view.score.reasons]
    assert texts[at + 1 : at + 1 + len(scored)] == scored
    assert 1 <= len(scored) <= 4


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    income=st.integers(500, 6000),
    instalments=st.integers(0, 3000),
    amount=st.integers(300, 60_000),
    term=st.integers(3, 96),
    seniority=st.integers(0, 40),
    language=st.sampled_from(["en", "zh"]),
)
def test_a_letter_names_only_what_was_used(
    income: int, instalments: int, amount: int, term: int, seniority: int, language: str
) -> None:
    workspace = MemoryWorkspace()
    case = assessed(workspace, GOOD | {
        "income.net_monthly_stated": Decimal(income),
        "debt.instalments_stated": Decimal(instalments),
        "request.amount": Decimal(amount),
        "request.term_months": term,
        "employment.seniority_years": Decimal(seniority),
    })  # fmt: skip
    view = show_case(case.id, workspace)
    assert view.score is not None
    assert view.policy is not None
    if not propose_reasons(view, CATALOGUE, POLICY):
        return
    decision = decided(workspace, case)
    letter, _ = compose_letter(
        LetterRequest(case.id, LetterKind.ACTION, language), workspace, office=OFFICE, clock=CLOCK
    )
    scored = {row.fact for row in view.score.reasons}
    failed = {fact for clause in view.policy.clauses if clause.outcome != "pass" for fact in clause.facts}
    assert 1 <= len(letter.reasons) <= 4
    assert {reason.fact for reason in decision.reasons} <= scored | failed
    assert {POLICY.reasons[code][language] for code in letter.reasons} <= set(letter.texts())


def test_a_reason_that_was_not_used_is_refused(workspace: MemoryWorkspace, tmp_path: Path) -> None:
    case = assessed(workspace)
    decision = decided(workspace, case)
    with workspace.transaction() as stores:
        stores.decisions.put(case.id, replace(decision, reasons=(Reason("C1-21", None, "Bankruptcy"),)))
    with pytest.raises(InputError, match=r"names C1-21 \(Bankruptcy\), which nothing that was scored"):
        write(workspace, case, "action", tmp_path / "letter.pdf")
    assert list(tmp_path.iterdir()) == []
    assert all(event.what != LETTER_WRITTEN for event in show_case(case.id, workspace).events)


def test_the_decision_and_the_letter_must_belong_together(workspace: MemoryWorkspace, tmp_path: Path) -> None:
    out = tmp_path / "letter.pdf"
    case = assessed(workspace)
    with pytest.raises(InputError, match="no decision yet"):
        write(workspace, case, "action", out)
    decided(workspace, case, Outcome.REFER)
    with pytest.raises(InputError, match="referred, not decided"):
        write(workspace, case, "action", out)
    decided(workspace, case)
    with pytest.raises(InputError, match="no counter-offer was made"):
        write(workspace, case, "counter-offer", out)
    with pytest.raises(InputError, match="has been decided: nothing more is asked"):
        write(workspace, case, "incomplete", out, ask=("A letter",))
    approved = assessed(workspace, GOOD | {"request.amount": Decimal("2000.00")})
    decided(workspace, approved, Outcome.APPROVE, override="Long-standing client.")
    with pytest.raises(InputError, match="no notice of adverse action is owed"):
        write(workspace, approved, "action", out)
    with pytest.raises(InputError, match="neither a PDF nor a DOCX"):
        write(workspace, case, "action", tmp_path / "letter.txt")
    assert list(tmp_path.iterdir()) == []


def test_a_counter_offer_names_the_terms_and_comes_before_a_refusal(workspace: MemoryWorkspace, tmp_path: Path) -> None:
    case = assessed(workspace, GOOD | {"debt.instalments_stated": Decimal("900.00")})
    decision = decided(
        workspace, case, Outcome.COUNTER_OFFER, amount=Decimal("4000.00"), conditions=("Proof of the new job",),
        override="A guarantor.",
    )  # fmt: skip
    with pytest.raises(InputError, match="no letter has told the applicant of it"):
        write(workspace, case, "action", tmp_path / "a.pdf")
    result = write(workspace, case, "counter-offer", tmp_path / "c.docx", answer_by=date(2026, 12, 6))
    texts = result.letter.texts()
    assert {"4,000.00 EUR", "36 months", "Proof of the new job"} <= set(texts)
    assert any("by 6 December 2026" in text for text in texts)
    assert POLICY.reasons[decision.reasons[0].code]["en"] in texts
    notice = clock_of(show_case(case.id, workspace))
    assert (notice.why, notice.due_on) == ("combined", date(2027, 2, 20))
    assert write(workspace, case, "action", tmp_path / "a.pdf").letter.kind is LetterKind.ACTION


def test_what_is_missing_is_asked_for_and_no_prohibited_basis(workspace: MemoryWorkspace, tmp_path: Path) -> None:
    facts = {name: value for name, value in GOOD.items() if name != "expenses.monthly_living"}
    case = assessed(workspace, facts)
    assert clock_of(show_case(case.id, workspace)).letter is LetterKind.INCOMPLETE
    result = write(workspace, case, "incomplete", tmp_path / "i.pdf", ask=("Proof  of\naddress", ""))
    texts = result.letter.texts()
    assert "Your monthly living expenses" in texts
    assert "Proof of address" in texts
    assert result.letter.answer_by == date(2026, 12, 22)
    assert not any("age" in text.casefold().split() or "marital" in text.casefold() for text in texts)
    notice = clock_of(show_case(case.id, workspace))
    assert (notice.state, notice.answer_by) == (NoticeState.WAITING, date(2026, 12, 22))


def test_income_that_is_only_stated_is_asked_to_be_shown(workspace: MemoryWorkspace) -> None:
    case = assessed(workspace, GOOD)
    assert OFFICE.words["en"]["ask.income.unverified"] in letter_texts(workspace, case, "incomplete")
    zh = letter_texts(workspace, case, "incomplete", language="zh")
    assert OFFICE.words["zh"]["ask.income.unverified"] in zh


def test_where_nothing_is_missing_no_letter_is_written(workspace: MemoryWorkspace, tmp_path: Path) -> None:
    case = add_case(workspace, GOOD)
    add_payslip(workspace, case, "3450.00")
    reassessed(workspace, case)
    with pytest.raises(InputError, match=r"Nothing is missing.*--ask"):
        write(workspace, case, "incomplete", tmp_path / "i.pdf")


def test_a_credit_report_names_its_bureau(workspace: MemoryWorkspace) -> None:
    case = add_case(workspace, OVER)
    add_report(workspace, case, report())
    reassessed(workspace, case)
    decided(workspace, case)
    texts = letter_texts(workspace, case, "action")
    assert any("free copy of your report" in text and "60 days" in text for text in texts)
    without = assessed(workspace)
    decided(workspace, without)
    assert not any("free copy" in text for text in letter_texts(workspace, without, "action"))


def test_blanks_make_a_draft_that_does_not_stop_the_clock(tmp_path: Path) -> None:
    workspace = MemoryWorkspace()
    case = assessed(workspace)
    decided(workspace, case)
    draft = write(workspace, case, "action", tmp_path / "a.pdf")
    assert set(draft.letter.blanks) == {"name", "address", "phone"}
    assert "[creditor's name]" in draft.letter.texts()
    assert clock_of(show_case(case.id, workspace)).state is NoticeState.DUE
    keep_lender(workspace, LENDER)
    assert write(workspace, case, "action", tmp_path / "a.pdf").letter.blanks == ()
    assert clock_of(show_case(case.id, workspace)).state is NoticeState.GIVEN


def test_the_same_letter_keeps_its_day(workspace: MemoryWorkspace, tmp_path: Path) -> None:
    case = assessed(workspace)
    decided(workspace, case)
    first = write(workspace, case, "action", tmp_path / "a.pdf")
    later = FixedClock(datetime(2026, 12, 1, 12, 0, tzinfo=UTC))
    request = LetterRequest(case.id, LetterKind.ACTION)
    again = write_letter(
        request, tmp_path / "b.pdf", workspace, office=OFFICE, maker=PlainMaker(), person="V", clock=later
    )
    assert again.sha256 == first.sha256
    other, _ = compose_letter(replace(request, on=date(2026, 12, 2)), workspace, office=OFFICE, clock=later)
    assert other.on == date(2026, 12, 2)
    with pytest.raises(InputError, match="before the decision"):
        compose_letter(replace(request, on=date(2026, 11, 21)), workspace, office=OFFICE, clock=later)


def test_an_answer_is_asked_for_after_the_letter(workspace: MemoryWorkspace, tmp_path: Path) -> None:
    case = assessed(workspace, GOOD)
    with pytest.raises(InputError, match="not after the day of the letter"):
        write(workspace, case, "incomplete", tmp_path / "i.pdf", answer_by=date(2026, 11, 22))


@pytest.mark.parametrize("pack", ["eu-consumer-credit", "cn-consumer-credit"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_other_packs_say_that_a_person_decided_and_on_what(
    workspace: MemoryWorkspace, pack: str, language: str
) -> None:
    keep_lender(workspace, {"rulepack": pack})
    case = assessed(workspace)
    decided(workspace, case)
    texts = " ".join(letter_texts(workspace, case, "action", language=language))
    assert "Vera Prüfer" in texts
    assert "instalment-loan" in texts
    assert "{" not in texts
    assert "Equal Credit" not in texts


def test_the_law_speaks_its_own_language_too(workspace: MemoryWorkspace) -> None:
    case = assessed(workspace)
    decided(workspace, case)
    zh = " ".join(letter_texts(workspace, case, "action", language="zh"))
    assert "《平等信贷机会法》" in zh
    assert "The Federal Equal Credit Opportunity Act prohibits" in zh


def test_days_of_the_lender_are_days(workspace: MemoryWorkspace) -> None:
    with pytest.raises(InputError, match="no number of days"):
        keep_lender(workspace, {"reply_days": "soon"})
    assert keep_lender(workspace, {"reply_days": "10"}).reply_days == 10


def test_supported_and_named_reasons_are_of_one_language(workspace: MemoryWorkspace) -> None:
    case = assessed(workspace)
    decision = decided(workspace, case)
    letter, _ = compose_letter(LetterRequest(case.id, LetterKind.ACTION, "zh"), workspace, office=OFFICE, clock=CLOCK)
    assert {POLICY.reasons[reason.code]["zh"] for reason in decision.reasons} <= set(letter.texts())
    assert {POLICY.reasons[reason.code]["en"] for reason in decision.reasons}.isdisjoint(letter.texts())
