"""The assessment over the stored workspace: twice changes nothing, corrections flow through and back."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from app.domain.case import Outcome, Status
from app.domain.changes import Changes
from app.errors import InputError
from app.usecases.assess_case import assess_case, assess_cases
from app.usecases.confirm_fact import ConfirmFact, CorrectFact, confirm_fact, correct_fact
from app.usecases.record_decision import RecordDecision, propose_reasons, record_decision
from app.usecases.shadow_challenger import keep_challenger, shadow_case
from app.usecases.show_case import show_case
from tests.challengers import SteadyChallenger
from tests.doubles import FixedClock, MemoryWorkspace
from tests.underwriting import (
    CATALOGUE,
    GOOD,
    account,
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
from tests.underwriting import add_case as add_stated_case

if TYPE_CHECKING:
    from data.workspace import StoredWorkspace

CARD, POLICY, ENGINE, CLOCK = scorecard(), policy(), engine(), FixedClock()


def folder(workspace: Any) -> str:
    """A form, a payslip, statements with a loan the form does not name, a bureau report."""
    values = GOOD | {"debt.instalments_stated": Decimal("0.00"), "income.net_monthly_stated": Decimal("3100.00")}
    case = add_stated_case(workspace, values)
    add_payslip(workspace, case, "2450.00")
    add_report(workspace, case, report([account("Stadtbank", instalment="0.00")], ["2026-10-20"]))
    lines = months(6, 25, "2450.00", "Lön Orion AB") + months(6, 7, "-289.50", "Kreditrate Sofortkredit")
    add_statement(workspace, case, statement(lines))
    return case.id


def assess(workspace: Any, case_id: str) -> Changes:
    return assess_case(case_id, workspace, ENGINE, scorecard=CARD, policy=POLICY, clock=CLOCK)


def test_the_stored_workspace_and_the_double_tell_the_same_case(workspace: StoredWorkspace) -> None:
    double = MemoryWorkspace()
    stored_id, double_id = folder(workspace), folder(double)
    assess(workspace, stored_id)
    assess(double, double_id)
    stored, kept = show_case(stored_id, workspace), show_case(double_id, double)
    assert stored.facts == kept.facts
    assert stored.findings == kept.findings
    assert (stored.score, stored.policy) == (kept.score, kept.policy)


def test_twice_changes_nothing_and_corrections_come_back(workspace: StoredWorkspace) -> None:
    case_id = folder(workspace)
    assert assess(workspace, case_id) & Changes.FACTS
    assert assess(workspace, case_id) is Changes.NOTHING
    first = show_case(case_id, workspace)
    for typed in ("2000", "3100", "2000", "3100"):
        command = CorrectFact(case_id, "income.net_monthly_stated", typed, "by telephone")
        correct_fact(command, workspace, person="U. Writer", clock=CLOCK)
        assert assess(workspace, case_id) & Changes.FACTS
        assert assess(workspace, case_id) is Changes.NOTHING
        view = show_case(case_id, workspace)
        assert len({fact.name for fact in view.facts}) == len(view.facts)
    assert [(f.name, f.value) for f in view.facts] == [(f.name, f.value) for f in first.facts]
    assert view.policy is not None
    assert first.policy is not None
    assert view.policy.outcome == first.policy.outcome


def test_many_cases_in_batches(workspace: StoredWorkspace) -> None:
    ids = [add_stated_case(workspace, GOOD | {"request.amount": Decimal(1000 * n)}).id for n in range(1, 6)]
    assert assess_cases(ids, workspace, ENGINE, scorecard=CARD, policy=POLICY) & Changes.POLICY
    assert assess_cases(ids, workspace, ENGINE, scorecard=CARD, policy=POLICY) is Changes.NOTHING
    with workspace.read() as stores:
        assert {stores.cases.get(case_id).status for case_id in ids} == {Status.SCORED}


def test_a_referral_then_a_decline_with_the_proposed_reasons(workspace: StoredWorkspace) -> None:
    case_id = folder(workspace)
    assess(workspace, case_id)
    fact = show_case(case_id, workspace).named("debt.undisclosed_instalment")
    assert fact is not None
    confirm_fact(ConfirmFact(case_id, fact.id), workspace, person="U. Writer", clock=CLOCK)
    assess(workspace, case_id)
    proposed = tuple(reason.code for reason in propose_reasons(show_case(case_id, workspace), CATALOGUE, POLICY))
    assert proposed[:2] == ("C1-10", "CW-03")
    who: dict[str, Any] = {"signer_person": "U", "role": "underwriter", "policy": POLICY, "engine": ENGINE}
    refer = RecordDecision(case_id, Outcome.REFER, "Ask what Sofortkredit is.")
    decline = RecordDecision(case_id, Outcome.DECLINE, "A loan was not on the form.", reason_codes=proposed)
    for command in (refer, decline):
        record_decision(command, workspace, clock=CLOCK, **who)
    view = show_case(case_id, workspace)
    assert view.decision is not None
    assert tuple(reason.code for reason in view.decision.reasons) == proposed
    assert view.case.status is Status.DECIDED
    assert assess(workspace, case_id) is Changes.NOTHING


def test_a_challengers_disagreement_stays_through_assessments_while_it_is_true(workspace: StoredWorkspace) -> None:
    case_id = folder(workspace)
    assess(workspace, case_id)
    best = CARD.calibration.intercept + CARD.calibration.slope * CARD.maximum_points
    worst = CARD.calibration.intercept + CARD.calibration.slope * CARD.minimum_points
    grade = show_case(case_id, workspace).score.grade  # type: ignore[union-attr]
    model = SteadyChallenger(float(worst if grade in "AB" else best))
    assert shadow_case(case_id, workspace, model, scorecard=CARD) & Changes.FINDINGS
    shadowed = show_case(case_id, workspace)
    assert [f.stance for f in shadowed.findings if f.code == "score.challenger_disagrees"] == ["neutral"]
    assert assess(workspace, case_id) is Changes.NOTHING
    assert show_case(case_id, workspace).findings == shadowed.findings
    command = CorrectFact(case_id, "employment.seniority_years", "11", "by telephone")
    correct_fact(command, workspace, person="U. Writer", clock=CLOCK)
    assess(workspace, case_id)
    assert not [f for f in show_case(case_id, workspace).findings if f.code == "score.challenger_disagrees"]


def test_a_stored_challenger_comes_back_whole(workspace: StoredWorkspace) -> None:
    case_id = folder(workspace)
    assess(workspace, case_id)
    model = SteadyChallenger(1.25)
    keep_challenger(b"\x00model\xff", model, "ann", workspace, clock=CLOCK)
    keep_challenger(b"\x00model\xff", model, "ben", workspace, clock=CLOCK)
    shadow_case(case_id, workspace, model, scorecard=CARD)
    with workspace.read() as stores:
        assert [(each.sha256, each.person) for each in stores.challengers.kept()] == [(model.sha256, "ann")]
        assert stores.challengers.data(model.sha256) == b"\x00model\xff"
        with pytest.raises(InputError, match="keeps no challenger"):
            stores.challengers.data("0" * 64)
        shadow = stores.challengers.get(case_id)
        assert shadow is not None
        assert shadow.score == model.score({})
    with workspace.transaction() as stores:
        stores.challengers.remove(case_id)
    with workspace.read() as stores:
        assert stores.challengers.get(case_id) is None
