"""What would change it: every answer holds when the case is changed so, and only terms and debts move."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

import pytest

from app.domain.case import Case
from app.domain.counterfactual import INSTALMENTS, OUTSTANDING
from app.domain.derivation import by_name
from app.domain.facts import FactValue
from app.domain.policy import Terms
from app.domain.score import score_inputs
from app.errors import InputError
from app.usecases.assess_case import assess_case
from app.usecases.assess_policy import policy_check
from app.usecases.confirm_fact import CorrectFact, correct_fact
from app.usecases.find_changes import ALL_DEBTS, MOST_CHANGES, Change, Outlook, find_changes
from tests.doubles import FixedClock, MemoryWorkspace
from tests.underwriting import CATALOGUE, GOOD, account, add_case, add_report, engine, policy, report, scorecard

CARD, POLICY, ENGINE = scorecard(), policy(), engine()
WANTS_MORE = GOOD | {
    "request.amount": Decimal("25000.00"),
    "request.goods_price": Decimal("32000.00"),
    "income.net_monthly_stated": Decimal("1900.00"),
}


@pytest.fixture
def workspace() -> MemoryWorkspace:
    return MemoryWorkspace()


def assess(workspace: MemoryWorkspace, values: Mapping[str, FactValue], *accounts: Mapping[str, object]) -> Case:
    case = add_case(workspace, values)
    if accounts:
        add_report(workspace, case, report(accounts))
    assess_case(case.id, workspace, ENGINE, scorecard=CARD, policy=POLICY, clock=FixedClock())
    return case


def outlook_of(workspace: MemoryWorkspace, case: Case) -> Outlook:
    return find_changes(case.id, workspace, ENGINE, policy=POLICY)


def holds(workspace: MemoryWorkspace, case: Case, change: Change) -> None:
    """The score and the policy's answer are those of the case with these terms and without these debts."""
    proposal = change.proposal
    assert proposal.amount is not None
    assert proposal.term_months is not None
    with workspace.read() as stores:
        facts = by_name(stores.facts.current(case.id), CATALOGUE)
    values = {name: fact.value for name, fact in facts.items() if not name.startswith("ratio.")}
    values |= {"request.amount": proposal.amount, "request.term_months": proposal.term_months}
    for name, each in ((OUTSTANDING, "outstanding"), (INSTALMENTS, "instalment")):
        values[name] = max(Decimal(0), values[name] - sum(getattr(debt, each) for debt in change.debts))  # type: ignore[operator]
    score = score_inputs(CARD, values)
    assert (score.points, score.grade) == (proposal.score.points, proposal.score.grade)
    moved = {name: replace(fact, value=values[name]) for name, fact in facts.items() if name in values}
    answer = policy_check(moved, case, score, POLICY, ENGINE).at(Terms(proposal.amount, proposal.term_months))
    assert answer.fits is change.fits
    assert change.price is not None
    assert change.price.instalment == answer.instalment
    assert change.dsr_after_pct == answer.dsr_after_pct


def test_a_request_that_fits_is_told_what_leads_to_the_next_grade(workspace: MemoryWorkspace) -> None:
    case = assess(workspace, GOOD | {"employment.seniority_years": Decimal(2), "applicant.housing": "rent"})
    found = outlook_of(workspace, case)
    assert found.fits
    grades = [grade.name for grade in CARD.grades]
    better = grades[grades.index(found.grade) - 1]
    assert [target.grade for target in found.targets] == [better]
    changes = found.targets[0].changes
    assert 0 < len(changes) <= MOST_CHANGES
    for change in changes:
        assert grades.index(change.proposal.score.grade) <= grades.index(better)
        holds(workspace, case, change)


def test_a_request_outside_policy_is_told_what_fits_first(workspace: MemoryWorkspace) -> None:
    case = assess(workspace, WANTS_MORE)
    found = outlook_of(workspace, case)
    assert not found.fits
    assert found.targets[0].grade is None
    assert found.targets[0].changes
    for change in found.targets[0].changes:
        assert change.fits
        holds(workspace, case, change)
    assert all(change.proposal.levers for target in found.targets for change in target.changes)


def test_debts_of_the_bureau_are_settled_by_name(workspace: MemoryWorkspace) -> None:
    heavy = GOOD | {"debt.outstanding": Decimal("9000.00"), "debt.instalments_stated": Decimal("1300.00")}
    accounts = (
        account("Lanehus", id="A-1", balance="6000", instalment="900"),
        account("Rata24", id="A-2", balance="3000", instalment="400"),
    )
    case = assess(workspace, heavy, *accounts)
    changes = outlook_of(workspace, case).targets[0].changes
    settled = [change for change in changes if change.debts]
    assert settled
    assert {debt.id for change in settled for debt in change.debts} <= {"Lanehus A-1", "Rata24 A-2"}
    for change in changes:
        holds(workspace, case, change)


def test_debts_known_as_a_total_are_settled_as_one(workspace: MemoryWorkspace) -> None:
    case = assess(workspace, GOOD | {"debt.outstanding": Decimal("9000.00"), "debt.instalments_stated": Decimal(1300)})
    found = outlook_of(workspace, case)
    debts = {debt for target in found.targets for change in target.changes for debt in change.debts}
    assert [(debt.id, debt.outstanding, debt.instalment) for debt in debts] == [
        (ALL_DEBTS, Decimal("9000.00"), Decimal("1300.00"))
    ]


def test_no_change_of_terms_mends_what_lies_in_the_past(workspace: MemoryWorkspace) -> None:
    poor = GOOD | {"income.net_monthly_stated": Decimal("500.00")}
    found = outlook_of(workspace, assess(workspace, poor))
    assert found.targets[0].grade is None
    assert found.targets[0].changes == ()


def test_without_a_request_nothing_is_said(workspace: MemoryWorkspace) -> None:
    values = {name: value for name, value in GOOD.items() if name != "request.amount"}
    found = outlook_of(workspace, assess(workspace, values))
    assert found.requested is None
    assert found.targets == ()
    assert found.to_json()["targets"] == []


def test_a_case_without_a_score_is_refused(workspace: MemoryWorkspace) -> None:
    case = add_case(workspace, GOOD)
    with pytest.raises(InputError, match="has not been assessed"):
        outlook_of(workspace, case)


def test_facts_that_moved_since_are_not_passed_over(workspace: MemoryWorkspace) -> None:
    case = assess(workspace, GOOD)
    command = CorrectFact(case_id=case.id, name="employment.seniority_years", value="0", reason="typo", unit=None)
    correct_fact(command, workspace, person="A. Lind", clock=FixedClock())
    with pytest.raises(InputError, match="changed since it was scored"):
        outlook_of(workspace, case)


def test_the_object_names_targets_changes_and_prices(workspace: MemoryWorkspace) -> None:
    told = outlook_of(workspace, assess(workspace, WANTS_MORE)).to_json()
    change = told["targets"][0]["changes"][0]
    assert set(change) >= {"amount", "term_months", "settled", "points", "grade", "fits", "instalment", "apr_pct"}
    assert told["fits"] is False
