"""Source facts to derived facts, score, policy and findings; twice changes nothing."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from app.domain.case import Case, Decision, Outcome, Status
from app.domain.changes import Changes
from app.domain.facts import SourceKind, Stance
from app.domain.findings import Materiality
from app.errors import Cancelled, InputError
from app.usecases.assess_case import assess_case, assess_cases
from app.usecases.confirm_fact import ConfirmFact, CorrectFact, confirm_fact, correct_fact
from app.usecases.show_case import CaseView, show_case
from tests.doubles import FixedClock, MemoryWorkspace
from tests.underwriting import (
    CATALOGUE,
    GOOD,
    STATEMENT,
    account,
    add_case,
    add_payslip,
    add_report,
    add_statement,
    engine,
    months,
    policy,
    report,
    scorecard,
    statement,
)

CARD, POLICY, ENGINE = scorecard(), policy(), engine()
INDEBTED = GOOD | {"debt.instalments_stated": Decimal("1500.00")}


@pytest.fixture
def workspace() -> MemoryWorkspace:
    return MemoryWorkspace()


def assess(workspace: MemoryWorkspace, case: Case) -> Changes:
    return assess_case(case.id, workspace, ENGINE, scorecard=CARD, policy=POLICY, clock=FixedClock())


def assessed(workspace: MemoryWorkspace, case: Case) -> CaseView:
    assess(workspace, case)
    return show_case(case.id, workspace)


def value(view: CaseView, name: str) -> object:
    fact = view.named(name)
    return None if fact is None else fact.value


def codes(view: CaseView) -> set[str]:
    return {finding.code for finding in view.findings}


def full_case(workspace: MemoryWorkspace, **changes: object) -> Case:
    """A form, a payslip that says less, six months of statements with a loan the form does not name, a report."""
    stated = {
        "income.net_monthly_stated": Decimal("3100.00"),
        "debt.instalments_stated": Decimal("0.00"),
        "debt.outstanding": Decimal("0.00"),
    }
    case = add_case(workspace, {**GOOD, **stated, **changes})  # type: ignore[dict-item]
    add_payslip(workspace, case, "2450.00")
    add_report(workspace, case, report([account("Stadtbank", instalment="0.00")], ["2026-10-20", "2026-10-01"]))
    add_statement(
        workspace,
        case,
        statement(
            months(6, 25, "2450.00", "Lön Orion AB")
            + months(6, 3, "-780.00", "Hyra")
            + months(6, 7, "-289.50", "Kreditrate Sofortkredit AG 7741")
        ),
    )
    return case


def test_a_good_application_is_assessed_to_the_end(workspace: MemoryWorkspace) -> None:
    view = assessed(workspace, add_case(workspace, GOOD))

    assert view.case.status is Status.SCORED
    assert view.policy is not None
    assert view.policy.outcome == "approve"
    assert value(view, "loan.rate_pct") == view.policy.rate_pct
    # 12,000 over 36 months at 6.90 %: i = 0.00575, 12000 i / (1 - (1 + i)^-36) = 369.98
    assert (value(view, "loan.rate_pct"), value(view, "loan.instalment")) == (Decimal("6.90"), Decimal("369.98"))
    assert value(view, "ratio.dsr_before_pct") == Decimal("5.22")  # 180 / 3450
    assert value(view, "ratio.dsr_after_pct") == Decimal("15.94")  # 549.98 / 3450
    assert value(view, "ratio.disposable_after") == Decimal("1920.02")  # 3450 - 980 - 549.98
    assert {"policy.met", "recommendation.approve", "affordability.within_limit", "income.unverified"} <= codes(view)


def test_the_second_run_changes_nothing_and_writes_nothing(workspace: MemoryWorkspace) -> None:
    case = full_case(workspace)
    assert assess(workspace, case) & Changes.FACTS
    before = show_case(case.id, workspace)
    assert assess(workspace, case) is Changes.NOTHING
    assert show_case(case.id, workspace) == before


def test_the_same_documents_give_the_same_fact_ids_in_another_workspace() -> None:
    one, other = MemoryWorkspace(), MemoryWorkspace()
    first = assessed(one, full_case(one))
    second = assessed(other, full_case(other))
    assert first.facts == second.facts
    assert first.findings == second.findings


def test_contradicting_income_and_an_undisclosed_loan_are_major_and_name_both_sources(
    workspace: MemoryWorkspace,
) -> None:
    view = assessed(workspace, full_case(workspace))
    findings = {finding.code: finding for finding in view.findings}

    contradiction = findings["income.contradiction"]
    assert (contradiction.stance, contradiction.materiality) == (Stance.ADVERSE, Materiality.MAJOR)
    named = [view.fact(fact) for fact in contradiction.facts]
    assert [(fact.name, fact.value) for fact in named if fact] == [
        ("income.net_monthly_documented", Decimal("2450.00")),
        ("income.net_monthly_stated", Decimal("3100.00")),
        ("income.gap_pct", Decimal("26.53")),
    ]
    assert len({fact.source.document for fact in named[:2] if fact}) == 2

    undisclosed = findings["debt.undisclosed"]
    assert undisclosed.materiality is Materiality.MAJOR
    assert undisclosed.detail == "Kreditrate Sofortkredit AG 7741"
    fact = view.fact(undisclosed.facts[0])
    assert fact is not None
    assert (fact.value, fact.source.document, fact.source.row) == (Decimal("289.50"), STATEMENT, 3)
    assert fact.source.method == "undisclosed:rows 3,6,9,12,15,18"
    assert {"policy.referral:3.5", "policy.referral:3.6", "recommendation.refer"} <= codes(view)


def test_income_used_is_the_documented_one_and_says_so(workspace: MemoryWorkspace) -> None:
    view = assessed(workspace, full_case(workspace))
    used, documented = view.named("income.net_monthly"), view.named("income.net_monthly_documented")
    assert used is not None
    assert documented is not None
    assert used.value == Decimal("2450.00")
    assert used.source.kind is SourceKind.COMPUTATION
    assert used.source.inputs == (documented.id,)


def test_every_computed_fact_names_its_method_and_only_facts_the_case_has(workspace: MemoryWorkspace) -> None:
    view = assessed(workspace, full_case(workspace))
    known = {fact.id for fact in view.facts}
    made = [fact for fact in view.facts if fact.source.kind in (SourceKind.COMPUTATION, SourceKind.REFERENCE)]
    assert len(made) > 25
    for fact in made:
        assert fact.source.method, fact.name
        assert set(fact.source.inputs) <= known, fact.name
        assert fact.source.inputs or fact.source.document or fact.source.kind is SourceKind.REFERENCE, fact.name
        assert fact.name in CATALOGUE
    reports = {document.sha256 for document in view.documents if document.kind == "credit_report"}
    assert {fact.source.document for fact in made if fact.name.startswith("history.")} == reports


def test_the_smaller_offer_fits_and_is_a_mitigant(workspace: MemoryWorkspace) -> None:
    case = add_case(workspace, INDEBTED)
    view = assessed(workspace, case)
    assert view.policy is not None
    assert view.policy.fits is not None
    assert value(view, "offer.amount") == view.policy.fits.amount < Decimal(12000)
    limit, share = value(view, "limit.dsr_pct"), value(view, "offer.dsr_pct")
    assert isinstance(limit, Decimal)
    assert isinstance(share, Decimal)
    assert share <= limit
    assert {"offer.fits", "affordability.exceeds_limit", "recommendation.counter-offer"} <= codes(view)


def test_no_offer_is_made_where_the_request_fits(workspace: MemoryWorkspace) -> None:
    view = assessed(workspace, add_case(workspace, GOOD))
    assert view.policy is not None
    assert view.policy.fits is not None
    assert view.policy.fits.amount > Decimal(12000)
    assert "offer.fits" not in codes(view)
    assert view.named("offer.amount") is None


@pytest.mark.parametrize("left_out", sorted(set(GOOD) - {"applicant.name"}))
def test_no_missing_fact_crashes_the_assessment(workspace: MemoryWorkspace, left_out: str) -> None:
    view = assessed(workspace, add_case(workspace, {name: v for name, v in GOOD.items() if name != left_out}))
    assert view.policy is not None
    assert view.score is not None


@pytest.mark.parametrize(
    ("left_out", "label"),
    [
        (("income.net_monthly_stated",), "Net monthly income used"),
        (("debt.instalments_stated", "debt.outstanding"), "Monthly instalments used"),
        (("expenses.monthly_living",), "Monthly living expenses"),
        (("request.amount",), "Requested amount"),
        (("request.term_months",), "Requested term"),
    ],
)
def test_a_missing_policy_input_refers_the_case_and_is_named(
    workspace: MemoryWorkspace, left_out: tuple[str, ...], label: str
) -> None:
    view = assessed(workspace, add_case(workspace, {name: v for name, v in GOOD.items() if name not in left_out}))
    assert view.policy is not None
    assert view.policy.outcome == "refer"
    missing = next(clause for clause in view.policy.clauses if clause.clause == "referral 3.0")
    assert missing.text == f"Information missing: {label}."


def test_an_empty_case_is_referred_with_everything_that_is_missing(workspace: MemoryWorkspace) -> None:
    view = assessed(workspace, add_case(workspace, {}, language="zh"))
    assert view.policy is not None
    assert view.policy.outcome == "refer"
    texts = " ".join(clause.text for clause in view.policy.clauses)
    assert "信息缺失：采用的月净收入、采用的月还款额、申请金额" in texts
    assert view.policy.fits is None


def test_prohibited_bases_reach_neither_findings_nor_policy(workspace: MemoryWorkspace) -> None:
    view = assessed(workspace, full_case(workspace, **{"applicant.nationality": "Elsewhere", "applicant.sex": "x"}))
    prohibited = {fact.id for fact in view.facts if CATALOGUE.prohibited(fact.name)}
    assert len(prohibited) == 4
    assert view.policy is not None
    assert prohibited.isdisjoint(fact for finding in view.findings for fact in finding.facts)
    assert prohibited.isdisjoint(fact for clause in view.policy.clauses for fact in clause.facts)
    assert prohibited.isdisjoint(fact for each in view.facts for fact in each.source.inputs)


def test_prohibited_bases_change_no_outcome(workspace: MemoryWorkspace) -> None:
    plain = assessed(workspace, add_case(workspace, {k: v for k, v in GOOD.items() if not CATALOGUE.prohibited(k)}))
    other = GOOD | {"applicant.age": Decimal(71), "applicant.marital_status": "widow", "applicant.sex": "y"}
    marked = assessed(workspace, add_case(workspace, other))
    assert plain.policy is not None
    assert marked.policy is not None
    assert plain.policy.outcome == marked.policy.outcome
    assert [clause.clause for clause in plain.policy.clauses] == [clause.clause for clause in marked.policy.clauses]
    assert (plain.score and plain.score.points) == (marked.score and marked.score.points)


def test_a_correction_flows_through_and_back_again(workspace: MemoryWorkspace) -> None:
    case = add_case(workspace, GOOD)
    first = assessed(workspace, case)
    for typed in ("2100.00", "3450.00", "2100.00", "3450.00"):
        command = CorrectFact(case.id, "income.net_monthly_stated", typed, "by telephone")
        assert correct_fact(command, workspace, person="U. Writer", clock=FixedClock()) & Changes.SCORE
        view = assessed(workspace, case)
        assert value(view, "income.net_monthly") == Decimal(typed)
        assert [fact.name for fact in view.facts].count("income.net_monthly") == 1
        assert assess(workspace, case) is Changes.NOTHING
    assert value(view, "ratio.dsr_after_pct") == value(first, "ratio.dsr_after_pct")


def test_facts_that_no_longer_follow_are_retired_but_stay_in_the_history(workspace: MemoryWorkspace) -> None:
    case = add_case(workspace, INDEBTED)
    offered = assessed(workspace, case).named("offer.amount")
    assert offered is not None
    correct_fact(
        CorrectFact(case.id, "debt.instalments_stated", "180", "bank letter"), workspace, person="U", clock=FixedClock()
    )
    assert assessed(workspace, case).named("offer.amount") is None
    with workspace.read() as stores:
        assert offered in stores.facts.history(case.id)


def test_a_confirmed_computed_fact_stays_confirmed_while_it_says_the_same(workspace: MemoryWorkspace) -> None:
    case = add_case(workspace, GOOD)
    fact = assessed(workspace, case).named("income.net_monthly")
    assert fact is not None
    confirm_fact(ConfirmFact(case.id, fact.id), workspace, person="U. Writer", clock=FixedClock())
    kept = assessed(workspace, case).named("income.net_monthly")
    assert kept is not None
    assert (kept.confirmed_by, kept.supersedes) == ("U. Writer", fact.id)
    assert assess(workspace, case) is Changes.NOTHING


def test_a_persons_value_is_not_computed_over(workspace: MemoryWorkspace) -> None:
    case = full_case(workspace)
    assess(workspace, case)
    command = CorrectFact(case.id, "debt.undisclosed_instalment", "0", "it is the employer's car")
    correct_fact(command, workspace, person="U. Writer", clock=FixedClock())
    view = assessed(workspace, case)
    assert value(view, "debt.undisclosed_instalment") == 0
    assert "debt.undisclosed" not in codes(view)
    assert "policy.referral:3.6" not in codes(view)


def test_a_form_cannot_state_its_own_score_or_ratio(workspace: MemoryWorkspace) -> None:
    honest = assessed(workspace, add_case(workspace, INDEBTED))
    claims = {"ratio.dsr_after_pct": Decimal(1), "limit.dsr_pct": Decimal(99), "score.grade": "A", "score.points": 700}
    claiming = assessed(workspace, add_case(workspace, INDEBTED | claims))
    assert honest.policy is not None
    assert claiming.policy is not None
    assert claiming.policy.outcome == honest.policy.outcome == "refer"
    assert [clause.clause for clause in claiming.policy.clauses] == [clause.clause for clause in honest.policy.clauses]
    assert claiming.score is not None
    assert honest.score is not None
    assert claiming.score.points == honest.score.points


def test_a_report_that_is_no_json_is_a_finding(workspace: MemoryWorkspace) -> None:
    case = add_case(workspace, GOOD)
    add_report(workspace, case, b"{not json")
    view = assessed(workspace, case)
    unreadable = next(finding for finding in view.findings if finding.code == "history.unreadable")
    assert unreadable.detail == "$: not JSON"


def test_money_in_another_currency_is_named_and_left_out(workspace: MemoryWorkspace) -> None:
    case = add_case(workspace, GOOD)
    add_report(workspace, case, report([account(currency="SEK", instalment="9000.00")]))
    add_statement(workspace, case, statement(months(3, 5, "-900.00", "Loan repayment"), currency="SEK"))
    view = assessed(workspace, case)
    assert value(view, "debt.instalments_monthly") == Decimal("180.00")
    other = next(finding for finding in view.findings if finding.code == "cashflow.other_currency")
    assert other.detail == "SEK: 3 entries, 1 accounts"


def test_a_decided_case_stands_as_it_was_judged(workspace: MemoryWorkspace) -> None:
    case = add_case(workspace, GOOD)
    assess(workspace, case)
    _decided(workspace, case, Outcome.DECLINE)
    with workspace.transaction() as stores:
        facts = [fact for fact in stores.facts.current(case.id) if fact.name == "assets.total"]
        stores.facts.retire(case.id, [fact.id for fact in facts])
    before = show_case(case.id, workspace)
    assert assess(workspace, case) is Changes.NOTHING
    assert assess_cases([case.id], workspace, ENGINE, scorecard=CARD, policy=POLICY) is Changes.NOTHING
    assert show_case(case.id, workspace) == before


def test_a_referred_case_is_assessed_anew(workspace: MemoryWorkspace) -> None:
    case = add_case(workspace, GOOD)
    assess(workspace, case)
    _decided(workspace, case, Outcome.REFER)
    correct_fact(CorrectFact(case.id, "assets.total", "0", "sold"), workspace, person="U", clock=FixedClock())
    assert assess(workspace, case) & Changes.FACTS


def _decided(workspace: MemoryWorkspace, case: Case, outcome: Outcome) -> None:
    with workspace.transaction() as stores:
        decision = Decision(
            outcome, None, "EUR", None, None, (), "because", (), "U", "underwriter", "5.1", None, FixedClock().now()
        )
        stores.decisions.put(case.id, decision)
        stores.cases.set_status(case.id, Status.DECIDED)


def test_an_unknown_case_is_an_input_error(workspace: MemoryWorkspace) -> None:
    with pytest.raises(InputError, match="no case C-1"):
        assess_case("C-1", workspace, ENGINE, scorecard=CARD, policy=POLICY, clock=FixedClock())


def test_many_cases_report_progress_and_equal_the_single_run(workspace: MemoryWorkspace) -> None:
    alone = MemoryWorkspace()
    variants = [GOOD | {"request.amount": Decimal(1000 * n)} for n in range(1, 8)]
    for values in variants:
        add_case(workspace, values)
    for case in [add_case(alone, values) for values in variants]:
        assess(alone, case)
    seen: list[tuple[int, int | None]] = []
    ids = [f"C-2026-{n:06d}" for n in range(1, 8)]
    changes = assess_cases(
        ids,
        workspace,
        ENGINE,
        scorecard=CARD,
        policy=POLICY,
        progress=lambda done, total, _: seen.append((done, total)),
    )
    assert changes & Changes.SCORE
    assert seen == sorted(seen)
    assert set(seen) == {(n, 7) for n in range(8)}
    for case_id in ids:
        assert show_case(case_id, workspace) == show_case(case_id, alone)
    again = assess_cases(ids, workspace, ENGINE, scorecard=CARD, policy=POLICY)
    assert again is Changes.NOTHING


def test_cancelling_keeps_whole_batches_only(workspace: MemoryWorkspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.usecases.assess_case.BATCH", 2)
    ids = [add_case(workspace, GOOD | {"request.amount": Decimal(1000 * n)}).id for n in range(1, 6)]

    def stop_at_third(done: int, total: int | None, what: str) -> None:
        if done == 3:
            raise Cancelled

    with pytest.raises(Cancelled):
        assess_cases(iter(ids), workspace, ENGINE, scorecard=CARD, policy=POLICY, progress=stop_at_third)
    done = [show_case(case_id, workspace).score is not None for case_id in ids]
    assert done == [True, True, False, False, False]


def test_application_date_comes_from_the_form(workspace: MemoryWorkspace) -> None:
    case = add_case(workspace, GOOD | {"request.date": date(2026, 10, 28)})
    add_report(workspace, case, report([account()], ["2026-10-28", "2026-10-29", "2026-07-28", "2026-07-27"]))
    view = assessed(workspace, case)
    assert value(view, "history.enquiries_1m") == 1
    assert value(view, "history.enquiries_3m") == 2
    assert value(view, "history.enquiries_6m") == 3
    assert value(view, "benchmark.enquiries_3m") == 1
